package kawi.engine;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CancellationException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * The queue of forward passes. A model executes one pass at a time, since all passes share its buffers, in the order of
 * arrival. A prompt is processed in passes of a bounded number of tokens, so that other sequences can run in between.
 *
 * <p>The turn is held for a pass, or for computing and copying logits, never while user code runs. Waiting for it can
 * be cancelled.
 */
final class PassQueue {

    /** The interval at which a waiting thread checks whether it has been cancelled. */
    private static final long POLL_NANOS = 10_000_000;

    private final Deque<Waiting> queue = new ArrayDeque<>();
    private boolean taken;

    private static final class Waiting {
        private final Thread thread = Thread.currentThread();
        private volatile boolean granted;
    }

    /**
     * Waits for the turn, which {@link #pass} passes on.
     *
     * @param first whether to precede threads that wait for a pass: for the logits of a pass that has just run
     * @param cancelled queried while waiting
     * @throws CancellationException if {@code cancelled} returns true; the turn is not taken then
     */
    void take(boolean first, BooleanSupplier cancelled) {
        Waiting waiting;
        synchronized (this) {
            if (!taken) {
                taken = true;
                return;
            }
            waiting = new Waiting();
            if (first) {
                queue.addFirst(waiting);
            } else {
                queue.addLast(waiting);
            }
        }
        boolean interrupted = false;
        while (!waiting.granted) {
            if (cancelled.getAsBoolean() && leave(waiting)) {
                throw new CancellationException("cancelled while other sequences had their turn");
            }
            // Clears the interrupt status, which is restored later, so that parking does not return at once.
            interrupted |= Thread.interrupted();
            LockSupport.parkNanos(this, POLL_NANOS);
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Removes a waiting thread. Returns false if its turn has been granted in the meantime. */
    private synchronized boolean leave(Waiting waiting) {
        return queue.remove(waiting);
    }

    /** Passes the turn to the next waiting thread. */
    void pass() {
        Waiting next;
        synchronized (this) {
            next = queue.poll();
            if (next == null) {
                taken = false;
                return;
            }
            next.granted = true;
        }
        LockSupport.unpark(next.thread);
    }
}
