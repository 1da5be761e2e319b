package kawi;

import org.jspecify.annotations.Nullable;

/**
 * Thrown when an answer cannot be converted to the requested type: it is incomplete, it does not fit the type, or the
 * constructor of a record rejects the values. In the last case, the exception of the constructor is the {@linkplain
 * #getCause() cause}.
 */
public final class AnswerException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final String text;

    /**
     * Creates an exception.
     *
     * @param text the answer as the model wrote it
     * @param cause the cause, or null
     */
    public AnswerException(String message, String text, @Nullable Throwable cause) {
        super(message, cause);
        this.text = text;
    }

    /** Returns the answer as the model wrote it. */
    public String text() {
        return text;
    }
}
