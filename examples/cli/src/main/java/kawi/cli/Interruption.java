package kawi.cli;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import kawi.Cancellation;

/**
 * Lets an answer end in good order when the user presses Ctrl-C. The JVM then runs this as a shutdown hook, which
 * cancels the answer and holds the process back until it has been {@linkplain #close closed}; the exit code, 130, is
 * the JVM's own.
 */
final class Interruption implements AutoCloseable {

    /** One token of a large model may take a second or two. */
    private static final long PATIENCE_SECONDS = 5;

    private final Cancellation cancellation = new Cancellation();
    private final CountDownLatch ended = new CountDownLatch(1);
    private final Thread hook = new Thread(this::interrupt, "kawi-interruption");

    Interruption() {
        try {
            Runtime.getRuntime().addShutdownHook(hook);
        } catch (IllegalStateException e) {
            cancellation.cancel(); // The shutdown has begun.
        }
    }

    /** What the answer must be cancelled with. */
    Cancellation cancellation() {
        return cancellation;
    }

    private void interrupt() {
        cancellation.cancel();
        try {
            boolean inTime = ended.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
            if (!inTime) {
                System.err.println("kawi: the answer did not end in time");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Says that everything has been written. */
    @Override
    public void close() {
        ended.countDown();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The shutdown has begun, and the hook with it.
        }
    }
}
