package kawi.quant;

import java.util.Arrays;

/**
 * An approximation of blocks of 256 weights by integers with scales of scales: {@code w = d * s[r] * (q - bias)} in run
 * {@code r}, with {@code 0 <= q < 2 bias}, {@code -largestScale <= s < largestScale} and {@code d} an f16.
 *
 * <p>The sum of the squared errors, each times the factor of its weight, is minimized heuristically:
 *
 * <ol>
 *   <li>For each run separately, the best real scale {@code t} is found ({@link RunScales}).
 *   <li>The extreme {@code t} becomes {@code s = -largestScale}, which determines {@code d}; for the others, of the
 *   next smaller and the next larger {@code s} the one with the smaller error after rounding the weights again is used.
 *   <li>For these integers, the best {@code d} is fitted, and the previous step is repeated with it and one more
 *   {@code s} on either side, as long as the error becomes smaller.
 * </ol>
 */
final class SymmetricSuperBlocks extends SuperBlockSearch {

    /** The scale of each run. */
    private final RunScales runs;

    private SymmetricSuperBlocks(RunLanes lanes, int bias, int largestScale) {
        super(lanes, largestScale);
        runs = new RunScales(lanes, bias);
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
        runs.fit();
        for (int block = 0; block < lanes.blocks; block++) {
            float extreme = 0;
            for (int l = block * lanes.runs; l < (block + 1) * lanes.runs; l++) {
                if (Math.abs(runs.scales[l]) > Math.abs(extreme)) {
                    extreme = runs.scales[l];
                }
            }
            first.d[block] = lanes.nextHalf(block, extreme / -largestScale);
        }
    }

    @Override
    void chooseRuns(Choice choice, int further) {
        int count = lanes.count;
        lanes.spread(choice.d, d);
        for (int l = 0; l < count; l++) {
            next[l] = d[l] == 0 ? 0 : (float) Math.floor(runs.scales[l] / d[l]);
        }
        for (int step = -further; step <= 1 + further; step++) {
            LaneKernels.scales(count, d, next, step, -largestScale, largestScale - 1, s, scale, half);
            Arrays.fill(error, 0);
            for (int j = 0; j < lanes.run; j++) {
                LaneKernels.addMultipleErrors(count, lanes.w[j], lanes.factors[j], half, runs.bottom, scale, error);
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
        runs.sum(half);
        for (int block = 0; block < lanes.blocks; block++) {
            double kk = 0;
            double wk = 0;
            for (int l = block * lanes.runs; l < (block + 1) * lanes.runs; l++) {
                double s = choice.scales[l];
                kk += lanes.shares[l] * s * s * runs.sumKk[l];
                wk += lanes.shares[l] * s * runs.sumWk[l];
            }
            fitted.d[block] = kk > 0 ? lanes.nearestHalf(block, wk / kk) : 0;
        }
    }

    @Override
    byte[] integers(Choice choice) {
        lines(choice);
        return runs.integers(half);
    }
}
