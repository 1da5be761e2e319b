package kawi.tokenizer;

/**
 * The escape that keeps text written by users from becoming control tokens.
 *
 * <p>A chat template joins its own text, in which {@code <|im_end|>} is a token, with user text, in which it is ten
 * characters. The template sees only strings, so the difference has to be in the string: {@link #SENTINEL}, a
 * noncharacter, for which text has no use, makes the character after it an ordinary one, at which no added token can
 * begin and through which none can reach. It goes before
 *
 * <ul>
 *   <li>the first character of each added token inside the user text,
 *   <li>the first character of each tail of the user text with which an added token begins, because the template might
 *     complete it,
 *   <li>the first character of the user text if it could complete an added token that the template began,
 *   <li>each sentinel, which is how the escape is undone.
 * </ul>
 *
 * <p>Templates trim what they are given, so both ends are also looked at as they would be after trimming. Added tokens
 * begin with visible characters and so do the places marked, hence trimming and splitting into lines work on shielded
 * text as on plain. (A file could hold added tokens with white space in them. The promise about tokens holds for these
 * too, but white space next to a sentinel stays.) Most text needs no sentinel and stays the same string.
 */
final class Shield {

    /** Noncharacter U+FDD1. */
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

    private static boolean begins(String text, int at, int trimmedEnd, AddedTokens added) {
        return added.beginsAt(text, at, text.length()) || (at < trimmedEnd && added.beginsAt(text, at, trimmedEnd));
    }

    private static boolean continues(String text, int at, int trimmedEnd, AddedTokens added) {
        return added.continuesAt(text, at, text.length())
                || (at < trimmedEnd && added.continuesAt(text, at, trimmedEnd));
    }

    /** White space for any of Java, Python and Unicode. */
    private static boolean isTrimmed(char c) {
        return Character.isWhitespace(c) || Character.isSpaceChar(c) || c == '\u0085';
    }
}
