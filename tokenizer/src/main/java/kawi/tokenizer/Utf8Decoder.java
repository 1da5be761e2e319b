package kawi.tokenizer;

/**
 * Decodes UTF-8 one byte at a time. A character is appended with its last byte.
 *
 * <p>Malformed input is replaced by U+FFFD, one for each maximal subpart of a well-formed sequence (Unicode 16, section
 * 3.9, "U+FFFD Substitution of Maximal Subparts"). {@link String#String(byte[], java.nio.charset.Charset)} differs for
 * encoded surrogates and cannot decode incrementally. The state machine is that of the WHATWG Encoding Standard, "UTF-8
 * decoder".
 */
final class Utf8Decoder {

    private int codePoint;
    private int missing;
    private int lower = 0x80;
    private int upper = 0xBF;

    /** Decodes one byte, given as 0 to 255, and appends the character that it completes, if any. */
    void feed(int b, StringBuilder out) {
        if (missing > 0) {
            if (b >= lower && b <= upper) {
                lower = 0x80;
                upper = 0xBF;
                codePoint = codePoint << 6 | (b & 0x3F);
                if (--missing == 0) {
                    out.appendCodePoint(codePoint);
                }
                return;
            }
            finish(out);
        }
        if (b < 0x80) {
            out.append((char) b);
        } else if (b >= 0xC2 && b <= 0xDF) {
            begin(b & 0x1F, 1, 0x80, 0xBF);
        } else if (b >= 0xE0 && b <= 0xEF) {
            begin(b & 0x0F, 2, b == 0xE0 ? 0xA0 : 0x80, b == 0xED ? 0x9F : 0xBF);
        } else if (b >= 0xF0 && b <= 0xF4) {
            begin(b & 0x07, 3, b == 0xF0 ? 0x90 : 0x80, b == 0xF4 ? 0x8F : 0xBF);
        } else {
            out.append('\uFFFD');
        }
    }

    /** Ends the input; appends one U+FFFD if the last character is incomplete. */
    void finish(StringBuilder out) {
        if (missing > 0) {
            out.append('\uFFFD');
            missing = 0;
        }
    }

    private void begin(int bits, int following, int lowestNext, int highestNext) {
        codePoint = bits;
        missing = following;
        lower = lowestNext;
        upper = highestNext;
    }
}
