package kawi.cli;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads one JSON document (RFC 8259). What is wrong with it is reported in a sentence with the line and the column,
 * both counted from 1.
 */
final class JsonReader {

    private static final int MAX_DEPTH = 500;
    private static final int MAX_NUMBER = 1000;
    private static final Pattern NUMBER = Pattern.compile("-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][+-]?[0-9]+)?");
    private static final Map<String, @Nullable Object> WORDS = words();

    private final String text;
    private final String source;
    private int at;
    private int depth;

    /** @param source the name of the document, for messages */
    JsonReader(String text, String source) {
        this.text = text;
        this.source = source;
    }

    private static Map<String, @Nullable Object> words() {
        Map<String, @Nullable Object> words = new LinkedHashMap<>();
        words.put("true", true);
        words.put("false", false);
        words.put("null", null);
        return words;
    }

    /**
     * Reads the document.
     *
     * @throws IllegalArgumentException if it is not JSON
     */
    @Nullable Object read() {
        skipBlanks();
        if (at == text.length()) {
            throw new IllegalArgumentException(source + " is not JSON: it is empty");
        }
        Object value = value();
        skipBlanks();
        if (at < text.length()) {
            throw wrong("there is text after the end of the value");
        }
        return value;
    }

    private @Nullable Object value() {
        skipBlanks();
        if (at == text.length()) {
            throw wrong("a value was expected, but the text ends");
        }
        char first = text.charAt(at);
        return switch (first) {
            case '{' -> object();
            case '[' -> array();
            case '"' -> string();
            default -> first == '-' || (first >= '0' && first <= '9') ? number() : word();
        };
    }

    private Map<String, @Nullable Object> object() {
        Map<String, @Nullable Object> object = new LinkedHashMap<>();
        enter();
        if (!skip('}')) {
            do {
                skipBlanks();
                if (at == text.length() || text.charAt(at) != '"') {
                    throw wrong("a name in quotation marks was expected");
                }
                String name = string();
                expect(':', "a colon after the name");
                object.put(name, value());
            } while (skip(','));
            expect('}', "a comma or } after the member");
        }
        depth--;
        return object;
    }

    private List<@Nullable Object> array() {
        List<@Nullable Object> array = new ArrayList<>();
        enter();
        if (!skip(']')) {
            do {
                array.add(value());
            } while (skip(','));
            expect(']', "a comma or ] after the element");
        }
        depth--;
        return array;
    }

    private void enter() {
        if (++depth > MAX_DEPTH) {
            throw wrong("it is nested more than %d levels deep".formatted(MAX_DEPTH));
        }
        at++;
    }

    private Object number() {
        Matcher number = NUMBER.matcher(text).region(at, text.length());
        if (!number.lookingAt() || (number.end() < text.length() && isPartOfWord(text.charAt(number.end())))) {
            throw wrong("\"%s\" is not a number".formatted(excerpt()));
        }
        if (number.end() - at > MAX_NUMBER) {
            throw wrong("the number has more than %d characters".formatted(MAX_NUMBER));
        }
        at = number.end();
        if (number.group(2) != null || number.group(3) != null) {
            return Double.parseDouble(number.group());
        }
        BigInteger integer = new BigInteger(number.group());
        return integer.bitLength() < Integer.SIZE
                ? (Object) integer.intValue()
                : integer.bitLength() < Long.SIZE ? (Object) integer.longValue() : integer;
    }

    private @Nullable Object word() {
        String word = excerpt();
        if (!WORDS.containsKey(word)) {
            throw wrong(
                    word.isEmpty()
                            ? "a value was expected, but '%s' was found".formatted(text.charAt(at))
                            : "\"%s\" is not a value; strings are written in quotation marks".formatted(word));
        }
        at += word.length();
        return WORDS.get(word);
    }

    /** Returns the characters up to the end of a word or a number, or the first of them. */
    private String excerpt() {
        int end = at;
        while (end < text.length() && isPartOfWord(text.charAt(end))) {
            end++;
        }
        return Texts.shortened(text.substring(at, end));
    }

    private static boolean isPartOfWord(char c) {
        return Character.isLetterOrDigit(c) || "+-._".indexOf(c) >= 0;
    }

    private String string() {
        int start = at++;
        StringBuilder string = new StringBuilder();
        while (at < text.length() && text.charAt(at) != '"') {
            char c = text.charAt(at);
            if (c < ' ') {
                throw wrong(
                        "a string contains a control character, which must be written as \\u%04x".formatted((int) c));
            }
            if (c == '\\') {
                string.append(escaped());
            } else {
                string.append(c);
                at++;
            }
        }
        if (at == text.length()) {
            at = start;
            throw wrong("the string that begins here has no end");
        }
        at++;
        return string.toString();
    }

    private char escaped() {
        char kind = at + 1 < text.length() ? text.charAt(at + 1) : ' ';
        int plain = "\"\\/bfnrt".indexOf(kind);
        if (plain >= 0) {
            at += 2;
            return "\"\\/\b\f\n\r\t".charAt(plain);
        }
        String digits = text.substring(Math.min(at + 2, text.length()), Math.min(at + 6, text.length()));
        if (kind != 'u' || !digits.matches("[0-9a-fA-F]{4}")) {
            throw wrong("\"%s\" is not an escape sequence of JSON"
                    .formatted(text.substring(at, Math.min(at + 2, text.length()))));
        }
        at += 6;
        return (char) Integer.parseInt(digits, 16);
    }

    private void expect(char c, String what) {
        if (!skip(c)) {
            throw wrong(what + " was expected" + (at == text.length() ? ", but the text ends" : ""));
        }
    }

    private boolean skip(char c) {
        skipBlanks();
        boolean there = at < text.length() && text.charAt(at) == c;
        at += there ? 1 : 0;
        return there;
    }

    private void skipBlanks() {
        while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
    }

    private IllegalArgumentException wrong(String what) {
        String before = text.substring(0, at);
        int line = (int) before.chars().filter(c -> c == '\n').count() + 1;
        int column = before.codePointCount(before.lastIndexOf('\n') + 1, at) + 1;
        return new IllegalArgumentException(
                "%s is not JSON: line %d, column %d: %s".formatted(source, line, column, what));
    }
}
