package kawi.tokenizer;

import java.util.BitSet;

/**
 * Escapes user text so that no part of it is recognized as an added token.
 *
 * <p>A chat template concatenates its own text, in which {@code <|im_end|>} is a token, and user text, in which it is a
 * sequence of ten characters. Because templates operate on strings, the distinction has to be encoded in the string:
 * {@link #SENTINEL}, a noncharacter, which does not occur in text, marks the next character as ordinary; no added token
 * can include that character. The sentinel is inserted before
 *
 * <ul>
 *   <li>the first character of each added token in the user text,
 *   <li>the first character of each suffix of the user text that is a prefix of an added token, because the template
 *     might complete it,
 *   <li>the first character of the user text if the text could complete an added token that begins in the template's
 *     text,
 *   <li>each sentinel in the user text, so that the escaping can be reversed.
 * </ul>
 *
 * <p>Templates trim their input, so both ends are also examined as they would be after trimming. The first characters
 * of added tokens are not white space, so sentinels are not inserted before white space, and trimming and splitting
 * into lines have the same effect on escaped text as on the original. (If a file defines added tokens that contain
 * white space, these are not recognized either, but white space next to a sentinel is not trimmed.) Most text needs no
 * sentinel and is returned unchanged.
 */
final class Shield {

    /** The noncharacter U+FDD1. */
    static final char SENTINEL = '\uFDD1';

    private Shield() {}

    static String shield(String text, AddedTokens added) {
        int end = text.length();
        int trimmedEnd = end;
        while (trimmedEnd > 0 && isTrimmed(text.charAt(trimmedEnd - 1))) {
            trimmedEnd--;
        }
        StringBuilder shielded = null;
        int copied = 0;
        boolean leading = true;
        for (int at = 0; at < end; at++) {
            char c = text.charAt(at);
            boolean escaped = c == SENTINEL
                    || (leading && continues(text, at, trimmedEnd, added))
                    || (added.mayBegin(c) && begins(text, at, trimmedEnd, added));
            leading = leading && isTrimmed(c);
            if (escaped) {
                shielded = shielded == null ? new StringBuilder(end + 16) : shielded;
                shielded.append(text, copied, at).append(SENTINEL);
                copied = at;
            }
        }
        return shielded == null ? text : shielded.append(text, copied, end).toString();
    }

    static String unshield(String text) {
        int at = text.indexOf(SENTINEL);
        if (at < 0) {
            return text;
        }
        var plain = new StringBuilder(text.length());
        int copied = 0;
        while (at >= 0 && at + 1 < text.length()) {
            plain.append(text, copied, at);
            copied = at + 1;
            at = text.indexOf(SENTINEL, at + 2);
        }
        return plain.append(text, copied, text.length()).toString();
    }

    /** The offsets, in the unshielded text, of the characters that a sentinel marks in {@code text}. */
    static BitSet shieldedOffsets(String text) {
        var offsets = new BitSet();
        int sentinels = 0;
        for (int at = text.indexOf(SENTINEL); at >= 0 && at + 1 < text.length(); at = text.indexOf(SENTINEL, at + 2)) {
            offsets.set(at - sentinels++);
        }
        return offsets;
    }

    private static boolean begins(String text, int at, int trimmedEnd, AddedTokens added) {
        return added.beginsAt(text, at, text.length()) || (at < trimmedEnd && added.beginsAt(text, at, trimmedEnd));
    }

    private static boolean continues(String text, int at, int trimmedEnd, AddedTokens added) {
        return added.continuesAt(text, at, text.length())
                || (at < trimmedEnd && added.continuesAt(text, at, trimmedEnd));
    }

    /** Whether {@code c} is white space as defined by Java, Python or Unicode. */
    private static boolean isTrimmed(char c) {
        return Character.isWhitespace(c) || Character.isSpaceChar(c) || c == '\u0085';
    }
}
