package kawi.server;

import java.time.Duration;
import java.util.Map;

/**
 * Limits the number of answers. Requests beyond the limit are refused at once, with the time after which an attempt is
 * worthwhile: until then, about one answer should have ended.
 */
final class Admission {

    private static final int MAX_RETRY_SECONDS = 60;
    /** The weight of the latest answer in the mean. */
    private static final double WEIGHT = 0.2;

    private final int limit;
    private int admitted;
    private long refused;
    private double meanSeconds = 1;

    Admission(int limit) {
        this.limit = limit;
    }

    /** Admits an answer, which must {@link #leave}. */
    synchronized void enter() throws Refusal {
        check();
        admitted++;
    }

    /** Refuses an answer that would not be admitted now. */
    synchronized void check() throws Refusal {
        if (admitted == limit) {
            refused++;
            throw new Refusal(
                    429,
                    "server_busy",
                    "the server generates %d answers already, which is its limit; try again later".formatted(limit),
                    Map.of("Retry-After", Integer.toString(retrySeconds())));
        }
    }

    /** Returns after how many seconds an attempt is worthwhile. */
    synchronized int retrySeconds() {
        return (int) Math.clamp(Math.ceil(meanSeconds), 1, MAX_RETRY_SECONDS);
    }

    /** Ends an admitted answer, which took this long. */
    synchronized void leave(Duration time) {
        admitted--;
        meanSeconds += WEIGHT * (time.toNanos() / 1e9 - meanSeconds);
    }

    /** Returns the number of admitted answers. */
    synchronized int admitted() {
        return admitted;
    }

    /** Returns the number of refused answers. */
    synchronized long refused() {
        return refused;
    }
}
