package kawi;

import org.jspecify.annotations.Nullable;

/**
 * An answer cannot be given as the type that was asked for: it is cut short, it does not fit, or a record refuses the values. In the last case
 * the record's own exception is the {@linkplain #getCause() cause}.
 */
public final class AnswerException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final String text;

    /**
     * An exception with the sentence {@code message} about the answer {@code text}.
     *
     * @param cause what brought it about, or null
     */
    public AnswerException(String message, String text, @Nullable Throwable cause) {
        super(message, cause);
        this.text = text;
    }

    /** The answer as the model wrote it. */
    public String text() {
        return text;
    }
}
