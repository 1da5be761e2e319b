package kawi;

import java.lang.foreign.MemorySegment;

/**
 * A {@link WeightFormat} of small integers with scales, which runs with the integer kernels. Every run of
 * {@link #scaleRun()} neighboring weights is
 *
 * <pre>    w[i] = scale * q[i] + minimum        q[i] an int8; scale and minimum floats; the minimum is optional</pre>
 *
 * where the product and the sum are each rounded to the nearest float. A format implements {@link #unpack}, which
 * yields the integers, scales and minimums of blocks; {@link #decode} follows from it. Weights that look up integers in
 * a table have this form too: {@code q} is the table's value.
 *
 * <p>The integers are multiplied with activations that are rounded to 8 bits, as for Kawi's own formats of integers.
 * Scales and minimums are used exactly as they are given, so a format whose runs of equal scales are longer than 32
 * repeats them.
 */
public interface IntegerWeightFormat extends WeightFormat {

    /** The number of weights in a block, a multiple of 32 up to 65,536. */
    @Override
    int blockSize();

    /** The number of neighboring weights that share one scale: 16 or 32. */
    int scaleRun();

    /** Whether weights have a minimum in addition to their scale. */
    boolean hasMinimum();

    /**
     * The range of the integers: {@code q} is from 0 to {@code largestQuant()} with minimums, and from
     * {@code -largestQuant()} to {@code largestQuant() - 1} without them. From 1 to 127 with minimums, 1 to 128
     * without. Up to 15 and 8, respectively, the weights take half the memory. An integer out of range ends the loading
     * of a model.
     */
    int largestQuant();

    /**
     * Converts whole blocks to integers, scales and minimums.
     *
     * @param blocks exactly the blocks of {@code count} weights, as for {@link #decode}
     * @param count weights to convert, a positive multiple of {@link #blockSize()}
     * @param quants receives {@code count} integers from index 0 on
     * @param scales receives {@code count / scaleRun()} scales from index 0 on
     * @param minimums receives as many minimums if the format {@linkplain #hasMinimum has them}; it has no elements
     *     otherwise
     */
    void unpack(MemorySegment blocks, int count, byte[] quants, float[] scales, float[] minimums);

    @Override
    default void decode(MemorySegment blocks, float[] out, int outOffset, int count) {
        int run = scaleRun();
        byte[] quants = new byte[count];
        float[] scales = new float[count / run];
        float[] minimums = new float[hasMinimum() ? scales.length : 0];
        unpack(blocks, count, quants, scales, minimums);
        for (int i = 0; i < count; i++) {
            float product = scales[i / run] * quants[i];
            out[outOffset + i] = minimums.length == 0 ? product : product + minimums[i / run];
        }
    }
}
