package kawi.hub;

import java.time.Duration;

/**
 * How downloads are divided among connections, retried and timed out.
 *
 * @param connections the number of simultaneous connections for one file
 * @param partBytes the size of a part, fetched by one connection; larger if there would be too many parts
 * @param attempts the number of consecutive attempts that may fail without a byte of progress
 * @param firstDelay the delay before the second attempt; doubled before each further one
 * @param longestDelay the maximum delay that a server may request with {@code Retry-After}
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

    /** The policy for the Internet. */
    static final DownloadPolicy USUAL = new DownloadPolicy(
            4, 16L << 20, 6, Duration.ofMillis(500), Duration.ofMinutes(2), Duration.ofSeconds(30), Thread::sleep);
}
