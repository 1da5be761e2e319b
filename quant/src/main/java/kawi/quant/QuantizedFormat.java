package kawi.quant;

import java.lang.foreign.MemorySegment;

/**
 * A format of small integers with scales. Every such format, regardless of its byte layout, represents a run of {@link
 * #scaleRun()} neighboring weights as
 *
 * <pre>    w[i] = scale * q[i] + minimum        q[i] an int8, scale and minimum f32; symmetric formats have none</pre>
 *
 * <p>This <em>integer form</em> is the input of all kernel tiers, so it is the only thing that a new format must
 * define. {@code scale} and {@code minimum} are single roundings of the products in the file (for the K-quants they are
 * exact: an f16 times a small integer fits f32).
 */
public non-sealed interface QuantizedFormat extends WeightFormat {

    /** The number of neighboring weights that share one scale: 16 or 32; divides {@link #blockSize()}. */
    int scaleRun();

    /** Whether weights have a minimum in addition to their scale. */
    boolean hasMinimum();

    /**
     * The bound of the integers {@code q}: 8 for {@code Q4_0}, 15 for {@code Q4_1}, 128 for {@code Q8_0}. With minimums
     * {@code q} is in {@code [0, largestQuant()]}, without them in {@code [-largestQuant(), largestQuant() - 1]}; no
     * smaller number is such a bound. Kernels rely on it.
     */
    int largestQuant();

    /**
     * The values that {@code q} takes in a format of few of them: at most 16, distinct and ascending. Empty if there
     * are more, or if they are all the integers that {@link #largestQuant()} admits.
     */
    default byte[] codeBook() {
        return new byte[0];
    }

    /**
     * Converts whole blocks to integer form.
     *
     * @param data contains the blocks
     * @param offset byte offset of the first block; needs no alignment
     * @param count weights to unpack, a multiple of {@link #blockSize()}
     * @param quants receives {@code count} integers from {@code quantsOffset} on
     * @param scales receives {@code count / scaleRun()} scales from {@code scalesOffset} on
     * @param minimums receives as many minimums from {@code scalesOffset} on; unchanged unless {@link #hasMinimum()}
     */
    void unpack(
            MemorySegment data,
            long offset,
            int count,
            byte[] quants,
            int quantsOffset,
            float[] scales,
            float[] minimums,
            int scalesOffset);
}
