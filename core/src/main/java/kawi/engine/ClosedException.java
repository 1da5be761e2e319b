package kawi.engine;

import org.jspecify.annotations.Nullable;

/**
 * A model, a conversation or a sequence was closed before it was used or while it was in use. Callers see the
 * {@link IllegalStateException}; an answer under way ends as a cancelled one.
 */
final class ClosedException extends IllegalStateException {

    private static final long serialVersionUID = 1L;

    ClosedException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
