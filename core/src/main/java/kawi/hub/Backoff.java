package kawi.hub;

import java.io.IOException;
import java.time.Duration;

/** Waits between attempts at one thing, longer each time, until there have been too many. */
final class Backoff {

    private final DownloadPolicy policy;
    private int failures;

    Backoff(DownloadPolicy policy) {
        this.policy = policy;
    }

    /** A server cannot answer for now. */
    static final class Unavailable extends IOException {

        private static final long serialVersionUID = 1L;

        private final transient Duration wait;

        /** @param wait what the server asks for, zero if it does not say */
        Unavailable(String message, Duration wait) {
            super(message);
            this.wait = wait;
        }
    }

    /** Forgets earlier failures: something has come of an attempt. */
    void succeeded() {
        failures = 0;
    }

    /**
     * Waits after a failure.
     *
     * @throws IOException the failure, if nothing is left to try
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
                        "%s and asks to wait %d s; try again then"
                                .formatted(failure.getMessage(), unavailable.wait.toSeconds()),
                        failure);
            }
            delay = unavailable.wait;
        }
        policy.sleeper().sleep(delay.compareTo(policy.longestDelay()) > 0 ? policy.longestDelay() : delay);
    }
}
