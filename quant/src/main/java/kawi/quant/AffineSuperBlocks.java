package kawi.quant;

import java.util.Arrays;

/**
 * An approximation of blocks of 256 weights by integers with scales of scales and minimums of minimums: {@code w = d *
 * s[r] * q - dmin * m[r]} in run {@code r}, with {@code 0 <= q <= largest}, {@code 0 <= s, m <= largestScale} and
 * {@code d} and {@code dmin} f16.
 *
 * <p>The sum of the squared errors, each times the factor of its weight, is minimized heuristically:
 *
 * <ol>
 *   <li>For each run separately, the best real scale {@code t} and minimum {@code u} are found ({@link RunLines}). The
 *   minimum cannot be positive.
 *   <li>The largest {@code t} and {@code -u} become {@code largestScale}, which determines {@code d} and {@code dmin}.
 *   For the next smaller and the next larger scale of each run, the best minimum is found, and the pair with the
 *   smallest error after rounding the weights again is used.
 *   <li>For these integers, the best {@code d} and {@code dmin} are fitted, and the previous step is repeated with
 *   them and one more scale on either side, as long as the error becomes smaller.
 * </ol>
 */
final class AffineSuperBlocks extends SuperBlockSearch {

    private final float top;

    /** The line of each run. */
    private final RunLines runs;

    // One number for each run: its minimum, the factor of its block, a candidate.
    private final float[] minimum;
    private final float[] dmin;
    private final float[] m;

    private AffineSuperBlocks(RunLanes lanes, int largest, int largestScale) {
        super(lanes, largestScale);
        runs = new RunLines(lanes, largest, true);
        top = runs.top;
        minimum = lanes.floats();
        dmin = lanes.floats();
        m = lanes.floats();
    }

    static SuperBlock[] fit(RunLanes lanes, int largest, int largestScale) {
        return new AffineSuperBlocks(lanes, largest, largestScale).fit();
    }

    @Override
    boolean hasMinimums() {
        return true;
    }

    @Override
    void begin(Choice first) {
        runs.fit();
        for (int block = 0; block < lanes.blocks; block++) {
            float steepest = 0;
            float lowest = 0;
            for (int l = block * lanes.runs; l < (block + 1) * lanes.runs; l++) {
                steepest = Math.max(steepest, runs.scales[l]);
                lowest = Math.min(lowest, runs.minimums[l]);
            }
            first.d[block] = lanes.nextHalf(block, steepest / largestScale);
            first.dmin[block] = lanes.nextHalf(block, -lowest / largestScale);
        }
    }

    @Override
    void chooseRuns(Choice choice, int further) {
        int count = lanes.count;
        lanes.spread(choice.d, d);
        lanes.spread(choice.dmin, dmin);
        for (int l = 0; l < count; l++) {
            next[l] = d[l] == 0 ? 0 : (int) (runs.scales[l] / d[l]);
        }
        for (int step = -further; step <= 1 + further; step++) {
            LaneKernels.scales(count, d, next, step, 0, largestScale, s, scale, half);
            Arrays.fill(runs.sumQ, 0);
            for (int j = 0; j < lanes.run; j++) {
                LaneKernels.addIntegers(count, lanes.w[j], lanes.factors[j], runs.minimums, half, top, runs.sumQ);
            }
            LaneKernels.minimums(count, scale, runs.sumQ, runs.f, runs.fw, dmin, largestScale, m, minimum);
            Arrays.fill(error, 0);
            for (int j = 0; j < lanes.run; j++) {
                LaneKernels.addLineErrors(count, lanes.w[j], lanes.factors[j], minimum, half, top, scale, error);
            }
            for (int l = 0; l < count; l++) {
                if (error[l] < least[l]) {
                    least[l] = error[l];
                    choice.scales[l] = (byte) s[l];
                    choice.minimums[l] = (byte) m[l];
                }
            }
        }
    }

    /** Makes lines of a choice. */
    private void lines(Choice choice) {
        lanes.spread(choice.d, d);
        lanes.spread(choice.dmin, dmin);
        for (int l = 0; l < lanes.count; l++) {
            scale[l] = d[l] * choice.scales[l];
            half[l] = scale[l] == 0 ? 0 : 0.5f / scale[l];
            minimum[l] = -dmin[l] * choice.minimums[l];
        }
    }

    @Override
    void fitFactors(Choice choice, Choice fitted) {
        lines(choice);
        runs.sum(minimum, half);
        for (int block = 0; block < lanes.blocks; block++) {
            double a = 0;
            double b = 0;
            double c = 0;
            double aw = 0;
            double cw = 0;
            for (int l = block * lanes.runs; l < (block + 1) * lanes.runs; l++) {
                double share = lanes.shares[l];
                double s = choice.scales[l];
                double m = choice.minimums[l];
                a += share * s * s * runs.sumQq[l];
                b += share * s * m * runs.sumQ[l];
                c += share * m * m * runs.f[l];
                aw += share * s * runs.sumQw[l];
                cw += share * m * runs.fw[l];
            }
            double determinant = a * c - b * b;
            boolean regular = determinant > RunLines.SINGULAR * a * c;
            double d = regular ? (c * aw - b * cw) / determinant : a > 0 ? aw / a : 0;
            double dmin = regular ? (b * aw - a * cw) / determinant : 0;
            fitted.d[block] = lanes.nearestHalf(block, Math.max(0, d));
            fitted.dmin[block] = lanes.nearestHalf(block, Math.max(0, dmin));
        }
    }

    @Override
    byte[] integers(Choice choice) {
        lines(choice);
        return runs.integers(minimum, half);
    }
}
