package kawi.image.webp;

import java.io.IOException;
import java.util.Arrays;

/**
 * The codes of a part of a lossless image (RFC 9649, section 3.7.2).
 *
 * @param green of green, of lengths of references, and of indices of the cache
 */
record PrefixCodes(PrefixCode green, PrefixCode red, PrefixCode blue, PrefixCode alpha, PrefixCode distance) {

    static final int LITERALS = 256;
    static final int LENGTHS = 24;
    private static final int DISTANCES = 40;

    private static final int[] LENGTH_ORDER = {17, 18, 0, 1, 2, 3, 4, 5, 16, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

    static PrefixCodes read(LosslessBits bits, int cacheSize) throws IOException {
        return new PrefixCodes(
                code(bits, LITERALS + LENGTHS + cacheSize),
                code(bits, LITERALS),
                code(bits, LITERALS),
                code(bits, LITERALS),
                code(bits, DISTANCES));
    }

    private static PrefixCode code(LosslessBits bits, int alphabet) throws IOException {
        int[] lengths = new int[alphabet];
        if (bits.flag()) {
            boolean two = bits.flag();
            set(lengths, bits.number(bits.flag() ? 8 : 1));
            if (two) {
                set(lengths, bits.number(8));
            }
            return new PrefixCode(lengths);
        }
        int[] lengthLengths = new int[LENGTH_ORDER.length];
        int count = 4 + bits.number(4);
        for (int i = 0; i < count; i++) {
            lengthLengths[LENGTH_ORDER[i]] = bits.number(3);
        }
        PrefixCode code = new PrefixCode(lengthLengths);
        int left = alphabet;
        if (bits.flag()) {
            int width = 2 + 2 * bits.number(3);
            left = 2 + bits.number(width);
        }
        int previous = 8;
        for (int symbol = 0; symbol < alphabet && left > 0; left--) {
            int length = code.read(bits);
            if (length < 16) {
                lengths[symbol++] = length;
                previous = length == 0 ? previous : length;
                continue;
            }
            int repeat = switch (length) {
                case 16 -> 3 + bits.number(2);
                case 17 -> 3 + bits.number(3);
                default -> 11 + bits.number(7);
            };
            if (symbol + repeat > alphabet) {
                throw new IOException("a code of its lossless image has more than %d symbols".formatted(alphabet));
            }
            Arrays.fill(lengths, symbol, symbol + repeat, length == 16 ? previous : 0);
            symbol += repeat;
        }
        return new PrefixCode(lengths);
    }

    private static void set(int[] lengths, int symbol) throws IOException {
        if (symbol >= lengths.length) {
            throw new IOException("a code of its lossless image has no symbol %d".formatted(symbol));
        }
        lengths[symbol] = 1;
    }
}
