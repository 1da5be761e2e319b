package kawi.constraint;

import java.util.Objects;
import kawi.regex.RegexException;

/**
 * Thrown if a schema, pattern, list of choices or tool has no grammar, or if no answer fits into a token budget. The
 * message gives what was found, what is possible, and the location: a JSON pointer in a schema, a column in a pattern.
 */
final class GrammarException extends IllegalArgumentException {

    private static final long serialVersionUID = 1L;

    GrammarException(String message) {
        super(message);
    }

    GrammarException(String message, Throwable cause) {
        super(message, cause);
    }

    /** Never null here. */
    @Override
    public String getMessage() {
        return Objects.requireNonNull(super.getMessage());
    }

    /** Untrusted text for use in a message: control characters escaped, truncated if long. */
    static String quote(String text) {
        return RegexException.quote(text);
    }
}
