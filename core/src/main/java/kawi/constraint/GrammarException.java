package kawi.constraint;

import java.util.Objects;

/**
 * A schema, pattern, list of choices or tool that no grammar can be made of, or a token budget that no answer fits in.
 * The message says what was found, what is possible, and where: a JSON pointer in a schema, a column in a pattern.
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

    /** Text from outside as it may stand in a message: control characters escaped, cut when long. */
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
