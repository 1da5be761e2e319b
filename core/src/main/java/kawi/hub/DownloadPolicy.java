package kawi.hub;

import java.time.Duration;

/**
 * How downloads are divided among connections, retried and timed out.
 *
 * @param connections at the same time, for one file
 * @param partBytes the size of a part, fetched by one connection; larger where there would be too many parts
 * @param attempts in a row that may fail without a byte of progress
 * @param firstDelay before the second attempt; doubled before each further one
 * @param longestDelay the most that a server may ask to wait with {@code Retry-After}
 * @param silence how long a connection may be idle before it counts as lost
 * @param sleeper sleeps between attempts
 */
record DownloadPolicy(
        int connections,
        long partBytes,
        int attempts,
        Duration firstDelay,
        Duration longestDelay,
        Duration silence,
        Sleeper sleeper) {

    @FunctionalInterface
    interface Sleeper {
        void sleep(Duration time) throws InterruptedException;
    }

    /** For the Internet. */
    static final DownloadPolicy USUAL = new DownloadPolicy(
            4, 16L << 20, 6, Duration.ofMillis(500), Duration.ofMinutes(2), Duration.ofSeconds(30), Thread::sleep);
}
