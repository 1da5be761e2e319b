package kawi.quant;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import java.lang.foreign.MemorySegment;

/**
 * Products of vectors with the Hadamard matrix of Sylvester, {@code H[i][j] = (-1)^(number of ones in (i and j))}, of a
 * size n that is a power of two. It is symmetric, and {@code H H = n I}.
 *
 * <pre>
 *    for h = 1, 2, 4, ... n / 2, for all i with (i and h) = 0:   x[i], x[i + h] = x[i] + x[i + h], x[i] - x[i + h]
 * </pre>
 */
public final class Hadamard {

    private Hadamard() {}

    /** Multiplies each run of {@code size} of the {@code count} numbers from {@code at} on with the matrix. */
    public static void multiply(MemorySegment x, long at, int count, int size) {
        for (int h = 1; h < size; h *= 2) {
            for (long from = at; from < at + count; from += 2L * h) {
                for (long i = from; i < from + h; i++) {
                    float a = x.getAtIndex(JAVA_FLOAT, i);
                    float b = x.getAtIndex(JAVA_FLOAT, i + h);
                    x.setAtIndex(JAVA_FLOAT, i, a + b);
                    x.setAtIndex(JAVA_FLOAT, i + h, a - b);
                }
            }
        }
    }

    /** The same, times {@link #scale}: a product with an orthogonal matrix. */
    public static void rotate(MemorySegment x, long at, int count, int size) {
        multiply(x, at, count, size);
        float scale = scale(size);
        for (long i = at; i < at + count; i++) {
            x.setAtIndex(JAVA_FLOAT, i, x.getAtIndex(JAVA_FLOAT, i) * scale);
        }
    }

    /** The factor with which the matrix becomes orthogonal, {@code 1 / sqrt(size)}. */
    public static float scale(int size) {
        return (float) (1 / Math.sqrt(size));
    }
}
