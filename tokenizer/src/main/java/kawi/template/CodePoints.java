package kawi.template;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Strings as Python sees them: sequences of code points, with Python's idea of whitespace and line ends. Java offsets
 * ({@code int offset}) and Python indices ({@code index}) are kept apart by name.
 *
 * <p>Searching is linear whatever a template makes of it: {@link String#indexOf(String)} compares up to the whole
 * needle at each place, so needles beyond {@value #SHORT_NEEDLE} characters are searched for with the failure table of
 * Knuth, Morris and Pratt.
 */
final class CodePoints {

    private static final int SHORT_NEEDLE = 32;

    private CodePoints() {}

    static int length(String text, Budget budget) {
        budget.scan(text.length());
        return text.codePointCount(0, text.length());
    }

    /**
     * Python's {@code str.isspace} for one character, which is also what {@code strip} and regular expressions go by.
     */
    static boolean isWhitespace(int codePoint) {
        return switch (codePoint) {
            case ' ', 0x85, 0xA0, 0x1680, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000 -> true;
            default ->
                (codePoint >= 0x09 && codePoint <= 0x0D)
                        || (codePoint >= 0x1C && codePoint <= 0x1F)
                        || (codePoint >= 0x2000 && codePoint <= 0x200A);
        };
    }

    /** Where the leading whitespace of {@code text} from {@code offset} on ends. */
    static int skipWhitespace(CharSequence text, int offset) {
        int end = offset;
        while (end < text.length() && isWhitespace(text.charAt(end))) {
            end++;
        }
        return end;
    }

    static String stripTrailingWhitespace(String text) {
        int end = text.length();
        while (end > 0 && isWhitespace(text.charAt(end - 1))) {
            end--;
        }
        return text.substring(0, end);
    }

    static String strip(String text) {
        return stripTrailingWhitespace(text.substring(skipWhitespace(text, 0)));
    }

    /** Strips the characters of {@code set} from the wanted ends. */
    static String strip(String text, String set, boolean leading, boolean trailing) {
        Set<Integer> stripped = new HashSet<>();
        set.codePoints().forEach(stripped::add);
        int start = 0;
        int end = text.length();
        while (leading && start < end && stripped.contains(text.codePointAt(start))) {
            start += Character.charCount(text.codePointAt(start));
        }
        while (trailing && end > start && stripped.contains(text.codePointBefore(end))) {
            end -= Character.charCount(text.codePointBefore(end));
        }
        return text.substring(start, end);
    }

    /** The offset of the first {@code needle} at or after {@code fromOffset}, or -1. */
    static int indexOf(String text, String needle, int fromOffset, Budget budget) {
        int found = needle.length() <= SHORT_NEEDLE
                ? text.indexOf(needle, fromOffset)
                : indexOfLong(text, needle, fromOffset);
        budget.step();
        budget.scan((found < 0 ? text.length() : found) - (long) fromOffset + needle.length());
        return found;
    }

    /** The offset of the last {@code needle} that ends at or before {@code beforeOffset}, or -1. */
    static int lastIndexOf(String text, String needle, int beforeOffset, Budget budget) {
        budget.step();
        budget.scan((long) beforeOffset + needle.length());
        if (needle.length() <= SHORT_NEEDLE) {
            return text.lastIndexOf(needle, beforeOffset - needle.length());
        }
        budget.allocate(beforeOffset + (long) needle.length());
        var mirrored =
                new StringBuilder(text.substring(0, beforeOffset)).reverse().toString();
        int found = indexOfLong(mirrored, new StringBuilder(needle).reverse().toString(), 0);
        return found < 0 ? -1 : beforeOffset - found - needle.length();
    }

    private static int indexOfLong(String text, String needle, int fromOffset) {
        var border = new int[needle.length() + 1];
        border[0] = -1;
        for (int i = 0, k = -1; i < needle.length(); ) {
            while (k >= 0 && needle.charAt(i) != needle.charAt(k)) {
                k = border[k];
            }
            border[++i] = ++k;
        }
        for (int i = fromOffset, k = 0; i < text.length(); i++) {
            while (k >= 0 && text.charAt(i) != needle.charAt(k)) {
                k = border[k];
            }
            if (++k == needle.length()) {
                return i + 1 - k;
            }
        }
        return -1;
    }

    /** Python's {@code splitlines}: more line ends than Java knows, and no empty line after the last one. */
    static List<String> lines(String text, boolean keepEnds, Budget budget) {
        budget.scan(text.length());
        var lines = new ArrayList<String>();
        int start = 0;
        while (start < text.length()) {
            int end = start;
            while (end < text.length() && !isLineEnd(text.charAt(end))) {
                end++;
            }
            int next = end;
            if (next < text.length()) {
                next += text.startsWith("\r\n", end) ? 2 : 1;
            }
            budget.allocate(next - start + (long) Budget.OBJECT);
            lines.add(text.substring(start, keepEnds ? next : end));
            start = next;
        }
        return lines;
    }

    private static boolean isLineEnd(char c) {
        return switch (c) {
            case '\n', '\r', 0x0B, 0x0C, 0x1C, 0x1D, 0x1E, 0x85, 0x2028, 0x2029 -> true;
            default -> false;
        };
    }
}
