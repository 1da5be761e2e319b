package kawi.template;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import kawi.tokenizer.OriginText;

/**
 * Operations on strings as sequences of code points, with Python's definitions of whitespace and line boundaries. Java
 * offsets in chars are named {@code offset}, Python indices in code points {@code index}.
 *
 * <p>Searches take linear time in the worst case: {@link String#indexOf(String)} may compare the whole needle at each
 * position, so needles of more than {@value #MAX_SHORT_NEEDLE} chars are found with the algorithm of Knuth, Morris and
 * Pratt.
 */
final class CodePoints {

    private static final int MAX_SHORT_NEEDLE = 32;

    private CodePoints() {}

    static int length(String text, Budget budget) {
        budget.scan(text.length());
        return text.codePointCount(0, text.length());
    }

    /**
     * Equivalent to Python's {@code str.isspace} for one character, also the definition of whitespace in {@code strip}
     * and regular expressions.
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

    /** Returns the offset of the first non-whitespace character of {@code text} at or after {@code offset}. */
    static int skipWhitespace(CharSequence text, int offset) {
        int end = offset;
        while (end < text.length() && isWhitespace(text.charAt(end))) {
            end++;
        }
        return end;
    }

    /** Returns the offset after the last non-whitespace character at or after {@code start}, or {@code start}. */
    static int endWithoutWhitespace(CharSequence text, int start) {
        int end = text.length();
        while (end > start && isWhitespace(text.charAt(end - 1))) {
            end--;
        }
        return end;
    }

    static String stripTrailingWhitespace(String text) {
        return text.substring(0, endWithoutWhitespace(text, 0));
    }

    /** The offsets of all code points, followed by the length of {@code text}. */
    static int[] offsets(String text) {
        var offsets = new int[text.codePointCount(0, text.length()) + 1];
        for (int i = 0, offset = 0; i < offsets.length - 1; i++) {
            offsets[i] = offset;
            offset += Character.charCount(text.codePointAt(offset));
        }
        offsets[offsets.length - 1] = text.length();
        return offsets;
    }

    static String strip(String text) {
        return stripTrailingWhitespace(text.substring(skipWhitespace(text, 0)));
    }

    /** Strips characters that are in {@code set} from one or both ends. */
    static OriginText strip(OriginText whole, String set, boolean leading, boolean trailing) {
        var text = whole.toString();
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
        return whole.substring(start, end);
    }

    /** The offset of the first {@code needle} at or after {@code fromOffset}, or -1. */
    static int indexOf(String text, String needle, int fromOffset, Budget budget) {
        int found = needle.length() <= MAX_SHORT_NEEDLE
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
        if (needle.length() <= MAX_SHORT_NEEDLE) {
            return text.lastIndexOf(needle, beforeOffset - needle.length());
        }
        budget.allocate(beforeOffset + (long) needle.length());
        var reversed =
                new StringBuilder(text.substring(0, beforeOffset)).reverse().toString();
        int found = indexOfLong(reversed, new StringBuilder(needle).reverse().toString(), 0);
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

    /**
     * Equivalent to Python's {@code splitlines}, which has more line boundaries than Java and returns no empty last
     * line.
     */
    static List<OriginText> lines(OriginText whole, boolean keepEnds, Budget budget) {
        var text = whole.toString();
        budget.scan(text.length());
        var lines = new ArrayList<OriginText>();
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
            lines.add(whole.substring(start, keepEnds ? next : end));
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
