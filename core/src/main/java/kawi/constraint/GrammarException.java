package kawi.constraint;

import java.util.Objects;

/**
 * Thrown if a schema, pattern, list of choices or tool has no grammar, or if no answer fits into a token budget. The
 * message gives what was found, what is possible, and the location: a JSON pointer in a schema, a column in a pattern.
 */
final class GrammarException extends IllegalArgumentException {

    private static final long serialVersionUID = 1L;

    private static final int QUOTED_LENGTH = 60;

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
        var quoted = new StringBuilder();
        text.codePoints().limit(QUOTED_LENGTH).forEach(c -> {
            if (Character.isISOControl(c) || Character.getType(c) == Character.SURROGATE) {
                quoted.append(String.format("\\u%04x", c));
            } else {
                quoted.appendCodePoint(c);
            }
        });
        return text.codePointCount(0, text.length()) > QUOTED_LENGTH ? quoted + "..." : quoted.toString();
    }
}
