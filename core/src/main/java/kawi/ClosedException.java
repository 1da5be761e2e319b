package kawi;

import org.jspecify.annotations.Nullable;

/** A model, a conversation or a sequence was closed before it was used, or while it was in use. */
public final class ClosedException extends IllegalStateException {

    private static final long serialVersionUID = 1L;

    /** Creates an exception. */
    public ClosedException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
