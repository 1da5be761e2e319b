package kawi;

import java.time.Duration;

/**
 * Thrown when an answer is not begun because the model is busy: a limit of {@link ModelLoader#concurrency} has been
 * reached, and either too many callers wait already or {@link AnswerOptions#maxWait} has passed. Nothing has been
 * computed; the same call may succeed later.
 */
public final class BusyException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final Duration retryAfter;

    /** Creates an exception; {@code retryAfter} is the time after which another attempt is sensible. */
    public BusyException(String message, Duration retryAfter) {
        super(message);
        this.retryAfter = retryAfter;
    }

    /**
     * Returns an estimate of the time after which a place is free, from the duration of recent answers; at least one
     * second.
     */
    public Duration retryAfter() {
        return retryAfter;
    }
}
