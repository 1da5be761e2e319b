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
 *
 * The blocks do not influence each other: their runs are lanes, see {@link RunLanes}.
 */
final class AffineSuperBlocks {

    /** How often {@code d} and {@code dmin} are fitted. */
    private static final int ROUNDS = 3;

    private final RunLanes lanes;
    private final int largestScale;
    private final float top;

    /** The line of each run. */
    private final RunLines runs;

    // A line of each run: its scale, half of 1 / scale, its minimum; and its error.
    private final float[] scale;
    private final float[] half;
    private final float[] minimum;
    private final float[] error;

    /** The error of the best candidate of each run. */
    private final float[] least;

    // One number for each run: the two factors of its block, the next smaller scale, a candidate.
    private final float[] d;
    private final float[] dmin;
    private final float[] next;
    private final float[] s;
    private final float[] m;

    /** The factors of each block, and the integers of each run. */
    private final class Choice {
        final float[] d = new float[lanes.blocks];
        final float[] dmin = new float[lanes.blocks];
        final byte[] scales = new byte[lanes.count];
        final byte[] minimums = new byte[lanes.count];
        final double[] errors = new double[lanes.blocks];

        void copy(int block, Choice from) {
            d[block] = from.d[block];
            dmin[block] = from.dmin[block];
            errors[block] = from.errors[block];
            int first = block * lanes.runs;
            System.arraycopy(from.scales, first, scales, first, lanes.runs);
            System.arraycopy(from.minimums, first, minimums, first, lanes.runs);
        }
    }

    private AffineSuperBlocks(RunLanes lanes, int largest, int largestScale) {
        this.lanes = lanes;
        this.largestScale = largestScale;
        runs = new RunLines(lanes, largest, true);
        top = runs.top;
        scale = lanes.floats();
        half = lanes.floats();
        minimum = lanes.floats();
        error = lanes.floats();
        least = lanes.floats();
        d = lanes.floats();
        dmin = lanes.floats();
        next = lanes.floats();
        s = lanes.floats();
        m = lanes.floats();
    }

    static SuperBlock[] fit(RunLanes lanes, int largest, int largestScale) {
        return new AffineSuperBlocks(lanes, largest, largestScale).fit();
    }

    private SuperBlock[] fit() {
        runs.fit();
        var best = new Choice();
        for (int block = 0; block < lanes.blocks; block++) {
            float steepest = 0;
            float lowest = 0;
            for (int l = block * lanes.runs; l < (block + 1) * lanes.runs; l++) {
                steepest = Math.max(steepest, runs.scales[l]);
                lowest = Math.min(lowest, runs.minimums[l]);
            }
            best.d[block] = lanes.nextHalf(block, steepest / largestScale);
            best.dmin[block] = lanes.nextHalf(block, -lowest / largestScale);
        }
        choose(best, 0);
        var next = new Choice();
        boolean improved = true;
        for (int round = 1; round < ROUNDS && improved; round++) {
            fitFactors(best, next);
            choose(next, 1);
            improved = false;
            for (int block = 0; block < lanes.blocks; block++) {
                boolean finite = Float.isFinite(best.d[block]) && Float.isFinite(best.dmin[block]);
                if (finite && next.errors[block] < best.errors[block]) {
                    best.copy(block, next);
                    improved = true;
                }
            }
        }
        return blocks(best);
    }

    /**
     * Chooses the scales and minimums of all runs for {@code d} and {@code dmin}, and adds up their errors.
     *
     * @param further scales that are tried beyond the next smaller and the next larger one
     */
    private void choose(Choice choice, int further) {
        int count = lanes.count;
        lanes.spread(choice.d, d);
        lanes.spread(choice.dmin, dmin);
        for (int l = 0; l < count; l++) {
            next[l] = d[l] == 0 ? 0 : (int) (runs.scales[l] / d[l]);
        }
        Arrays.fill(least, Float.POSITIVE_INFINITY);
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
        for (int block = 0; block < lanes.blocks; block++) {
            double total = 0;
            for (int l = block * lanes.runs; l < (block + 1) * lanes.runs; l++) {
                total += (double) least[l] * lanes.shares[l];
            }
            choice.errors[block] = total;
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

    /** Fits {@code d} and {@code dmin} of each block to the integers of a choice. */
    private void fitFactors(Choice choice, Choice fitted) {
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

    private SuperBlock[] blocks(Choice choice) {
        lines(choice);
        byte[] quants = runs.integers(minimum, half);
        SuperBlock[] blocks = new SuperBlock[lanes.blocks];
        for (int block = 0; block < blocks.length; block++) {
            int first = block * lanes.runs;
            int end = first + lanes.runs;
            int firstQuant = block * lanes.weights;
            blocks[block] = new SuperBlock(
                    lanes.written(block, choice.d[block]),
                    lanes.written(block, choice.dmin[block]),
                    Arrays.copyOfRange(choice.scales, first, end),
                    Arrays.copyOfRange(choice.minimums, first, end),
                    Arrays.copyOfRange(quants, firstQuant, firstQuant + lanes.weights));
        }
        return blocks;
    }
}
