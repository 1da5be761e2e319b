package kawi.tokenizer;

import java.util.Arrays;

/**
 * The 256 printable characters with which byte-level vocabularies represent bytes.
 *
 * <p>Printable bytes of Latin-1 ({@code !..~}, {@code ¡..¬}, {@code ®..ÿ}) represent themselves; the other 68, in
 * increasing order, are represented by U+0100, U+0101 and so on: a space is {@code Ġ} (U+0120), a newline {@code Ċ}
 * (U+010A). Source: GPT-2, {@code encoder.py}, {@code bytes_to_unicode}.
 */
final class ByteAlphabet {

    private static final char[] CHAR_OF_BYTE = new char[256];
    private static final short[] BYTE_OF_CHAR = new short[0x144];

    static {
        Arrays.fill(BYTE_OF_CHAR, (short) -1);
        char next = 0x100;
        for (int b = 0; b < 256; b++) {
            boolean printable = (b >= '!' && b <= '~') || (b >= 0xA1 && b <= 0xAC) || b >= 0xAE;
            char c = printable ? (char) b : next++;
            CHAR_OF_BYTE[b] = c;
            BYTE_OF_CHAR[c] = (short) b;
        }
    }

    private ByteAlphabet() {}

    /**
     * Writes the bytes that {@code spelling[from..to)} represents to {@code out} at offset {@code at}, one per char.
     *
     * @return whether every character belongs to the alphabet; if not, the bytes written are unspecified
     */
    static boolean decode(String spelling, int from, int to, byte[] out, int at) {
        for (int i = from; i < to; i++) {
            char c = spelling.charAt(i);
            int b = c < BYTE_OF_CHAR.length ? BYTE_OF_CHAR[c] : -1;
            if (b < 0) {
                return false;
            }
            out[at++] = (byte) b;
        }
        return true;
    }

    /**
     * Writes the bytes that the spelling {@code utf8[from..to)}, encoded in UTF-8, represents to {@code out} at offset
     * {@code at}.
     *
     * @return the number of bytes, or -1 if a character does not belong to the alphabet or the input is not UTF-8; in
     *     that case the bytes written are unspecified
     */
    static int decode(byte[] utf8, int from, int to, byte[] out, int at) {
        short[] byteOfChar = BYTE_OF_CHAR;
        int written = at;
        int i = from;
        while (i < to) {
            int c = utf8[i++];
            if (c < 0) {
                // Two bytes, 110xxxxx 10xxxxxx, suffice: the alphabet ends at U+0143.
                if ((c & 0xE0) != 0xC0 || i == to || (utf8[i] & 0xC0) != 0x80) {
                    return -1;
                }
                c = (c & 0x1F) << 6 | (utf8[i++] & 0x3F);
                if (c < 0x80 || c >= byteOfChar.length) {
                    return -1;
                }
            }
            int b = byteOfChar[c];
            if (b < 0) {
                return -1;
            }
            out[written++] = (byte) b;
        }
        return written - at;
    }

    /** The spelling of {@code bytes[from..to)}. */
    static String encode(byte[] bytes, int from, int to) {
        var spelling = new StringBuilder(to - from);
        for (int i = from; i < to; i++) {
            spelling.append(encode(bytes[i] & 0xFF));
        }
        return spelling.toString();
    }

    /** The spelling of one byte, an integer from 0 to 255. */
    static char encode(int b) {
        return CHAR_OF_BYTE[b];
    }
}
