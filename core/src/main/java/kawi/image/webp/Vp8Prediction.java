package kawi.image.webp;

import java.util.Arrays;

/** Predicts pixels from those above and to the left. */
final class Vp8Prediction {

    /*
     * Intra prediction (RFC 6386, section 12). The planes have a row of 127 above the image and a column of 129 to its
     * left, so that the same formulas serve its edges; only the average of a whole macroblock leaves out what is
     * outside.
     */

    private Vp8Prediction() {}

    /** Predicts a square of {@code size} pixels, a whole macroblock or one of its colours. */
    static void square(byte[] plane, int at, int stride, int size, int mode, boolean hasAbove, boolean hasLeft) {
        switch (mode) {
            case Vp8Modes.DC -> average(plane, at, stride, size, hasAbove, hasLeft);
            case Vp8Modes.TRUE_MOTION -> trueMotion(plane, at, stride, size);
            case Vp8Modes.VERTICAL -> {
                for (int y = 0; y < size; y++) {
                    System.arraycopy(plane, at - stride, plane, at + y * stride, size);
                }
            }
            default -> {
                for (int y = 0; y < size; y++) {
                    fill(plane, at + y * stride, size, plane[at + y * stride - 1]);
                }
            }
        }
    }

    private static void average(byte[] plane, int at, int stride, int size, boolean hasAbove, boolean hasLeft) {
        int sum = 0;
        for (int i = 0; i < size; i++) {
            sum += hasAbove ? plane[at - stride + i] & 0xff : 0;
            sum += hasLeft ? plane[at + i * stride - 1] & 0xff : 0;
        }
        int count = (hasAbove ? size : 0) + (hasLeft ? size : 0);
        int average = count == 0 ? 128 : (sum + count / 2) / count;
        for (int y = 0; y < size; y++) {
            fill(plane, at + y * stride, size, (byte) average);
        }
    }

    private static void trueMotion(byte[] plane, int at, int stride, int size) {
        int corner = plane[at - stride - 1] & 0xff;
        for (int y = 0; y < size; y++) {
            int row = at + y * stride;
            int left = (plane[row - 1] & 0xff) - corner;
            for (int x = 0; x < size; x++) {
                plane[row + x] = (byte) Math.max(0, Math.min(255, left + (plane[at - stride + x] & 0xff)));
            }
        }
    }

    private static void fill(byte[] plane, int at, int count, byte value) {
        Arrays.fill(plane, at, at + count, value);
    }

    /**
     * Predicts a block of 4 x 4 pixels.
     *
     * @param right the offset of the four pixels above and to the right
     * @param edge working memory of 13 pixels: to the left from the bottom, the corner, above from the left
     */
    static void block(byte[] plane, int at, int stride, int right, int mode, int[] edge) {
        for (int i = 0; i < 4; i++) {
            edge[3 - i] = plane[at + i * stride - 1] & 0xff;
            edge[5 + i] = plane[at - stride + i] & 0xff;
            edge[9 + i] = plane[right + i] & 0xff;
        }
        edge[4] = plane[at - stride - 1] & 0xff;
        if (mode == Vp8Modes.TRUE_MOTION) {
            trueMotion(plane, at, stride, 4);
            return;
        }
        for (int y = 0; y < 4; y++) {
            for (int x = 0; x < 4; x++) {
                plane[at + y * stride + x] = (byte) pixel(mode, x, y, edge);
            }
        }
    }

    private static int pixel(int mode, int x, int y, int[] e) {
        return switch (mode) {
            case Vp8Modes.DC -> (e[0] + e[1] + e[2] + e[3] + e[5] + e[6] + e[7] + e[8] + 4) >> 3;
            case Vp8Modes.VERTICAL -> three(e, 5 + x);
            case Vp8Modes.HORIZONTAL -> y == 3 ? (e[1] + 3 * e[0] + 2) >> 2 : three(e, 3 - y);
            case Vp8Modes.LEFT_DOWN -> x + y == 6 ? (e[11] + 3 * e[12] + 2) >> 2 : three(e, 6 + x + y);
            case Vp8Modes.RIGHT_DOWN -> three(e, 4 - y + x);
            case Vp8Modes.VERTICAL_RIGHT -> {
                // Diagonals of slope 2, alternating between two and three pixels.
                int diagonal = 2 * x - y;
                yield diagonal < -1
                        ? three(e, 5 + diagonal)
                        : diagonal % 2 == 0 ? two(e, 4 + diagonal / 2) : three(e, 4 + (diagonal + 1) / 2);
            }
            case Vp8Modes.VERTICAL_LEFT -> {
                if (x == 3 && y >= 2) {
                    yield three(e, 8 + y);
                }
                yield y % 2 == 0 ? two(e, 5 + x + y / 2) : three(e, 6 + x + y / 2);
            }
            case Vp8Modes.HORIZONTAL_DOWN -> {
                int diagonal = 2 * y - x;
                yield diagonal < -1
                        ? three(e, 3 - diagonal)
                        : diagonal % 2 == 0 ? two(e, 3 - diagonal / 2) : three(e, 4 - (diagonal + 1) / 2);
            }
            default -> {
                int diagonal = 2 * y + x;
                yield diagonal > 5
                        ? e[0]
                        : diagonal == 5
                                ? (e[1] + 3 * e[0] + 2) >> 2
                                : diagonal % 2 == 0 ? two(e, 2 - diagonal / 2) : three(e, 2 - diagonal / 2);
            }
        };
    }

    /** The average of the pixels at {@code i} and {@code i + 1}. */
    private static int two(int[] e, int i) {
        return (e[i] + e[i + 1] + 1) >> 1;
    }

    /** The weighted average of the pixels around {@code i}. */
    private static int three(int[] e, int i) {
        return (e[i - 1] + 2 * e[i] + e[i + 1] + 2) >> 2;
    }
}
