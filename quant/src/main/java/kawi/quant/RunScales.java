package kawi.quant;

import java.util.Arrays;

/**
 * The search for the scales {@code t} with which runs of weights are approximated: {@code w = t k} with integers
 * {@code -bias <= k < bias}, with the smallest sum of squared errors, each times the factor f of its weight.
 *
 * <p>The obvious scale, which maps the extreme weight to {@code -bias}, is seldom the best, because there are far more
 * small weights than extreme ones; so some smaller and larger scales are tried. Each gives integers, for which {@code t
 * = sum(f w k) / sum(f k k)} is best and reduces the error by {@code sum(f w k)^2 / sum(f k k)}. The best is improved by
 * rounding to its multiples again.
 */
final class RunScales {

    /** Trial scales on either side of the obvious one. */
    private static final int TRIALS = 6;

    /** Distance of two trials, in integer steps of the extreme weight. */
    private static final double TRIAL_STEP = 0.15;

    /** How often the scale of a run is fitted again. */
    private static final int FITS = 2;

    private final RunLanes lanes;
    private final int bias;
    final float bottom;

    /** The scales that were found; 0 for runs of zeros. */
    final float[] scales;

    // The sums over each run for the integers of the last rounding: f k k, f w k.
    final float[] sumKk;
    final float[] sumWk;

    RunScales(RunLanes lanes, int bias) {
        this.lanes = lanes;
        this.bias = bias;
        bottom = bias / 2f;
        scales = lanes.floats();
        sumKk = lanes.floats();
        sumWk = lanes.floats();
    }

    void fit() {
        int count = lanes.count;
        float[] low = lanes.floats();
        float[] high = lanes.floats();
        for (int j = 0; j < lanes.run; j++) {
            LaneKernels.extremes(count, lanes.w[j], low, high);
        }
        float[] inverse = lanes.floats();
        for (int l = 0; l < count; l++) {
            float extreme = high[l] > -low[l] ? high[l] : low[l];
            inverse[l] = extreme == 0 ? 0 : -0.5f / extreme;
            scales[l] = extreme / -bias;
        }
        float[] half = lanes.floats();
        float[] mostExplained = lanes.floats();
        for (int trial = -TRIALS; trial <= TRIALS + FITS; trial++) {
            float steps = (float) (bias + trial * TRIAL_STEP);
            for (int l = 0; l < count; l++) {
                half[l] = trial <= TRIALS ? inverse[l] * steps : scales[l] == 0 ? 0 : 0.5f / scales[l];
            }
            sum(half);
            for (int l = 0; l < count; l++) {
                float wk = sumWk[l];
                float kk = sumKk[l];
                if (wk * wk > mostExplained[l] * kk) {
                    mostExplained[l] = wk * wk / kk;
                    scales[l] = wk / kk;
                }
            }
        }
    }

    /**
     * Rounds the weights to multiples of scales, and adds up the sums.
     *
     * @param half of {@code 1 / scale}
     */
    void sum(float[] half) {
        Arrays.fill(sumKk, 0);
        Arrays.fill(sumWk, 0);
        for (int j = 0; j < lanes.run; j++) {
            LaneKernels.addMultiples(lanes.count, lanes.w[j], lanes.factors[j], half, bottom, sumKk, sumWk);
        }
    }

    /** The integers {@code k + bias} of all weights, run after run. */
    byte[] integers(float[] half) {
        byte[] quants = new byte[lanes.count * lanes.run];
        for (int j = 0; j < lanes.run; j++) {
            LaneKernels.multiples(lanes.count, lanes.w[j], half, bottom, sumWk);
            for (int l = 0; l < lanes.count; l++) {
                quants[l * lanes.run + j] = LaneKernels.integer(sumWk[l], 2 * bias - 1);
            }
        }
        return quants;
    }
}
