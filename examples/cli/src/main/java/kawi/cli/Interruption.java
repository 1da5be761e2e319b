package kawi.cli;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import kawi.Cancellation;

/**
 * Ends an answer properly when the user presses Ctrl-C. The JVM then runs a shutdown hook, which cancels the answer and
 * delays the end of the process until this object is {@linkplain #close closed}. The exit code, 130, is set by the JVM.
 */
final class Interruption implements AutoCloseable {

    /** One token of a large model may take two seconds. */
    private static final long TIMEOUT_SECONDS = 5;

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

    /** Returns the handle that the answer must use. */
    Cancellation cancellation() {
        return cancellation;
    }

    private void interrupt() {
        cancellation.cancel();
        try {
            boolean inTime = ended.await(TIMEOUT_SECONDS, TimeUnit.SECONDS);
            if (!inTime) {
                System.err.println("kawi: the answer could not be stopped in time");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Signals that everything has been written. */
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
