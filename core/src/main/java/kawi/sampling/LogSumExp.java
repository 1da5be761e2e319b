package kawi.sampling;

/**
 * Computes the logarithm of the sum of the exponentials of logits, which normalizes log-probabilities. The order of the
 * sum is fixed, so results are identical on all machines.
 */
public final class LogSumExp {

    private static final int BLOCK = BlockMaxima.BLOCK;

    private final double[] weights = new double[BLOCK];

    /** Returns {@code ln(e^l[0] + e^l[1] + ...)}; at least one logit must be finite, and none NaN or infinity. */
    public double of(float[] logits) {
        return of(logits, 0, logits.length);
    }

    /** The same for the {@code count} logits from index {@code first} on. */
    public double of(float[] logits, int first, int count) {
        float max = Float.NEGATIVE_INFINITY;
        for (int i = first; i < first + count; i++) {
            max = Math.max(max, logits[i]);
        }
        double total = 0;
        for (int at = 0; at < count; at += BLOCK) {
            int n = Math.min(BLOCK, count - at);
            Exponential.softmaxWeights(logits, first + at, n, max, 1, weights);
            total += Exponential.sum(weights, n);
        }
        return max + StrictMath.log(total);
    }
}
