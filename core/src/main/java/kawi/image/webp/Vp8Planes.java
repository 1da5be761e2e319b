package kawi.image.webp;

import java.util.Arrays;

/**
 * Y, U and V of whole macroblocks: each plane with a row above and a column to the left, and four pixels more to the
 * right, from which blocks are predicted.
 */
final class Vp8Planes {

    private static final int LEFT = 1;
    private static final int RIGHT = 4;

    private final byte[][] pixels = new byte[3][];
    private final int[] strides = new int[3];

    Vp8Planes(int columns, int rows) {
        for (int plane = 0; plane < 3; plane++) {
            int size = plane == 0 ? 16 : 8;
            strides[plane] = LEFT + size * columns + RIGHT;
            pixels[plane] = new byte[Math.multiplyExact(strides[plane], 1 + size * rows)];
            Arrays.fill(pixels[plane], 0, strides[plane], (byte) 127);
            for (int y = 0; y < size * rows; y++) {
                pixels[plane][offset(plane, -1, y)] = (byte) 129;
            }
        }
    }

    byte[] pixels(int plane) {
        return pixels[plane];
    }

    int stride(int plane) {
        return strides[plane];
    }

    int offset(int plane, int x, int y) {
        return (1 + y) * strides[plane] + LEFT + x;
    }
}
