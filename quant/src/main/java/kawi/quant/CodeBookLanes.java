package kawi.quant;

import java.util.Arrays;

/**
 * The search for the scales of runs of weights that are approximated by the integers of a code book: {@code w = scale *
 * q}, with the smallest sum of squared errors, each times the factor f of its weight.
 *
 * <p>The scales that map the weight of largest magnitude to the smallest or to the largest integer are seldom the best,
 * because there are far more small weights than large ones; so scales around them are tried. Each trial gives integers
 * {@code q}, for which {@code sum(f w q) / sum(f q q)} is the best scale and reduces the error by {@code sum(f w q)^2 /
 * sum(f q q)}. The best one is improved by rounding to its multiples and fitting again.
 *
 * <p>Rounding is a lookup: every half step from the smallest to the largest integer has one nearest integer. The lookup
 * itself is the only loop that is not replaced by vector instructions.
 */
final class CodeBookLanes {

    /** Trials on either side of an obvious scale. */
    private static final int TRIALS = 2;

    /** The relative distance of two trials. */
    private static final float TRIAL_STEP = 0.06f;

    /** How often the best scale is fitted again. */
    private static final int FITS = 2;

    private final RunLanes lanes;
    private final CodeBook book;
    private final float[] twiceInverse;
    private final int[] steps;
    private final float[] q;

    // The sums over each run for the integers of the last trial: f w q and f q q.
    private final float[] wq;
    private final float[] qq;

    CodeBookLanes(RunLanes lanes, CodeBook book) {
        this.lanes = lanes;
        this.book = book;
        twiceInverse = lanes.floats();
        steps = new int[twiceInverse.length];
        q = lanes.floats();
        wq = lanes.floats();
        qq = lanes.floats();
    }

    /** The best scales that were found; 0 for runs whose weights, or their factors, are all 0. */
    float[] scales() {
        int count = lanes.count;
        float[] low = lanes.floats();
        float[] high = lanes.floats();
        for (float[] row : lanes.w) {
            LaneKernels.extremes(count, row, low, high);
        }
        float[] inverse = lanes.floats();
        for (int l = 0; l < count; l++) {
            float extreme = high[l] > -low[l] ? high[l] : low[l];
            inverse[l] = extreme == 0 ? 0 : 2 / extreme;
        }
        float[] best = lanes.floats();
        float[] mostExplained = lanes.floats();
        for (int end : book.ends()) {
            for (int trial = -TRIALS; trial <= TRIALS; trial++) {
                float factor = end * (1 + trial * TRIAL_STEP);
                for (int l = 0; l < count; l++) {
                    twiceInverse[l] = inverse[l] * factor;
                }
                fit(best, mostExplained);
            }
        }
        for (int i = 0; i < FITS; i++) {
            invert(best);
            fit(best, mostExplained);
        }
        return best;
    }

    private void fit(float[] best, float[] mostExplained) {
        Arrays.fill(wq, 0);
        Arrays.fill(qq, 0);
        for (int j = 0; j < lanes.run; j++) {
            round(lanes.w[j]);
            LaneKernels.addProducts(lanes.count, lanes.w[j], lanes.factors[j], q, wq, qq);
        }
        for (int l = 0; l < lanes.count; l++) {
            if (wq[l] * wq[l] > mostExplained[l] * qq[l]) {
                best[l] = wq[l] / qq[l];
                mostExplained[l] = wq[l] * best[l];
            }
        }
    }

    private void invert(float[] scale) {
        for (int l = 0; l < lanes.count; l++) {
            twiceInverse[l] = scale[l] == 0 ? 0 : 2 / scale[l];
        }
    }

    private void round(float[] w) {
        LaneKernels.halfSteps(lanes.count, w, twiceInverse, book.smallest(), book.lastStep(), steps);
        book.integersOf(steps, q, lanes.count);
    }

    /** The sum of the squared errors of each run with given scales. */
    float[] errors(float[] scale) {
        float[] error = lanes.floats();
        invert(scale);
        for (int j = 0; j < lanes.run; j++) {
            round(lanes.w[j]);
            LaneKernels.addErrors(lanes.count, lanes.w[j], lanes.factors[j], scale, q, error);
        }
        return error;
    }

    /** The codes of all weights, run after run, with given scales. */
    byte[] codes(float[] scale) {
        byte[] codes = new byte[lanes.count * lanes.run];
        invert(scale);
        for (int j = 0; j < lanes.run; j++) {
            LaneKernels.halfSteps(lanes.count, lanes.w[j], twiceInverse, book.smallest(), book.lastStep(), steps);
            for (int l = 0; l < lanes.count; l++) {
                codes[l * lanes.run + j] = book.codeOf(steps[l]);
            }
        }
        return codes;
    }
}
