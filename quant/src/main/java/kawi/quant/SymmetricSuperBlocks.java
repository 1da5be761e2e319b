package kawi.quant;

import java.util.Arrays;

/**
 * An approximation of blocks of 256 weights by integers with scales of scales: {@code w = d * s[r] * (q - bias)} in run
 * {@code r}, with {@code 0 <= q < 2 bias}, {@code -largestScale <= s < largestScale} and {@code d} an f16.
 *
 * <p>The sum of the squared errors, each times the factor of its weight, is minimized heuristically:
 *
 * <ol>
 *   <li>For each run separately, the best real scale {@code t} is found. The obvious one, which maps the extreme weight
 *   to {@code -bias}, is seldom the best, because there are far more small weights than extreme ones; so some smaller
 *   and larger scales are tried. Each gives integers {@code k = q - bias}, for which {@code t = sum(f w k) / sum(f k
 *   k)} is best and reduces the error by {@code sum(f w k)^2 / sum(f k k)}. The best is improved by rounding to its
 *   multiples again.
 *   <li>The extreme {@code t} becomes {@code s = -largestScale}, which determines {@code d}; for the others, of the
 *   next smaller and the next larger {@code s} the one with the smaller error after rounding the weights again is used.
 *   <li>For these integers, the best {@code d} is fitted, and the previous step is repeated with it and one more
 *   {@code s} on either side, as long as the error becomes smaller.
 * </ol>
 */
final class SymmetricSuperBlocks extends SuperBlockSearch {

    /** Trial scales on either side of the obvious one. */
    private static final int TRIALS = 6;

    /** Distance of two trials, in integer steps of the extreme weight. */
    private static final double TRIAL_STEP = 0.15;

    /** How often the scale of a run is fitted again. */
    private static final int FITS = 2;

    private final int bias;
    private final float bottom;

    /** The best real scale of each run. */
    private final float[] free;

    // The sums over each run for the integers k of the last rounding: factor * k^2, factor * w * k.
    private final float[] sumKk;
    private final float[] sumWk;

    private SymmetricSuperBlocks(RunLanes lanes, int bias, int largestScale) {
        super(lanes, largestScale);
        this.bias = bias;
        bottom = bias / 2f;
        free = lanes.floats();
        sumKk = lanes.floats();
        sumWk = lanes.floats();
    }

    static SuperBlock[] fit(RunLanes lanes, int bias, int largestScale) {
        return new SymmetricSuperBlocks(lanes, bias, largestScale).fit();
    }

    @Override
    boolean hasMinimums() {
        return false;
    }

    @Override
    void begin(Choice first) {
        fitScales();
        for (int block = 0; block < lanes.blocks; block++) {
            float extreme = 0;
            for (int l = block * lanes.runs; l < (block + 1) * lanes.runs; l++) {
                if (Math.abs(free[l]) > Math.abs(extreme)) {
                    extreme = free[l];
                }
            }
            first.d[block] = lanes.nextHalf(block, extreme / -largestScale);
        }
    }

    private void fitScales() {
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
            free[l] = extreme / -bias;
        }
        float[] mostExplained = lanes.floats();
        for (int trial = -TRIALS; trial <= TRIALS + FITS; trial++) {
            float steps = (float) (bias + trial * TRIAL_STEP);
            for (int l = 0; l < count; l++) {
                half[l] = trial <= TRIALS ? inverse[l] * steps : free[l] == 0 ? 0 : 0.5f / free[l];
            }
            sum();
            for (int l = 0; l < count; l++) {
                float wk = sumWk[l];
                float kk = sumKk[l];
                if (wk * wk > mostExplained[l] * kk) {
                    mostExplained[l] = wk * wk / kk;
                    free[l] = wk / kk;
                }
            }
        }
    }

    /** Rounds the weights to multiples of the scales, and adds up the sums. */
    private void sum() {
        Arrays.fill(sumKk, 0);
        Arrays.fill(sumWk, 0);
        for (int j = 0; j < lanes.run; j++) {
            LaneKernels.addMultiples(lanes.count, lanes.w[j], lanes.factors[j], half, bottom, sumKk, sumWk);
        }
    }

    @Override
    void chooseRuns(Choice choice, int further) {
        int count = lanes.count;
        lanes.spread(choice.d, d);
        for (int l = 0; l < count; l++) {
            next[l] = d[l] == 0 ? 0 : (float) Math.floor(free[l] / d[l]);
        }
        for (int step = -further; step <= 1 + further; step++) {
            LaneKernels.scales(count, d, next, step, -largestScale, largestScale - 1, s, scale, half);
            Arrays.fill(error, 0);
            for (int j = 0; j < lanes.run; j++) {
                LaneKernels.addMultipleErrors(count, lanes.w[j], lanes.factors[j], half, bottom, scale, error);
            }
            for (int l = 0; l < count; l++) {
                if (error[l] < least[l]) {
                    least[l] = error[l];
                    choice.scales[l] = (byte) s[l];
                }
            }
        }
    }

    private void lines(Choice choice) {
        lanes.spread(choice.d, d);
        for (int l = 0; l < lanes.count; l++) {
            scale[l] = d[l] * choice.scales[l];
            half[l] = scale[l] == 0 ? 0 : 0.5f / scale[l];
        }
    }

    @Override
    void fitFactors(Choice choice, Choice fitted) {
        lines(choice);
        sum();
        for (int block = 0; block < lanes.blocks; block++) {
            double kk = 0;
            double wk = 0;
            for (int l = block * lanes.runs; l < (block + 1) * lanes.runs; l++) {
                double s = choice.scales[l];
                kk += lanes.shares[l] * s * s * sumKk[l];
                wk += lanes.shares[l] * s * sumWk[l];
            }
            fitted.d[block] = kk > 0 ? lanes.nearestHalf(block, wk / kk) : 0;
        }
    }

    @Override
    byte[] integers(Choice choice) {
        lines(choice);
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
