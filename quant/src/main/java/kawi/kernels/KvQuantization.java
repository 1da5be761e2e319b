package kawi.kernels;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.MemorySegment;
import kawi.quant.Hadamard;

/**
 * The arithmetic of {@link KvFormat#Q8} and {@link KvFormat#Q4}: vectors are rotated, and stored as integers with one
 * scale per vector.
 *
 * <p>A few dimensions of keys are much larger than the others in most models, and would leave few of the levels to the
 * rest. So keys are first multiplied with a Hadamard matrix, which distributes every number over all dimensions, and
 * queries with the same matrix, which leaves their products as they were: H is symmetric and {@code H H = n I}. Values
 * are rotated before they are stored; their weighted sum is rotated back. Others found that 4 bits are usable this way
 * (QuaRot, arXiv 2404.00456; ik_llama.cpp, pull request 1033). With the numbers of a vector nearly normally
 * distributed, one scale per vector costs little compared with one per 32 numbers.
 *
 * <p>The matrix has the size n of the largest power of two that divides the size of the vector, and is applied to each
 * run of n numbers ({@link Hadamard}). Then
 *
 * <pre>
 *    max   = the largest |x[i]|, NaN above infinity above numbers
 *    q8    scale = max / 127;  q = rint(x * (127 / max));                   x ~ scale * q          q = -127 ... 127
 *    q4    scale = max / 15;   c = rint(fma(x, 7.5 / max, 7.5));            x ~ scale * (2c - 15)  c = 0 ... 15
 * </pre>
 *
 * where a max below 2^-100 counts as 0, with a scale of 0, and one that is not finite gives a scale of NaN; in both
 * cases the integers are those of x = 0. In a page, q8 keys are stored as q + 128, q8 values as q, both q4 as c.
 *
 * <p>A query whose keys are quantized is rotated and becomes q8 as well, in the place of its floats:
 *
 * <pre>
 *    bytes     q [keyDim up to a multiple of 8, zeros at the end]
 *    f32       scale / n
 *    i32       sum of q
 * </pre>
 *
 * so that a score is an exact sum of products of integers: {@code (sum * query scale) * key scale}. The weights of
 * quantized values are {@code p[j] * scale[j]}, multiplied with the integers q or 2c - 15.
 *
 * <p>Measured on normally distributed queries, keys and values of 256 dimensions, the relative error of the result (root
 * of the mean square) is 1.0 % with q8 and 15 % with q4. On a story, the predictions of the demo model have a mean
 * Kullback-Leibler divergence from those with f32 of 0.00005 with f16, 0.00011 with q8, 0.0011 with q8 keys and q4
 * values, and 0.0033 with q4.
 */
public final class KvQuantization {

    private static final float SMALLEST = 0x1p-100f;
    private static final float MAX_Q8 = 127;
    private static final float MAX_Q4 = 7.5f;
    private static final int INFINITY = 0x7f80_0000;

    /** Added to a small number, leaves the nearest integer, half to even, in the lowest bits. */
    private static final float ROUNDING = 0x1.8p23f;

    private static final int ROUNDING_BITS = Float.floatToRawIntBits(ROUNDING);

    private KvQuantization() {}

    /** The size of the matrix for vectors of {@code dim} numbers. */
    public static int rotationSize(int dim) {
        return Integer.lowestOneBit(dim);
    }

    /** Multiplies a vector with the Hadamard matrix. */
    public static void rotate(MemorySegment x, long at, int dim) {
        Hadamard.multiply(x, at, dim, rotationSize(dim));
    }

    /** Multiplies a vector with the inverse of the Hadamard matrix. */
    public static void rotateBack(MemorySegment x, long at, int dim) {
        rotate(x, at, dim);
        float inverse = 1f / rotationSize(dim);
        for (long i = at; i < at + dim; i++) {
            x.setAtIndex(JAVA_FLOAT, i, x.getAtIndex(JAVA_FLOAT, i) * inverse);
        }
    }

    /** The byte offset of the scale of a prepared query, which the sum follows. */
    public static int queryScaleAt(int dim) {
        return (dim + 7) & -8;
    }

    /** Replaces a query by its quantized form. */
    public static void prepareQuery(MemorySegment x, long at, int dim) {
        rotate(x, at, dim);
        quantizeQuery(x, at, dim);
    }

    /** Replaces a rotated query by its quantized form. */
    public static void quantizeQuery(MemorySegment x, long at, int dim) {
        float max = max(x, at, dim);
        float factor = factor(max, MAX_Q8);
        long to = at * Float.BYTES;
        int sum = 0;
        // A byte is written where numbers have been read already.
        for (int i = 0; i < dim; i++) {
            int q = nearest(number(x, at + i, max) * factor);
            x.set(JAVA_BYTE, to + i, (byte) q);
            sum += q;
        }
        int end = queryScaleAt(dim);
        for (int i = dim; i < end; i++) {
            x.set(JAVA_BYTE, to + i, (byte) 0);
        }
        x.set(JAVA_FLOAT, to + end, scale(max, MAX_Q8) / rotationSize(dim));
        x.set(JAVA_INT, to + end + Float.BYTES, sum);
    }

    /** Stores a rotated key in the slot of a page. */
    static void storeKey(MemorySegment x, long at, MemorySegment page, KvLayout layout, int kvHead, int slot) {
        int dim = layout.keyDim();
        float max = max(x, at, dim);
        boolean q8 = layout.keys() == KvFormat.Q8;
        float levels = q8 ? MAX_Q8 : MAX_Q4;
        float factor = factor(max, levels);
        long to = layout.keysAt(kvHead) + (long) slot * layout.keySlotBytes();
        for (int row = 0; row < layout.keyRows(); row++) {
            int bits = 0;
            if (q8) {
                for (int i = 0; i < 4; i++) {
                    int d = row * 4 + i;
                    int q = d < dim ? nearest(number(x, at + d, max) * factor) + 128 : 0;
                    bits |= q << (8 * i);
                }
            } else {
                for (int i = 0; i < 8; i++) {
                    int d = row * 8 + i;
                    int c = d < dim ? nearest(Math.fma(number(x, at + d, max), factor, MAX_Q4)) : 0;
                    bits |= c << (8 * (i & 3) + (i & 4));
                }
            }
            page.set(JAVA_INT, to + row * layout.keyRowBytes(), bits);
        }
        page.set(JAVA_FLOAT, layout.keyScalesAt(kvHead) + (long) slot * Float.BYTES, scale(max, q8 ? levels : 15));
    }

    /** Stores a rotated value in the slot of a page. */
    static void storeValue(MemorySegment x, long at, MemorySegment page, KvLayout layout, int kvHead, int slot) {
        int dim = layout.valueDim();
        float max = max(x, at, dim);
        int bytes = (int) layout.valueRowBytes();
        long to = layout.valuesAt(kvHead) + (long) slot * bytes;
        boolean q8 = layout.values() == KvFormat.Q8;
        if (q8) {
            float factor = factor(max, MAX_Q8);
            for (int d = 0; d < bytes; d++) {
                int q = d < dim ? nearest(number(x, at + d, max) * factor) : 0;
                page.set(JAVA_BYTE, to + d, (byte) q);
            }
        } else {
            float factor = factor(max, MAX_Q4);
            for (int i = 0; i < bytes; i++) {
                int d = 2 * i - (i & 7);
                int low = d < dim ? nearest(Math.fma(number(x, at + d, max), factor, MAX_Q4)) : 0;
                int high = d + 8 < dim ? nearest(Math.fma(number(x, at + d + 8, max), factor, MAX_Q4)) : 0;
                page.set(JAVA_BYTE, to + i, (byte) (low | high << 4));
            }
        }
        page.set(JAVA_FLOAT, layout.valueScalesAt(kvHead) + (long) slot * Float.BYTES, scale(max, q8 ? MAX_Q8 : 15));
    }

    /** The integers of dimension {@code d} of the first {@code n} keys. */
    static void readKeys(MemorySegment page, KvLayout layout, int kvHead, int d, float[] out, int n) {
        boolean q8 = layout.keys() == KvFormat.Q8;
        int row = q8 ? d / 4 : d / 8;
        int shift = q8 ? 8 * (d & 3) : 8 * (d & 3) + (d & 4);
        long from = layout.keysAt(kvHead) + row * layout.keyRowBytes();
        int mask = q8 ? 255 : 15;
        int step = q8 ? 1 : 2;
        int offset = q8 ? 128 : 15;
        for (int j = 0; j < n; j++) {
            out[j] = step * (page.get(JAVA_INT, from + (long) j * Integer.BYTES) >>> shift & mask) - offset;
        }
    }

    /** The integers of a value. */
    static void readValue(MemorySegment page, KvLayout layout, int kvHead, int position, float[] out) {
        long from = layout.valuesAt(kvHead) + position * layout.valueRowBytes();
        int dim = layout.valueDim();
        if (layout.values() == KvFormat.Q8) {
            for (int d = 0; d < dim; d++) {
                out[d] = page.get(JAVA_BYTE, from + d);
            }
        } else {
            for (int d = 0; d < dim; d++) {
                out[d] = 2 * ((page.get(JAVA_BYTE, from + (d / 16 * 8 + (d & 7))) >>> ((d & 8) / 2)) & 15) - 15;
            }
        }
    }

    /** The largest magnitude: NaN if any number is. */
    private static float max(MemorySegment x, long at, int dim) {
        int max = 0;
        for (long i = at; i < at + dim; i++) {
            max = Math.max(max, x.getAtIndex(JAVA_INT, i) & Integer.MAX_VALUE);
        }
        return Float.intBitsToFloat(max);
    }

    private static float factor(float max, float levels) {
        return max < SMALLEST || !isFinite(max) ? 0 : levels / max;
    }

    private static float scale(float max, float levels) {
        if (max < SMALLEST) {
            return 0;
        }
        return isFinite(max) ? max / levels : Float.NaN;
    }

    /** A number of a vector; zero if the vector is not finite. */
    private static float number(MemorySegment x, long at, float max) {
        return isFinite(max) ? x.getAtIndex(JAVA_FLOAT, at) : 0;
    }

    private static boolean isFinite(float max) {
        return Float.floatToRawIntBits(max) < INFINITY;
    }

    private static int nearest(float number) {
        return Float.floatToRawIntBits(number + ROUNDING) - ROUNDING_BITS;
    }
}
