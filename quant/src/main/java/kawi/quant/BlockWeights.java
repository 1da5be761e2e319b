package kawi.quant;

/**
 * By how much the square of the error of each weight of a block counts when the block is encoded. Large weights count
 * more than small ones, because they contribute more to products; {@code a} is the importance of a column, the mean
 * square of its activations:
 *
 * <pre>
 *    1                               without importance, with 2 and 3 bits
 *    2 rms(run) + |w|                with 4 and 5 bits
 *    rms(run)^2 / 2 + w^2            with 6 bits
 *    a sqrt(2 rms(block)^2 + w^2)    with importance
 * </pre>
 *
 * The last is that of llama.cpp ({@code quantize_row_q4_K_impl} in {@code ggml-quants.c}). Without importance it has
 * {@code rms(run) + |w|} and {@code w^2}; those above give smaller errors both by these measures and by that of equal
 * factors.
 */
final class BlockWeights {

    /** In place of the importance of columns where there is none. */
    static final float[] NO_IMPORTANCE = {};

    /** The factors without importance; {@link RunLanes} computes them. */
    enum Kind {
        EQUAL,
        LINEAR,
        SQUARED
    }

    private BlockWeights() {}

    /**
     * The factors of {@code count} weights with importance.
     *
     * @param importance of the columns
     */
    static double[] of(float[] in, int from, int count, float[] importance, int importanceFrom) {
        double[] factors = new double[count];
        double twice = 2 * squares(in, from, count) / count;
        for (int i = 0; i < count; i++) {
            double w = in[from + i];
            factors[i] = importance[importanceFrom + i] * Math.sqrt(twice + w * w);
        }
        return factors;
    }

    /** Whether there is an importance at all in a block. */
    static boolean isAnyPositive(float[] importance, int from, int count) {
        for (int i = from; i < from + count; i++) {
            if (importance[i] > 0) {
                return true;
            }
        }
        return false;
    }

    private static double squares(float[] in, int from, int count) {
        double sum = 0;
        for (int i = from; i < from + count; i++) {
            sum += (double) in[i] * in[i];
        }
        return sum;
    }
}
