package kawi.hub;

import java.io.IOException;
import java.time.Duration;

/** Delays between the attempts at one operation, longer each time, up to a number of attempts. */
final class Backoff {

    private final DownloadPolicy policy;
    private int failures;

    Backoff(DownloadPolicy policy) {
        this.policy = policy;
    }

    /** The server is temporarily unavailable. */
    static final class Unavailable extends IOException {

        private static final long serialVersionUID = 1L;

        private final transient Duration wait;

        /** @param wait the delay that the server requests, zero if none */
        Unavailable(String message, Duration wait) {
            super(message);
            this.wait = wait;
        }
    }

    /** Resets the number of failures, after an attempt that made progress. */
    void succeeded() {
        failures = 0;
    }

    /**
     * Waits after a failure.
     *
     * @throws IOException the failure, after the last attempt
     */
    void failed(IOException failure) throws IOException, InterruptedException {
        failures++;
        if (failures >= policy.attempts()) {
            throw failure;
        }
        Duration delay = policy.firstDelay().multipliedBy(1L << Math.min(failures - 1, 10));
        if (failure instanceof Unavailable unavailable && unavailable.wait.isPositive()) {
            if (unavailable.wait.compareTo(policy.longestDelay()) > 0) {
                throw new IOException(
                        "%s and requests a delay of %d s; try again after that"
                                .formatted(failure.getMessage(), unavailable.wait.toSeconds()),
                        failure);
            }
            delay = unavailable.wait;
        }
        policy.sleeper().sleep(delay.compareTo(policy.longestDelay()) > 0 ? policy.longestDelay() : delay);
    }
}
