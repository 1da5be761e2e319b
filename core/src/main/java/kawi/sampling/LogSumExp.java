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
        float max = Float.NEGATIVE_INFINITY;
        for (float logit : logits) {
            max = Math.max(max, logit);
        }
        double total = 0;
        for (int from = 0; from < logits.length; from += BLOCK) {
            int n = Math.min(BLOCK, logits.length - from);
            Exponential.softmaxWeights(logits, from, n, max, 1, weights);
            total += Exponential.sum(weights, n);
        }
        return max + StrictMath.log(total);
    }
}
