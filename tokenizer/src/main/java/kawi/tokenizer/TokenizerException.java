package kawi.tokenizer;

import java.util.Objects;

/**
 * Thrown when a tokenizer file is invalid or requires an unsupported feature, or when text cannot be encoded because
 * the vocabulary has no token for a byte. The message names the file, the key, and what was expected.
 */
public final class TokenizerException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private static final int QUOTED_LENGTH = 48;

    public TokenizerException(String message) {
        super(message);
    }

    TokenizerException(String message, Throwable cause) {
        super(message, cause);
    }

    /** Returns the message, which is never null. */
    @Override
    public String getMessage() {
        return Objects.requireNonNull(super.getMessage());
    }

    /** Formats text from a file for a message: quoted, with control characters escaped, and truncated if long. */
    static String quote(String text) {
        var quoted = new StringBuilder().append('"');
        text.codePoints().limit(QUOTED_LENGTH).forEach(c -> {
            if (Character.isISOControl(c) || Character.getType(c) == Character.SURROGATE) {
                quoted.append(String.format("\\u%04x", c));
            } else {
                quoted.appendCodePoint(c);
            }
        });
        quoted.append('"');
        if (text.length() > QUOTED_LENGTH && text.codePointCount(0, text.length()) > QUOTED_LENGTH) {
            quoted.append("... (").append(text.length()).append(" characters)");
        }
        return quoted.toString();
    }
}
