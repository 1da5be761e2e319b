package kawi.engine;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CancellationException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * Whose turn it is to compute: one forward pass of a model at a time, since all passes share its buffers, in the order
 * of arrival. A prompt is read in passes of a bounded number of tokens, so that others get their turn in between.
 *
 * <p>The turn is held for a pass, or for computing and copying logits, never around code of a user. Whoever waits for
 * it can be cancelled.
 */
final class PassQueue {

    /** How often somebody who waits asks whether he has been cancelled. */
    private static final long POLL_NANOS = 10_000_000;

    private final Deque<Waiting> queue = new ArrayDeque<>();
    private boolean taken;

    private static final class Waiting {
        private final Thread thread = Thread.currentThread();
        private volatile boolean granted;
    }

    /**
     * Waits for the turn; {@link #pass} gives it on.
     *
     * @param first whether to go before those who wait for a pass: for the logits of a pass that has just had its turn
     * @param cancelled asked while waiting
     * @throws CancellationException if {@code cancelled} answers true; the turn is not taken then
     */
    void take(boolean first, BooleanSupplier cancelled) {
        Waiting me;
        synchronized (this) {
            if (!taken) {
                taken = true;
                return;
            }
            me = new Waiting();
            if (first) {
                queue.addFirst(me);
            } else {
                queue.addLast(me);
            }
        }
        boolean interrupted = false;
        while (!me.granted) {
            if (cancelled.getAsBoolean() && leave(me)) {
                throw new CancellationException("cancelled while other sequences had their turn");
            }
            // An interrupt that does not cancel must not turn waiting into polling.
            interrupted |= Thread.interrupted();
            LockSupport.parkNanos(this, POLL_NANOS);
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** False if the turn has been granted meanwhile. */
    private synchronized boolean leave(Waiting me) {
        return queue.remove(me);
    }

    /** Gives the turn to the next. */
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
