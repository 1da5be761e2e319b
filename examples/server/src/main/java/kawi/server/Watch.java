package kawi.server;

import java.time.Duration;

/**
 * A time limit on what one thread is doing with its connection. While the limit is set and passes, the thread is
 * interrupted, which closes the channel or socket that it reads or writes.
 */
final class Watch {

    private final Thread thread;
    private boolean limited;
    private long deadline;
    private boolean expired;

    Watch(Thread thread) {
        this.thread = thread;
    }

    /** Sets the limit: what the thread does from now on may take this long. */
    synchronized void limit(Duration duration) {
        limited = true;
        deadline = System.nanoTime() + duration.toNanos();
    }

    /** Removes the limit. The thread is not interrupted after this method returns. */
    synchronized void unlimited() {
        limited = false;
    }

    /** Returns whether a limit has passed. The connection is then closed or will be at its next use. */
    synchronized boolean isExpired() {
        return expired;
    }

    /** Interrupts the thread if its limit has passed. */
    synchronized void check(long now) {
        if (limited && now - deadline >= 0) {
            abort();
        }
    }

    /** Interrupts the thread, as if a limit had passed. */
    synchronized void abort() {
        limited = false;
        expired = true;
        thread.interrupt();
    }
}
