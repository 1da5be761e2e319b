package kawi;

import org.jspecify.annotations.Nullable;

/**
 * A model's call of a tool cannot be used: it was malformed, or its arguments did not fit. A {@link Chat} has told the
 * model so, and it did not do better; a {@link Prompt}, which goes on with nothing by itself, has not.
 */
public final class ToolCallException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final String text;
    private final String reason;

    /**
     * An exception about a call.
     *
     * @param text the call as the model wrote it
     * @param reason what is wrong with it, in a sentence
     * @param cause what brought it about, or null
     */
    public ToolCallException(String text, String reason, @Nullable Throwable cause) {
        super("the model called a tool in a way that cannot be used: " + reason, cause);
        this.text = text;
        this.reason = reason;
    }

    /** The call as the model wrote it. */
    public String text() {
        return text;
    }

    /** What is wrong with it. */
    public String reason() {
        return reason;
    }
}
