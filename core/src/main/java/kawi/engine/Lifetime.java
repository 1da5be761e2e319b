package kawi.engine;

import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import kawi.ClosedException;

/**
 * The lifetime of a model's memory, which ends when {@link #close} has been called and all uses have ended.
 *
 * <p>A use is a step: one pass, one copy of a state. It never includes user code, so closing never waits for user code
 * and may be called from anywhere, including listeners.
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
     * Begins a use, which keeps the memory until {@link #leave}.
     *
     * @throws ClosedException if the model is closed
     */
    void enter() {
        if (!tryEnter()) {
            throw closed();
        }
    }

    /** Begins a use; returns false if the model is closed. */
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

    /** Whether the model has been closed; steps in progress check this and end early. */
    boolean closing() {
        return closing;
    }

    /** @throws ClosedException if the model is closed */
    void checkOpen() {
        if (closing) {
            throw closed();
        }
    }

    /**
     * Checks, between the pieces of longer work, whether to continue.
     *
     * @throws ClosedException if the model is closed
     * @throws CancellationException if the thread is interrupted
     */
    void checkContinues() {
        checkOpen();
        if (Thread.currentThread().isInterrupted()) {
            throw new CancellationException("interrupted");
        }
    }

    private ClosedException closed() {
        return new ClosedException("model " + name + " is closed", null);
    }

    /**
     * Prevents further uses, waits until all uses have ended, and frees the memory. A second call waits until the first
     * has freed everything. The wait lasts no longer than a step needs to be cancelled, so interrupts do not end it;
     * the interrupt status is preserved.
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
