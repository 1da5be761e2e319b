package kawi.assembler.a64;

/** The immediates that are encoded as patterns. Each method returns {@link #NONE} for a value without an encoding. */
final class Immediates {

    static final int NONE = -1;

    private Immediates() {}

    /**
     * N, immr and imms, in this order, of a logical instruction on 64 bits: a run of ones within an element of 2 to 64
     * bits, rotated, and repeated in all elements.
     */
    static int logical(long value) {
        if (value == 0 || value == -1) {
            return NONE;
        }
        int size = 64;
        while (size > 2 && value == Long.rotateRight(value, size / 2)) {
            size /= 2;
        }
        long mask = -1L >>> (64 - size);
        long element = value & mask;
        int ones = Long.bitCount(element);
        // Rotated to the right by this much, a run of ones at the low end becomes the element.
        for (int rotation = 0; rotation < size; rotation++) {
            long run = (1L << ones) - 1;
            long rotated = rotation == 0 ? run : (run >>> rotation | run << (size - rotation)) & mask;
            if (rotated == element) {
                int n = size == 64 ? 1 : 0;
                int imms = (-2 * size & 63) | (ones - 1);
                return n << 12 | rotation << 6 | imms;
            }
        }
        return NONE;
    }

    /** The 8 bits abcdefgh of {@code fmov}: a float of 4 bits of mantissa and an exponent from -3 to 4. */
    static int fmov(float value) {
        int bits = Float.floatToRawIntBits(value);
        int exponent = bits >> 23 & 255;
        if ((bits & 0x7_ffff) != 0 || exponent < 124 || exponent > 131) {
            return NONE;
        }
        return ((bits >> 24) & 0x80) | (((exponent & 3) | (exponent >= 128 ? 0 : 4)) << 4) | ((bits >> 19) & 15);
    }

    /**
     * op, cmode and abcdefgh, in this order, of {@code movi} or {@code mvni} for elements of a size with the same bits.
     */
    static int movi(int elementBytes, long value) {
        return switch (elementBytes) {
            case 1 -> 0xE00 | ((int) value & 255);
            case 2 -> movi16((int) value & 0xffff);
            case 4 -> movi32((int) value);
            default -> movi64(value);
        };
    }

    private static int movi16(int value) {
        for (int op = 0; op < 2; op++) {
            int bits = (op == 0 ? value : ~value) & 0xffff;
            for (int shift = 0; shift < 2; shift++) {
                if ((bits & ~(255 << (8 * shift))) == 0) {
                    return op << 12 | (0x8 | shift << 1) << 8 | bits >> (8 * shift);
                }
            }
        }
        return NONE;
    }

    private static int movi32(int value) {
        for (int op = 0; op < 2; op++) {
            int bits = op == 0 ? value : ~value;
            for (int shift = 0; shift < 4; shift++) {
                if ((bits & ~(255 << (8 * shift))) == 0) {
                    return op << 12 | shift << 9 | bits >>> (8 * shift);
                }
            }
            // Shifted with ones coming in.
            if ((bits & ~0xff00) == 0xff) {
                return op << 12 | 0xC00 | bits >> 8;
            }
            if ((bits & ~0xff_0000) == 0xffff) {
                return op << 12 | 0xD00 | bits >> 16;
            }
        }
        return NONE;
    }

    /** Each byte is 0 or 255. */
    private static int movi64(long value) {
        int code = 0;
        for (int i = 0; i < 8; i++) {
            int part = (int) (value >>> (8 * i)) & 255;
            if (part != 0 && part != 255) {
                return NONE;
            }
            code |= (part & 1) << i;
        }
        return 1 << 12 | 0xE00 | code;
    }
}
