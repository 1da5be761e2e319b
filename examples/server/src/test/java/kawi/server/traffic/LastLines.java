package kawi.server.traffic;

import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/** The last lines of a server's log, which say what became of a request that a client reports as failed. */
final class LastLines implements Consumer<String> {

    private static final int MAX_LINES = 1000;
    /** The line of a request is written after its response. */
    private static final long WAIT_NANOS = TimeUnit.SECONDS.toNanos(5);

    private static final long PAUSE_NANOS = 10_000_000;

    private final ConcurrentLinkedDeque<String> lines = new ConcurrentLinkedDeque<>();
    private final AtomicInteger count = new AtomicInteger();

    @Override
    public void accept(String line) {
        lines.addFirst(line);
        if (count.incrementAndGet() > MAX_LINES) {
            lines.removeLast();
            count.decrementAndGet();
        }
    }

    /** Returns the line of a request, waiting for it for a while. */
    String of(String requestId) {
        long end = System.nanoTime() + WAIT_NANOS;
        do {
            for (String line : lines) {
                if (line.startsWith(requestId + " ")) {
                    return line;
                }
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        } while (System.nanoTime() < end);
        return "the server has no line for " + requestId;
    }
}
