package kawi.engine;

import org.jspecify.annotations.Nullable;

/**
 * A model, a conversation or a sequence was closed before it was used or while it was in use. It is documented for
 * callers as {@link IllegalStateException}; an answer in progress ends as cancelled.
 */
final class ClosedException extends IllegalStateException {

    private static final long serialVersionUID = 1L;

    ClosedException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
