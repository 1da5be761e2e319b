package kawi.schema;

import org.jspecify.annotations.Nullable;

/** JSON from a model does not fit what was asked for; the message is a sentence that the model can act on. */
public final class MismatchException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    MismatchException(String message) {
        this(message, null);
    }

    MismatchException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    /** The same, about {@code what}. */
    public MismatchException in(String what) {
        return new MismatchException("%s does not fit: %s".formatted(what, getMessage()), getCause());
    }
}
