package kawi.server;

import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Runs the exchanges of an HTTP server, each on a virtual thread. The server hands an exchange over before it has read
 * the header of the request, so this is where the time in which a request must arrive begins, and where the number of
 * requests is limited: an exchange beyond the limit is refused, whereupon the server closes its connection.
 */
final class RequestThreads implements Executor {

    private static final ScopedValue<Watch> WATCH = ScopedValue.newInstance();

    private final Watchdog watchdog;
    private final Duration receiveTime;
    private final int limit;
    private final AtomicInteger active = new AtomicInteger();
    private final AtomicLong refused = new AtomicLong();

    RequestThreads(Watchdog watchdog, Duration receiveTime, int limit) {
        this.watchdog = watchdog;
        this.receiveTime = receiveTime;
        this.limit = limit;
    }

    /** Returns the watch over the current thread, which runs an exchange. */
    static Watch watch() {
        return WATCH.get();
    }

    @Override
    public void execute(Runnable exchange) {
        if (active.incrementAndGet() > limit) {
            active.decrementAndGet();
            refused.incrementAndGet();
            throw new RejectedExecutionException("%d requests are being processed already".formatted(limit));
        }
        Thread.ofVirtual().name("kawi-request").start(() -> run(exchange));
    }

    private void run(Runnable exchange) {
        Watch watch = watchdog.add();
        try {
            watch.limit(receiveTime);
            ScopedValue.where(WATCH, watch).run(exchange);
        } finally {
            watchdog.remove(watch);
            active.decrementAndGet();
        }
    }

    /** Returns the number of exchanges that are running. */
    int active() {
        return active.get();
    }

    /** Returns the number of exchanges that have been refused. */
    long refused() {
        return refused.get();
    }
}
