package kawi.schema;

import org.jspecify.annotations.Nullable;

/** Thrown if JSON from a model does not have the requested form; the message tells the model how to correct it. */
public final class MismatchException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    MismatchException(String message) {
        this(message, null);
    }

    MismatchException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    /** The same failure, with {@code what} as its subject. */
    public MismatchException in(String what) {
        return new MismatchException("%s does not fit: %s".formatted(what, getMessage()), getCause());
    }
}
