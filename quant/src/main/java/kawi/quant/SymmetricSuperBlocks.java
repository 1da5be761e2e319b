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
 *
 * The blocks do not influence each other: their runs are lanes, see {@link RunLanes}.
 */
final class SymmetricSuperBlocks {

    /** Trial scales on either side of the obvious one. */
    private static final int TRIALS = 6;

    /** Distance of two trials, in integer steps of the extreme weight. */
    private static final double TRIAL_STEP = 0.15;

    /** How often the scale of a run is fitted again. */
    private static final int FITS = 2;

    /** How often {@code d} is fitted. */
    private static final int ROUNDS = 3;

    private final RunLanes lanes;
    private final int bias;
    private final int largestScale;
    private final float bottom;

    /** The best real scale of each run. */
    private final float[] free;

    // A scale of each run, half of 1 / scale, and its error.
    private final float[] scale;
    private final float[] half;
    private final float[] error;

    /** The error of the best candidate of each run. */
    private final float[] least;

    // One number for each run: the factor of its block, the next smaller scale, a candidate.
    private final float[] d;
    private final float[] next;
    private final float[] s;

    // The sums over each run for the integers k of the last rounding: factor * k^2, factor * w * k.
    private final float[] sumKk;
    private final float[] sumWk;

    /** The factor of each block, and the scales of its runs. */
    private final class Choice {
        final float[] d = new float[lanes.blocks];
        final byte[] scales = new byte[lanes.count];
        final double[] errors = new double[lanes.blocks];

        void copy(int block, Choice from) {
            d[block] = from.d[block];
            errors[block] = from.errors[block];
            int first = block * lanes.runs;
            System.arraycopy(from.scales, first, scales, first, lanes.runs);
        }
    }

    private SymmetricSuperBlocks(RunLanes lanes, int bias, int largestScale) {
        this.lanes = lanes;
        this.bias = bias;
        this.largestScale = largestScale;
        bottom = bias / 2f;
        free = lanes.floats();
        scale = lanes.floats();
        half = lanes.floats();
        error = lanes.floats();
        least = lanes.floats();
        d = lanes.floats();
        next = lanes.floats();
        s = lanes.floats();
        sumKk = lanes.floats();
        sumWk = lanes.floats();
    }

    static SuperBlock[] fit(RunLanes lanes, int bias, int largestScale) {
        return new SymmetricSuperBlocks(lanes, bias, largestScale).fit();
    }

    private SuperBlock[] fit() {
        fitScales();
        var best = new Choice();
        for (int block = 0; block < lanes.blocks; block++) {
            float extreme = 0;
            for (int l = block * lanes.runs; l < (block + 1) * lanes.runs; l++) {
                if (Math.abs(free[l]) > Math.abs(extreme)) {
                    extreme = free[l];
                }
            }
            best.d[block] = lanes.nextHalf(block, extreme / -largestScale);
        }
        choose(best, 0);
        var next = new Choice();
        boolean improved = true;
        for (int round = 1; round < ROUNDS && improved; round++) {
            fitFactors(best, next);
            choose(next, 1);
            improved = false;
            for (int block = 0; block < lanes.blocks; block++) {
                if (Float.isFinite(best.d[block]) && next.errors[block] < best.errors[block]) {
                    best.copy(block, next);
                    improved = true;
                }
            }
        }
        return blocks(best);
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

    /**
     * Chooses the scales of all runs for {@code d}, and adds up their errors.
     *
     * @param further scales that are tried beyond the next smaller and the next larger one
     */
    private void choose(Choice choice, int further) {
        int count = lanes.count;
        lanes.spread(choice.d, d);
        for (int l = 0; l < count; l++) {
            next[l] = d[l] == 0 ? 0 : (float) Math.floor(free[l] / d[l]);
        }
        Arrays.fill(least, Float.POSITIVE_INFINITY);
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
        for (int block = 0; block < lanes.blocks; block++) {
            double total = 0;
            for (int l = block * lanes.runs; l < (block + 1) * lanes.runs; l++) {
                total += (double) least[l] * lanes.shares[l];
            }
            choice.errors[block] = total;
        }
    }

    private void lines(Choice choice) {
        lanes.spread(choice.d, d);
        for (int l = 0; l < lanes.count; l++) {
            scale[l] = d[l] * choice.scales[l];
            half[l] = scale[l] == 0 ? 0 : 0.5f / scale[l];
        }
    }

    /** Fits {@code d} of each block to the integers of a choice. */
    private void fitFactors(Choice choice, Choice fitted) {
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

    private SuperBlock[] blocks(Choice choice) {
        lines(choice);
        byte[] quants = new byte[lanes.blocks * lanes.weights];
        for (int j = 0; j < lanes.run; j++) {
            LaneKernels.multiples(lanes.count, lanes.w[j], half, bottom, sumWk);
            for (int l = 0; l < lanes.count; l++) {
                quants[l * lanes.run + j] = LaneKernels.integer(sumWk[l], 2 * bias - 1);
            }
        }
        SuperBlock[] blocks = new SuperBlock[lanes.blocks];
        for (int block = 0; block < blocks.length; block++) {
            int first = block * lanes.runs;
            int firstQuant = block * lanes.weights;
            blocks[block] = new SuperBlock(
                    lanes.written(block, choice.d[block]),
                    0,
                    Arrays.copyOfRange(choice.scales, first, first + lanes.runs),
                    new byte[0],
                    Arrays.copyOfRange(quants, firstQuant, firstQuant + lanes.weights));
        }
        return blocks;
    }
}
