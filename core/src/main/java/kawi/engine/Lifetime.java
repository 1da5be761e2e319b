package kawi.engine;

import java.util.concurrent.CountDownLatch;

/**
 * How long the memory of a model lives: until {@link #close}, and until whoever uses it then has left.
 *
 * <p>A use is a step: one pass, one copy of a state. It never includes code of a user, so closing waits for nothing
 * that a user does, and may be called from anywhere, listeners included.
 */
final class Lifetime {

    private final String name;
    private final CountDownLatch freed = new CountDownLatch(1);
    private int uses;
    private volatile boolean closing;

    /** @param name of the model, for messages */
    Lifetime(String name) {
        this.name = name;
    }

    /**
     * Keeps the memory until {@link #leave}.
     *
     * @throws ClosedException if the model is closed
     */
    void enter() {
        if (!tryEnter()) {
            throw closed();
        }
    }

    /** The same; false if the model is closed. */
    synchronized boolean tryEnter() {
        if (!closing) {
            uses++;
        }
        return !closing;
    }

    synchronized void leave() {
        uses--;
        notifyAll();
    }

    /** Whether the model has been closed; steps under way ask this and end early. */
    boolean closing() {
        return closing;
    }

    /** @throws ClosedException if the model is closed */
    void checkOpen() {
        if (closing) {
            throw closed();
        }
    }

    private ClosedException closed() {
        return new ClosedException("model " + name + " is closed", null);
    }

    /**
     * Lets nobody enter any more, waits until everybody has left, and frees. A second call waits until the first has
     * freed everything. The wait is that for a step to notice, so an interrupt does not cut it short; the interrupt
     * status survives.
     */
    void close(Runnable free) {
        boolean interrupted = false;
        boolean first;
        synchronized (this) {
            first = !closing;
            closing = true;
            while (first && uses > 0) {
                try {
                    wait();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        }
        if (first) {
            try {
                free.run();
            } finally {
                freed.countDown();
            }
        }
        while (freed.getCount() > 0) {
            try {
                freed.await();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
