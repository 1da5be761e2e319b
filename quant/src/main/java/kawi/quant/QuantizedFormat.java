package kawi.quant;

import java.lang.foreign.MemorySegment;

/**
 * A format of small integers with scales. Every such format, whatever its bytes look like, says the same thing about a
 * run of {@link #scaleRun()} neighbouring weights:
 *
 * <pre>    w[i] = scale * q[i] + minimum        q[i] an int8, scale and minimum f32; symmetric formats have none</pre>
 *
 * <p>This <em>integer form</em> is what all kernel tiers multiply with, so it is the only thing a new format must
 * define to run everywhere. {@code scale} and {@code minimum} are single roundings of the products in the file (for the
 * K-quants they are exact: an f16 times a small integer fits f32).
 */
public non-sealed interface QuantizedFormat extends WeightFormat {

    /** How many neighbouring weights share one scale: 16 or 32; divides {@link #blockSize()}. */
    int scaleRun();

    /** Whether weights have a minimum beside their scale. */
    boolean hasMinimum();

    /**
     * The largest absolute value an integer {@code q} can take: 8 for {@code Q4_0}, 15 for {@code Q4_1}, 128 for
     * {@code Q8_0}. With minimums {@code q} is in {@code [0, largestQuant()]}, without them in
     * {@code [-largestQuant(), largestQuant() - 1]}; kernels rely on it.
     */
    int largestQuant();

    /**
     * Brings whole blocks into integer form.
     *
     * @param data where the blocks are
     * @param offset byte offset of the first block; needs no alignment
     * @param count weights to unpack, a multiple of {@link #blockSize()}
     * @param quants receives {@code count} integers from {@code quantsOffset} on
     * @param scales receives {@code count / scaleRun()} scales from {@code scalesOffset} on
     * @param minimums receives as many minimums from {@code scalesOffset} on; not touched unless {@link #hasMinimum()}
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
