package kawi.regex;

import java.util.Objects;

/** Thrown for a text that is not a regular expression. The message has the pattern, the column and what was found. */
public sealed class RegexException extends IllegalArgumentException permits UnsupportedRegexException {

    private static final long serialVersionUID = 1L;

    private static final int QUOTED_LENGTH = 60;

    RegexException(String message) {
        super(message);
    }

    /** Never null here. */
    @Override
    public String getMessage() {
        return Objects.requireNonNull(super.getMessage());
    }

    /** The message for a fault at {@code index} of {@code regex}. */
    static String message(String regex, int index, String why) {
        return "pattern %s, column %d: %s".formatted(quote(regex), index + 1, why);
    }

    /** Untrusted text for use in a message: control characters escaped, truncated if long. */
    public static String quote(String text) {
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
