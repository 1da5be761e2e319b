package kawi.regex;

import org.jspecify.annotations.Nullable;

/** Parses the escapes of a pattern that stand for characters, inside and outside of classes. */
final class CharacterParser {

    static final CodePoints DIGITS = CodePoints.of('0', '9');
    static final CodePoints WORD =
            CodePoints.of('a', 'z').union(CodePoints.of('A', 'Z')).union(DIGITS).union(CodePoints.of('_', '_'));
    private static final CodePoints SPACES = CodePoints.of(
                    " \t\n\u000B\f\r\u00A0\u1680\u2028\u2029\u202F\u205F\u3000\uFEFF")
            .union(CodePoints.of(0x2000, 0x200A));

    private final String regex;

    /** The index of the next character. */
    int at;

    boolean ignoreCase;

    CharacterParser(String regex) {
        this.regex = regex;
    }

    boolean skip(String text) {
        if (!regex.startsWith(text, at)) {
            return false;
        }
        at += text.length();
        return true;
    }

    CodePoints cased(CodePoints set) {
        return ignoreCase ? set.ignoringCase() : set;
    }

    /** The characters of the escape whose backslash is at {@code column} and has been read. */
    CodePoints escape(int column) {
        if (at == regex.length()) {
            throw wrong(column, "\\ at the end escapes nothing");
        }
        int c = regex.codePointAt(at);
        at += Character.charCount(c);
        return switch (c) {
            case 'd' -> DIGITS;
            case 'D' -> DIGITS.complement();
            case 'w' -> WORD;
            case 'W' -> WORD.complement();
            case 's' -> SPACES;
            case 'S' -> SPACES.complement();
            case 't' -> CodePoints.of("\t");
            case 'n' -> CodePoints.of("\n");
            case 'r' -> CodePoints.of("\r");
            case 'f' -> CodePoints.of("\f");
            case 'v' -> CodePoints.of("\u000B");
            case 'c' -> control(column);
            case 'x' -> hexadecimal(column, 2);
            case 'u' -> regex.startsWith("{", at) ? braced(column) : hexadecimal(column, 4);
            case 'p' -> property(column);
            case 'P' -> property(column).complement();
            case '0' -> {
                if (at < regex.length() && Character.digit(regex.charAt(at), 10) >= 0) {
                    throw wrong(column, "\\0 must not be followed by a digit; write \\x00");
                }
                yield CodePoints.of(0, 0);
            }
            default -> {
                if (Character.isLetterOrDigit(c)) {
                    throw wrong(column, "\\" + Character.toString(c) + " is not an escape of ECMAScript");
                }
                yield CodePoints.of(c, c);
            }
        };
    }

    private CodePoints control(int column) {
        int letter = at < regex.length() ? regex.charAt(at++) : 0;
        if (letter >= 0x80 || !Character.isLetter(letter)) {
            throw wrong(column, "a letter must follow \\c");
        }
        return CodePoints.of(letter % 32, letter % 32);
    }

    private CodePoints hexadecimal(int column, int digits) {
        Integer value = at + digits <= regex.length() ? hex(regex.substring(at, at + digits)) : null;
        if (value == null) {
            throw wrong(column, digits + " hexadecimal digits must follow");
        }
        at += digits;
        if (Character.isHighSurrogate((char) value.intValue())
                && regex.startsWith("\\u", at)
                && at + 6 <= regex.length()) {
            Integer low = hex(regex.substring(at + 2, at + 6));
            if (low != null && Character.isLowSurrogate((char) low.intValue())) {
                at += 6;
                value = Character.toCodePoint((char) value.intValue(), (char) low.intValue());
            }
        }
        return CodePoints.of(value, value);
    }

    private CodePoints braced(int column) {
        int close = regex.indexOf('}', at);
        String digits = close < 0 ? "" : regex.substring(at + 1, close).replaceFirst("^0+(?=.)", "");
        Integer value = digits.length() <= 6 ? hex(digits) : null;
        if (value == null || value > Character.MAX_CODE_POINT) {
            throw wrong(column, "expected \\u{...} with the hexadecimal number of a character");
        }
        at = close + 1;
        return CodePoints.of(value, value);
    }

    private static @Nullable Integer hex(String digits) {
        if (digits.isEmpty() || !digits.chars().allMatch(c -> Character.digit(c, 16) >= 0 && c < 0x80)) {
            return null;
        }
        return Integer.parseInt(digits, 16);
    }

    private CodePoints property(int column) {
        int close = regex.startsWith("{", at) ? regex.indexOf('}', at) : -1;
        CodePoints set = close < 0 ? null : UnicodeProperties.named(regex.substring(at + 1, close));
        if (set == null) {
            throw new UnsupportedRegexException(RegexException.message(
                    regex,
                    column,
                    "only general categories such as \\p{L} and \\p{Lu}, scripts such as \\p{Script=Greek}, and the"
                            + " binary properties that Java has are supported after \\p"));
        }
        at = close + 1;
        return set;
    }

    private RegexException wrong(int index, String why) {
        return new RegexException(RegexException.message(regex, index, why));
    }
}
