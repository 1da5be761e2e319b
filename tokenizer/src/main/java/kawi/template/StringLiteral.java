package kawi.template;

/** String literals in tags, with Python's escapes. An unknown escape is preserved, including the backslash. */
final class StringLiteral {

    private StringLiteral() {}

    /** Returns the offset after the string literal that starts at {@code start}. */
    static int end(Source source, int start) {
        var text = source.text();
        char quote = text.charAt(start);
        for (int i = start + 1; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '\\') {
                i++;
            } else if (c == quote) {
                return i + 1;
            }
        }
        throw source.error(start, "the string is not closed by " + quote);
    }

    /** Returns the value of the literal from {@code start} to {@code end}. */
    static String value(Source source, int start, int end) {
        var text = source.text();
        int last = end - 1;
        int backslash = text.indexOf('\\', start);
        if (backslash < 0 || backslash >= last) {
            return text.substring(start + 1, last);
        }
        var value = new StringBuilder(end - start);
        int i = start + 1;
        while (i < last) {
            char c = text.charAt(i);
            if (c != '\\') {
                value.append(c);
                i++;
                continue;
            }
            char escape = text.charAt(i + 1);
            switch (escape) {
                case '\n' -> i += 2;
                case '\\', '\'', '"' -> i = simple(value, escape, i);
                case 'a' -> i = simple(value, '\u0007', i);
                case 'b' -> i = simple(value, '\b', i);
                case 'f' -> i = simple(value, '\f', i);
                case 'n' -> i = simple(value, '\n', i);
                case 'r' -> i = simple(value, '\r', i);
                case 't' -> i = simple(value, '\t', i);
                case 'v' -> i = simple(value, '\u000B', i);
                case 'x' -> i = hexadecimal(source, value, i, 2, last);
                case 'u' -> i = hexadecimal(source, value, i, 4, last);
                case 'U' -> i = hexadecimal(source, value, i, 8, last);
                case 'N' -> i = named(source, value, i, last);
                case '0', '1', '2', '3', '4', '5', '6', '7' -> i = octal(text, value, i, last);
                default -> i = unknown(text, value, i);
            }
        }
        return value.toString();
    }

    private static int simple(StringBuilder value, char c, int backslash) {
        value.append(c);
        return backslash + 2;
    }

    private static int hexadecimal(Source source, StringBuilder value, int backslash, int digits, int last) {
        int start = backslash + 2;
        int codePoint = 0;
        for (int i = start; i < start + digits; i++) {
            int digit = i < last ? hexDigit(source.text().charAt(i)) : -1;
            if (digit < 0) {
                throw source.error(backslash, "the escape requires " + digits + " hexadecimal digits");
            }
            codePoint = codePoint << 4 | digit;
        }
        if (!Character.isValidCodePoint(codePoint)) {
            throw source.error(backslash, "the escape exceeds the highest code point");
        }
        value.appendCodePoint(codePoint);
        return start + digits;
    }

    private static int hexDigit(char c) {
        return c < 128 ? Character.digit(c, 16) : -1;
    }

    private static int named(Source source, StringBuilder value, int backslash, int last) {
        var text = source.text();
        int close = text.indexOf('}', backslash);
        if (text.charAt(backslash + 2) == '{' && close > 0 && close < last) {
            try {
                value.appendCodePoint(Character.codePointOf(text.substring(backslash + 3, close)));
                return close + 1;
            } catch (IllegalArgumentException e) {
                throw source.error(backslash, "unknown Unicode character name");
            }
        }
        throw source.error(backslash, "the escape requires a character name in braces");
    }

    private static int octal(String text, StringBuilder value, int backslash, int last) {
        int i = backslash + 1;
        int codePoint = 0;
        while (i < last && i < backslash + 4 && text.charAt(i) >= '0' && text.charAt(i) <= '7') {
            codePoint = codePoint << 3 | text.charAt(i) - '0';
            i++;
        }
        value.appendCodePoint(codePoint);
        return i;
    }

    /**
     * The reference converts non-ASCII characters to escapes before it resolves escapes. Therefore a backslash before
     * such a character escapes the backslash of its escape, and the rest of the escape is text.
     */
    private static int unknown(String text, StringBuilder value, int backslash) {
        int c = text.codePointAt(backslash + 1);
        value.append('\\');
        if (c < 128) {
            value.append((char) c);
        } else if (c <= 0xFF) {
            value.append("x%02x".formatted(c));
        } else if (c <= 0xFFFF) {
            value.append("u%04x".formatted(c));
        } else {
            value.append("U%08x".formatted(c));
        }
        return backslash + 1 + Character.charCount(c);
    }
}
