package kawi.json;

import java.nio.charset.CharacterCodingException;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.TokenStreamContext;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.core.exc.UnexpectedEndOfInputException;

/** Text that is not JSON. The message says where and what was expected, and quotes no more than a word of the text. */
public final class JsonException extends IllegalArgumentException {

    private static final long serialVersionUID = 1L;

    private static final int MAX_QUOTED = 20;

    private final String problem;
    private final int line;
    private final int column;

    JsonException(String problem, int line, int column, @Nullable Throwable cause) {
        super("line %d, column %d: %s".formatted(line, column, problem), cause);
        this.problem = problem;
        this.line = line;
        this.column = column;
    }

    /** What is wrong, without its place. */
    public String problem() {
        return problem;
    }

    /** The line, from 1 on. */
    public int line() {
        return line;
    }

    /** The column, from 1 on. */
    public int column() {
        return column;
    }

    /** Never null here. */
    @Override
    public String getMessage() {
        return String.valueOf(super.getMessage());
    }

    static IllegalStateException isNo(String expected, JsonValue found) {
        return new IllegalStateException("expected a %s, found %s".formatted(expected, found));
    }

    /**
     * What a parser of Jackson complains of.
     *
     * @param text all that it reads, or null where that is not at hand
     */
    public static JsonException of(JacksonException e, JsonParser parser, @Nullable String text) {
        return of(e, parser, text, false);
    }

    static JsonException of(JacksonException e, JsonParser parser, @Nullable String text, boolean inString) {
        TokenStreamLocation at = e.getLocation();
        if (at == null || at.getLineNr() <= 0) {
            at = parser.currentLocation();
        }
        int line = Math.max(1, at.getLineNr());
        int column = Math.max(1, at.getColumnNr());
        String problem = limit(e, parser, inString);
        long offset = at.getCharOffset();
        if (problem != null) {
            return new JsonException(problem, line, column, e);
        }
        if (text == null || offset < 0 || offset > text.length()) {
            return new JsonException("what stands there is not JSON", line, column, e);
        }
        int from = (int) offset;
        if (inString) {
            return new JsonException(found(text, from) + " cannot stand like this in a string", line, column, e);
        }
        while (from > 0 && isOfWord(text.charAt(from - 1))) {
            from--;
        }
        problem = "expected %s, found %s"
                .formatted(expected(parser, parser.streamReadContext(), text, from), found(text, from));
        return new JsonException(problem, line, Math.max(1, column - (int) offset + from), e);
    }

    private static boolean isOfWord(char c) {
        return Character.isLetterOrDigit(c) || c == '.' || c == '+' || c == '-';
    }

    /** What is wrong with all of the text rather than with a character of it, or null. */
    private static @Nullable String limit(JacksonException e, JsonParser parser, boolean inString) {
        TokenStreamContext context = parser.streamReadContext();
        if (e.getCause() instanceof CharacterCodingException) {
            return "the bytes are not UTF-8";
        }
        if (e instanceof StreamConstraintsException) {
            int limit = parser.streamReadConstraints().getMaxNestingDepth();
            return context.getNestingDepth() >= limit
                    ? "values are nested more than %d deep".formatted(limit)
                    : "a name, a string or the whole is longer than is supported";
        }
        if (e instanceof UnexpectedEndOfInputException) {
            return "the text ends inside "
                    + (inString
                            ? "a string"
                            : context.inObject() ? "an object" : context.inArray() ? "an array" : "a value");
        }
        return null;
    }

    /** The word or the character from {@code offset} on. */
    private static String found(String text, int offset) {
        if (offset == text.length()) {
            return "the end";
        }
        int end = offset;
        while (end < text.length() && isOfWord(text.charAt(end))) {
            end++;
        }
        if (end > offset) {
            return end - offset > MAX_QUOTED
                    ? "'%s...'".formatted(text.substring(offset, offset + MAX_QUOTED))
                    : "'%s'".formatted(text.substring(offset, end));
        }
        int c = text.codePointAt(offset);
        return Character.isISOControl(c) || Character.getType(c) == Character.SURROGATE
                ? "the character \\u%04x".formatted(c)
                : "'%s'".formatted(Character.toString(c));
    }

    private static String expected(JsonParser parser, TokenStreamContext context, String text, int offset) {
        int before = offset - 1;
        while (before >= 0 && Character.isWhitespace(text.charAt(before))) {
            before--;
        }
        char last = before < 0 ? ' ' : text.charAt(before);
        if (context.inObject()) {
            return parser.currentToken() == JsonToken.PROPERTY_NAME || last == ':'
                    ? (last == ':' ? "the value of a property" : "a colon after the name of a property")
                    : last == ',' || last == '{'
                            ? "the name of a property in double quotes"
                            : "a comma or the end of the object";
        }
        if (context.inArray()) {
            return last == ',' || last == '[' ? "a value" : "a comma or the end of the array";
        }
        return "a value";
    }
}
