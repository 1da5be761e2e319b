package kawi.quant;

import java.lang.foreign.MemorySegment;

/**
 * The eight scales and eight minimums of a {@code Q4_K} or {@code Q5_K} block, 6 bits each, in 12 bytes.
 *
 * <pre>
 *    byte      bits 7-6                     bits 5-0
 *    0 + i     scale   4 + i, bits 5-4      scale   i                  i = 0 .. 3
 *    4 + i     minimum 4 + i, bits 5-4      minimum i
 *
 *    byte      bits 7-4                     bits 3-0
 *    8 + i     minimum 4 + i, bits 3-0      scale 4 + i, bits 3-0
 * </pre>
 */
final class SixBitScales {

    /** The largest scale or minimum. */
    static final int MAX_QUANT = 63;

    private SixBitScales() {}

    /** The scales of the 12 bytes at {@code at}, one per byte lane. */
    static long scales(MemorySegment data, long at) {
        return join(data.get(LittleEndian.INT, at), data.get(LittleEndian.INT, at + 8));
    }

    /** The minimums of the 12 bytes at {@code at}, one per byte lane. */
    static long minimums(MemorySegment data, long at) {
        return join(data.get(LittleEndian.INT, at + 4), data.get(LittleEndian.INT, at + 8) >>> 4);
    }

    private static long join(int first, int rest) {
        int low = first & 0x3f3f_3f3f;
        int high = (rest & 0x0f0f_0f0f) | ((first >>> 2) & 0x3030_3030);
        return Integer.toUnsignedLong(low) | ((long) high << 32);
    }

    /** Writes the 12 bytes at {@code at}. */
    static void set(MemorySegment data, long at, byte[] scales, byte[] minimums) {
        long s = ByteLanes.get(scales, 0);
        long m = ByteLanes.get(minimums, 0);
        data.set(LittleEndian.INT, at, first(s));
        data.set(LittleEndian.INT, at + 4, first(m));
        data.set(LittleEndian.INT, at + 8, rest(s) | (rest(m) << 4));
    }

    private static int first(long lanes) {
        return (int) lanes | (((int) (lanes >>> 32) << 2) & 0xc0c0_c0c0);
    }

    private static int rest(long lanes) {
        return (int) (lanes >>> 32) & 0x0f0f_0f0f;
    }
}
