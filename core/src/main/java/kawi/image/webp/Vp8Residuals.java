package kawi.image.webp;

import java.util.Arrays;

/** Reads the coefficients of macroblocks. */
final class Vp8Residuals {

    /*
     * The coefficients of a macroblock (RFC 6386, sections 13 and 14): 16 blocks of Y, 4 of U, 4 of V, and, unless
     * blocks have modes of their own, Y2, whose transform gives coefficient 0 of each block of Y. The context of a
     * block is how many of those above and to the left have coefficients.
     */

    private static final int Y_AFTER_Y2 = 0;
    private static final int Y2 = 1;
    private static final int UV = 2;
    private static final int Y_WITH_DC = 3;

    private static final int[] BANDS = {0, 1, 2, 3, 6, 4, 5, 6, 6, 6, 6, 6, 6, 6, 6, 7};
    private static final int[] ZIGZAG = {0, 1, 4, 8, 5, 2, 3, 6, 9, 12, 13, 10, 7, 11, 14, 15};
    private static final int[][] EXTRA_BITS = {
        {173, 148, 140},
        {176, 155, 140, 135},
        {180, 157, 141, 134, 130},
        {254, 254, 243, 230, 196, 177, 153, 140, 133, 130, 129}
    };

    /** Contexts of one macroblock: 4 of Y, 2 of U, 2 of V, 1 of Y2. */
    private static final int CONTEXTS = 9;

    private final int[] probabilities;
    private final boolean[] above;
    private final boolean[] left = new boolean[CONTEXTS];
    private final int[] y2 = new int[16];

    /** The coefficients that were read, times their factors: 16 of each block of Y, U and V. */
    final int[] values = new int[24 * 16];
    /** Whether a block has coefficients. */
    final boolean[] present = new boolean[24];

    Vp8Residuals(Vp8Header header, int columns) {
        this.probabilities = header.coefficients;
        this.above = new boolean[CONTEXTS * columns];
    }

    void beginRow() {
        Arrays.fill(left, false);
    }

    /** Reads a macroblock, and returns whether it has any coefficient. */
    boolean read(BoolDecoder bits, int column, boolean inBlocks, Vp8Header.Factors factors) {
        Arrays.fill(values, 0);
        int base = CONTEXTS * column;
        boolean any = false;
        if (!inBlocks) {
            Arrays.fill(y2, 0);
            int context = (above[base + 8] ? 1 : 0) + (left[8] ? 1 : 0);
            boolean coded = block(bits, Y2, context, 0, y2, 0, factors.y2Dc(), factors.y2Ac());
            above[base + 8] = coded;
            left[8] = coded;
            any = coded;
            Vp8Transform.walshHadamard(y2, values);
        }
        for (int i = 0; i < 24; i++) {
            boolean luma = i < 16;
            int x = base + (luma ? i % 4 : 4 + (i - 16) / 4 * 2 + i % 2);
            int y = luma ? i / 4 : 4 + (i - 16) / 4 * 2 + i / 2 % 2;
            int context = (above[x] ? 1 : 0) + (left[y] ? 1 : 0);
            int type = luma ? inBlocks ? Y_WITH_DC : Y_AFTER_Y2 : UV;
            boolean coded = block(
                    bits,
                    type,
                    context,
                    luma && !inBlocks ? 1 : 0,
                    values,
                    16 * i,
                    luma ? factors.yDc() : factors.uvDc(),
                    luma ? factors.yAc() : factors.uvAc());
            above[x] = coded;
            left[y] = coded;
            any |= coded;
            present[i] = coded || values[16 * i] != 0;
        }
        return any;
    }

    /** Skips a macroblock without coefficients. */
    void skip(int column, boolean inBlocks) {
        int count = inBlocks ? CONTEXTS - 1 : CONTEXTS;
        Arrays.fill(above, CONTEXTS * column, CONTEXTS * column + count, false);
        Arrays.fill(left, 0, count, false);
        Arrays.fill(present, false);
    }

    /** Reads a block, and returns whether it has coefficients before its end. */
    private boolean block(BoolDecoder bits, int type, int firstContext, int first, int[] out, int at, int dc, int ac) {
        int context = firstContext;
        int[] p = probabilities;
        for (int i = first; i < 16; i++) {
            int node = index(type, i, context);
            if (!bits.bit(p[node])) {
                return i > first;
            }
            while (!bits.bit(p[node + 1])) {
                i++;
                if (i == 16) {
                    return true;
                }
                node = index(type, i, 0);
            }
            int value = bits.bit(p[node + 2]) ? large(bits, p, node) : 1;
            context = value == 1 ? 1 : 2;
            out[at + ZIGZAG[i]] = (bits.flag() ? -value : value) * (i == 0 ? dc : ac);
        }
        return true;
    }

    private static int large(BoolDecoder bits, int[] p, int node) {
        if (!bits.bit(p[node + 3])) {
            return bits.bit(p[node + 4]) ? 3 + (bits.bit(p[node + 5]) ? 1 : 0) : 2;
        } else if (!bits.bit(p[node + 6])) {
            if (!bits.bit(p[node + 7])) {
                return 5 + (bits.bit(159) ? 1 : 0);
            }
            return 7 + (bits.bit(165) ? 2 : 0) + (bits.bit(145) ? 1 : 0);
        }
        int high = bits.bit(p[node + 8]) ? 1 : 0;
        int category = 2 * high + (bits.bit(p[node + 9 + high]) ? 1 : 0);
        int value = 0;
        for (int probability : EXTRA_BITS[category]) {
            value = value << 1 | (bits.bit(probability) ? 1 : 0);
        }
        return value + 3 + (8 << category);
    }

    private static int index(int type, int position, int context) {
        return ((type * Vp8Tables.BANDS + BANDS[position]) * Vp8Tables.CONTEXTS + context) * Vp8Tables.PROBABILITIES;
    }
}
