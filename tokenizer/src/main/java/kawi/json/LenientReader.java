package kawi.json;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads JSON as models write it. A text is read if it is JSON, or if it can mean only one value:
 *
 * <pre>
 *    strings    "…" or '…', with raw line breaks and tabs; """…""" and \'\'\'…\'\'\'; the prefixes u and r of Python
 *    escapes    those of JSON and of Python: \\x41, \\U0001F600, \\a, \\v, \\0, \\', a backslash before a line break;
 *               before any other character a backslash is a backslash, as in Python, so that "\\d+" is a pattern
 *    words      true, false, null, True, False, None
 *    numbers    those of JSON, and with a leading +, without digits before or after the point
 *    arrays     […], the tuples (1, 2), (1,) and (), the set {1, 2}
 *    objects    {…}, and {{…}} as templates escape it; keys are strings, or numbers and words as Python's json writes
 *               them; (…) around a single value is that value
 *    commas     one may follow the last element
 * </pre>
 *
 * What could mean two things is refused: unquoted names, a missing comma, adjacent strings, octal escapes (which may be
 * the references of a replacement), numbers with leading zeros, and two values for one property.
 */
final class LenientReader {

    private static final Set<String> PREFIXES = Set.of("u", "U", "r", "R");

    /** The properties of an object that is being read. */
    private static final class Members {

        private final JsonObject.Builder object = JsonObject.builder();
        private final Map<String, JsonValue> values = new HashMap<>();

        /** Adds a property; returns the value that it had before, or null. */
        @Nullable JsonValue put(String name, JsonValue value) {
            object.put(name, value);
            return values.put(name, value);
        }
    }

    private final String text;
    private int at;
    private int depth;

    LenientReader(String text) {
        this.text = text;
    }

    /** The value that the whole text is. */
    JsonValue document() {
        space();
        if (at == text.length()) {
            throw problem("there is nothing");
        }
        var value = value();
        space();
        if (at < text.length()) {
            throw problem("the value has ended, but more follows");
        }
        return value;
    }

    private JsonValue value() {
        return switch (peek()) {
            case '{' -> braces();
            case '[' -> list(']');
            case '(' -> list(')');
            case '"', '\'' -> new JsonString(string(false));
            case '-', '+', '.', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9' -> number();
            default -> word();
        };
    }

    // ---- arrays and objects

    private void enter() {
        if (++depth > JsonSyntax.MAX_DEPTH) {
            throw problem("values are nested more than %d deep".formatted(JsonSyntax.MAX_DEPTH));
        }
    }

    /** A list or a tuple, or the value that parentheses surround. */
    private JsonValue list(char end) {
        enter();
        at++;
        var elements = new ArrayList<JsonValue>();
        boolean comma = elements(elements, end);
        depth--;
        return end == ')' && elements.size() == 1 && !comma ? elements.getFirst() : new JsonArray(elements);
    }

    /** Reads the other elements up to {@code end}; returns whether there is a comma after the last one. */
    private boolean elements(List<JsonValue> elements, char end) {
        boolean comma = !elements.isEmpty();
        for (space(); !skip(end); space()) {
            if (!elements.isEmpty() && !comma) {
                throw problem("expected a comma or '%c'".formatted(end));
            }
            elements.add(value());
            space();
            comma = skip(',');
        }
        return comma;
    }

    /** An object, an object in doubled braces, or a set. */
    private JsonValue braces() {
        enter();
        at++;
        boolean doubled = skip('{');
        space();
        var value = skip('}') ? JsonObject.empty() : setOrObject(doubled);
        if (doubled && !skip('}')) {
            throw problem("expected a second '}' as there are two at the beginning");
        }
        depth--;
        return value;
    }

    private JsonValue setOrObject(boolean doubled) {
        var first = value();
        space();
        if (doubled || peek() == ':') {
            return object(first);
        }
        if (first.isObject() || first.isArray()) {
            throw problem("expected a colon after the name of a property");
        }
        var elements = new ArrayList<JsonValue>(List.of(first));
        if (skip(',')) {
            elements(elements, '}');
        } else if (!skip('}')) {
            throw problem("expected a comma or the end");
        }
        return new JsonArray(elements);
    }

    /** Reads an object after the name of its first property. */
    private JsonObject object(JsonValue first) {
        var object = new Members();
        property(object, first);
        boolean comma = skip(',');
        for (space(); !skip('}'); space()) {
            if (!comma) {
                throw problem("expected a comma or the end of the object");
            }
            property(object, value());
            comma = skip(',');
        }
        return object.object.build();
    }

    private void property(Members object, JsonValue name) {
        space();
        if (name.isObject() || name.isArray() || !skip(':')) {
            throw problem("expected a colon after the name of a property");
        }
        space();
        int start = at;
        var key = name.isNull() ? "null" : name.asString();
        var value = value();
        var before = object.put(key, value);
        if (before != null && !before.equals(value)) {
            at = start;
            throw problem("a second value for the same property");
        }
        space();
    }

    // ---- words and numbers

    private JsonValue word() {
        int end = at;
        while (end < text.length() && Character.isLetterOrDigit(text.charAt(end))) {
            end++;
        }
        var word = text.substring(at, end);
        if (PREFIXES.contains(word) && end < text.length() && (text.charAt(end) == '"' || text.charAt(end) == '\'')) {
            at = end;
            return new JsonString(string(word.equalsIgnoreCase("r")));
        }
        var value = constant(word);
        if (value == null) {
            throw problem("expected a value");
        }
        at = end;
        return value;
    }

    private static @Nullable JsonValue constant(String word) {
        return switch (word) {
            case "true", "True" -> JsonBoolean.TRUE;
            case "false", "False" -> JsonBoolean.FALSE;
            case "null", "None" -> JsonNull.NULL;
            default -> null;
        };
    }

    private JsonValue number() {
        int start = at;
        while (at < text.length() && isOfNumber(at, start)) {
            at++;
        }
        var found = text.substring(start, at);
        if (found.length() > JsonSyntax.MAX_NUMBER_LENGTH) {
            at = start;
            throw problem("a number in it has more than %d characters".formatted(JsonSyntax.MAX_NUMBER_LENGTH));
        }
        int sign = found.startsWith("+") || found.startsWith("-") ? 1 : 0;
        int point = found.indexOf('.');
        boolean leadingZero =
                found.startsWith("0", sign) && found.length() > sign + 1 && isDigit(found.charAt(sign + 1));
        boolean follows = at < text.length() && Character.isJavaIdentifierPart(text.charAt(at));
        try {
            if (!leadingZero && !follows) {
                var value = new BigDecimal(found);
                boolean json = !found.startsWith("+")
                        && point != sign
                        && (point < 0 || (point + 1 < found.length() && isDigit(found.charAt(point + 1))));
                return json ? new JsonNumber(value, found) : JsonNumber.of(value);
            }
        } catch (NumberFormatException _) {
            // reported below
        }
        at = start;
        throw problem("expected a number");
    }

    private boolean isOfNumber(int index, int start) {
        char c = text.charAt(index);
        char before = index == start ? 'e' : text.charAt(index - 1);
        return isDigit(c)
                || c == '.'
                || ((c == 'e' || c == 'E') && index > start)
                || ((c == '+' || c == '-') && (before == 'e' || before == 'E'));
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    // ---- strings

    private String string(boolean raw) {
        char quote = text.charAt(at);
        var triple = String.valueOf(quote).repeat(3);
        var end = text.startsWith(triple, at) ? triple : String.valueOf(quote);
        at += end.length();
        var string = new StringBuilder();
        while (!text.startsWith(end, at)) {
            if (at >= text.length()) {
                throw problem("the text ends inside a string");
            }
            char c = text.charAt(at++);
            if (c != '\\' || at == text.length()) {
                string.append(c);
            } else if (raw) {
                string.append(c).append(text.charAt(at++));
            } else {
                escape(string);
            }
        }
        at += end.length();
        return string.toString();
    }

    /** Reads what follows a backslash. */
    private void escape(StringBuilder string) {
        char c = text.charAt(at++);
        switch (c) {
            case '"', '\'', '\\', '/' -> string.append(c);
            case 'b' -> string.append('\b');
            case 'f' -> string.append('\f');
            case 'n' -> string.append('\n');
            case 'r' -> string.append('\r');
            case 't' -> string.append('\t');
            case 'a' -> string.append('\u0007');
            case 'v' -> string.append('\u000b');
            case 'u' -> string.append((char) hex(4));
            case 'x' -> string.append((char) hex(2));
            case 'U' -> string.appendCodePoint(hex(8));
            case '\n' -> {
                // the line continues
            }
            case '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'N' -> {
                boolean zero = c == '0' && (at == text.length() || !isDigit(text.charAt(at)));
                if (!zero) {
                    at--;
                    throw problem("this escape can mean more than one thing");
                }
                string.append('\0');
            }
            default -> string.append('\\').append(c);
        }
    }

    private int hex(int digits) {
        long code = 0;
        for (int i = 0; i < digits; i++, at++) {
            int digit = at < text.length() ? Character.digit(text.charAt(at), 16) : -1;
            if (digit < 0) {
                throw problem("expected a hexadecimal digit");
            }
            code = code << 4 | digit;
        }
        if (code > Character.MAX_CODE_POINT) {
            throw problem("there is no such character");
        }
        return (int) code;
    }

    // ---- the text

    private char peek() {
        if (at == text.length()) {
            throw problem("the text ends inside a value");
        }
        return text.charAt(at);
    }

    private boolean skip(char c) {
        boolean there = at < text.length() && text.charAt(at) == c;
        if (there) {
            at++;
        }
        return there;
    }

    private void space() {
        while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
    }

    private JsonException problem(String problem) {
        var before = text.substring(0, Math.min(at, text.length()));
        int line = 1 + (int) before.chars().filter(c -> c == '\n').count();
        return new JsonException(problem, line, before.length() - before.lastIndexOf('\n'), null);
    }
}
