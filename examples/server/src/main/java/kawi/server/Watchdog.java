package kawi.server;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;

/**
 * Checks the {@linkplain Watch time limits} of all connections. It has a platform thread of its own, because virtual
 * threads share the processors with whatever else computes in them.
 */
final class Watchdog implements AutoCloseable {

    private static final long INTERVAL_NANOS = 50_000_000;

    private final Set<Watch> watches = ConcurrentHashMap.newKeySet();
    private final Thread thread;
    private volatile boolean closed;

    Watchdog() {
        thread = Thread.ofPlatform().daemon().name("kawi-server-watchdog").start(this::run);
    }

    /** Returns a watch over the current thread, which must be {@linkplain #remove removed}. */
    Watch add() {
        Watch watch = new Watch(Thread.currentThread());
        boolean first = watches.isEmpty();
        watches.add(watch);
        if (first) {
            LockSupport.unpark(thread);
        }
        return watch;
    }

    void remove(Watch watch) {
        watch.unlimited();
        watches.remove(watch);
    }

    private void run() {
        while (!closed) {
            long now = System.nanoTime();
            watches.forEach(watch -> watch.check(now));
            if (watches.isEmpty()) {
                LockSupport.park(this);
            } else {
                LockSupport.parkNanos(this, INTERVAL_NANOS);
            }
        }
    }

    @Override
    public void close() {
        closed = true;
        LockSupport.unpark(thread);
    }
}
