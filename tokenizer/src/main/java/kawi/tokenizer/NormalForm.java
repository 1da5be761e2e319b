package kawi.tokenizer;

import java.text.Normalizer;
import java.util.BitSet;

/**
 * The Unicode normalization forms as implemented by the reference library, Hugging Face <i>tokenizers</i>, with which
 * the models were trained.
 *
 * <p>That library (version 0.23) splits text by the character properties of Unicode 16 but normalizes it with the
 * tables of Unicode 9. For characters of Unicode 9 the normal form never changes (Unicode's stability policy).
 * Characters added later are inert in the library: they are neither composed, decomposed nor reordered, and no mark is
 * reordered across them. Therefore text is split at these characters, which are kept as they are, and the text between
 * them is normalized with {@link Normalizer}. Normalization with Unicode 16 would produce other ids for Sogdian, Todhri
 * or extended Arabic text than those on which the models were trained.
 */
final class NormalForm {

    /** Text with all characters below U+0300 is in normal form C. */
    private static final char FIRST_COMPOSED = 0x300;

    /** Text with all characters below U+00A0 is in all normal forms. */
    private static final char FIRST_DECOMPOSED = 0xA0;

    /**
     * The first and last characters of each range of characters that were added after Unicode 9 and compose, decompose
     * (the last 16 numbers: only in the compatibility forms) or have a non-zero combining class. Determined by
     * comparing the library with JDK 25 for every code point; the other characters in these ranges, which were added in
     * the same blocks, are inert in both.
     */
    private static final int[] NEWER = {
        0x7FD, 0x7FD, 0x897, 0x89F, 0x8CA, 0x8D3, 0x9FE, 0x9FE, 0xC3C, 0xC3C, 0xD3B, 0xD3C, 0xEBA, 0xEBA, 0x1715,
        0x1715, 0x1ABF, 0x1ACE, 0x1DF6, 0x1DFA, 0xA82C, 0xA82C, 0x105C0, 0x105F3, 0x10D24, 0x10D27, 0x10D69, 0x10D6D,
        0x10EAB, 0x10EAC, 0x10EFD, 0x10EFF, 0x10F46, 0x10F50, 0x10F82, 0x10F85, 0x11070, 0x11070, 0x1133B, 0x1133B,
        0x11380, 0x113D0, 0x1145E, 0x1145E, 0x11839, 0x1183A, 0x11930, 0x11943, 0x119E0, 0x119E0, 0x11A34, 0x11A34,
        0x11A47, 0x11A47, 0x11A99, 0x11A99, 0x11D42, 0x11D45, 0x11D97, 0x11D97, 0x11F41, 0x11F42, 0x16100, 0x1612F,
        0x16D63, 0x16D6A, 0x16FF0, 0x16FF1, 0x1E08F, 0x1E08F, 0x1E130, 0x1E136, 0x1E2AE, 0x1E2AE, 0x1E2EC, 0x1E2EF,
        0x1E4EC, 0x1E4EF, 0x1E5EE, 0x1E5EF, 0x32FF, 0x32FF, 0xA7F2, 0xA7F4, 0xAB69, 0xAB69, 0x10780, 0x107BA, 0x1CCD6,
        0x1CCF9, 0x1E030, 0x1E06D, 0x1F16C, 0x1F16C, 0x1FBF0, 0x1FBF9
    };

    private static final BitSet INERT = new BitSet();

    static {
        for (int i = 0; i < NEWER.length; i += 2) {
            INERT.set(NEWER[i], NEWER[i + 1] + 1);
        }
    }

    private NormalForm() {}

    /** Returns {@code text}, which has no unpaired surrogates, in the given form. */
    static String normalize(String text, Normalizer.Form form) {
        int first = form == Normalizer.Form.NFC ? FIRST_COMPOSED : FIRST_DECOMPOSED;
        int at = 0;
        while (at < text.length() && text.charAt(at) < first) {
            at++;
        }
        if (at == text.length()) {
            return text;
        }
        StringBuilder normal = null;
        int done = 0;
        while (at < text.length()) {
            int c = text.codePointAt(at);
            int next = at + Character.charCount(c);
            if (isInert(c)) {
                normal = normal == null ? new StringBuilder(text.length()) : normal;
                normal.append(normalForm(text.substring(done, at), form)).appendCodePoint(c);
                done = next;
            }
            at = next;
        }
        return normal == null
                ? normalForm(text, form)
                : normal.append(normalForm(text.substring(done), form)).toString();
    }

    /** Whether {@code c} is inert because it was added after the version of the library's tables. */
    static boolean isInert(int c) {
        return INERT.get(c);
    }

    private static String normalForm(String text, Normalizer.Form form) {
        return Normalizer.normalize(LongMarkRuns.sort(text), form);
    }
}
