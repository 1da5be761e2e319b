package kawi.quant;

import java.util.Arrays;

/**
 * The search for the lines with which runs of weights are approximated: {@code w = t q + u} with {@code 0 <= q <=
 * largest}, with the smallest sum of squared errors, each times the factor of its weight.
 *
 * <p>The obvious lines, which map the extremes to 0 and {@code largest}, are seldom the best, because most weights lie
 * between the extremes; so some smaller and larger scales are tried. Each gives integers, for which a line through the
 * points {@code (q, w)} is fitted. The best line is improved by rounding to its points and fitting again.
 */
final class RunLines {

    /** Trial scales on either side of the obvious one. */
    private static final int TRIALS = 7;

    /** Distance of two trials, in integer steps of the largest weight. */
    private static final double TRIAL_STEP = 0.15;

    /** How often the line of a run is fitted again. */
    private static final int FITS = 2;

    /** A determinant below this share of its minuend is a rounding error. */
    static final float SINGULAR = 0x1p-18f;

    private final RunLanes lanes;
    private final int largest;
    private final boolean below;
    final float top;

    // The sums over each run: of the factors, factor * w; for the integers of the last rounding, factor *
    // q, factor * q^2, factor * q * w.
    final float[] f;
    final float[] fw;
    final float[] sumQ;
    final float[] sumQq;
    final float[] sumQw;

    /** The scales of the lines that were found; 0 for runs of equal weights. */
    final float[] scales;

    final float[] minimums;

    private final float[] t;
    private final float[] u;
    private final float[] determinant;
    private final float[] explained;
    private final float[] mostExplained;

    /** @param below whether minimums cannot be positive: if all weights are positive, the line goes through 0 */
    RunLines(RunLanes lanes, int largest, boolean below) {
        this.lanes = lanes;
        this.largest = largest;
        this.below = below;
        top = largest / 2f;
        f = lanes.floats();
        fw = lanes.floats();
        sumQ = lanes.floats();
        sumQq = lanes.floats();
        sumQw = lanes.floats();
        scales = lanes.floats();
        minimums = lanes.floats();
        t = lanes.floats();
        u = lanes.floats();
        determinant = lanes.floats();
        explained = lanes.floats();
        mostExplained = lanes.floats();
    }

    void fit() {
        int count = lanes.count;
        float[] high = lanes.w[0].clone();
        float[] low = below ? lanes.floats() : lanes.w[0].clone();
        for (int j = 0; j < lanes.run; j++) {
            addMoments(count, lanes.w[j], lanes.factors[j], low, high, f, fw);
        }
        float[] halfRange = lanes.floats();
        for (int l = 0; l < count; l++) {
            halfRange[l] = 0.5f / (high[l] - low[l]);
            minimums[l] = low[l];
            float miss = fw[l] - f[l] * low[l];
            mostExplained[l] = -miss * miss;
        }
        float[] half = lanes.floats();
        for (int trial = -TRIALS; trial <= TRIALS; trial++) {
            float steps = (float) (largest + trial * TRIAL_STEP);
            for (int l = 0; l < count; l++) {
                half[l] = halfRange[l] * steps;
            }
            sum(low, half);
            fitRuns();
        }
        float[] minimum = lanes.floats();
        for (int i = 0; i < FITS; i++) {
            for (int l = 0; l < count; l++) {
                half[l] = 0.5f / scales[l];
            }
            System.arraycopy(minimums, 0, minimum, 0, count);
            sum(minimum, half);
            fitRuns();
        }
    }

    private static void addMoments(
            int lanes, float[] w, float[] factors, float[] low, float[] high, float[] f, float[] fw) {
        for (int l = 0; l < lanes; l++) {
            low[l] = Math.min(low[l], w[l]);
            high[l] = Math.max(high[l], w[l]);
            f[l] += factors[l];
            fw[l] += factors[l] * w[l];
        }
    }

    /**
     * Rounds the weights to lines, and adds up the sums.
     *
     * @param half of {@code 1 / scale}
     */
    void sum(float[] minimum, float[] half) {
        Arrays.fill(sumQ, 0);
        Arrays.fill(sumQq, 0);
        Arrays.fill(sumQw, 0);
        for (int j = 0; j < lanes.run; j++) {
            LaneKernels.addLine(lanes.count, lanes.w[j], lanes.factors[j], minimum, half, top, sumQ, sumQq, sumQw);
        }
    }

    /** Fits a line to the integers of each run; it becomes that of the run if it is the best. */
    private void fitRuns() {
        LaneKernels.lines(lanes.count, f, fw, sumQ, sumQq, sumQw, t, u, determinant, explained);
        for (int l = 0; l < lanes.count; l++) {
            float scale = t[l];
            float minimum = u[l];
            float value = explained[l];
            if (!(determinant[l] > SINGULAR) || (below && minimum > 0)) {
                scale = sumQw[l] / sumQq[l];
                minimum = 0;
                value = f[l] * sumQw[l] * scale - fw[l] * fw[l];
            }
            if (value > mostExplained[l] && scale > 0) {
                mostExplained[l] = value;
                scales[l] = scale;
                minimums[l] = minimum;
            }
        }
    }

    /** The integers of all weights, run after run, for lines. */
    byte[] integers(float[] minimum, float[] half) {
        byte[] quants = new byte[lanes.count * lanes.run];
        for (int j = 0; j < lanes.run; j++) {
            LaneKernels.integers(lanes.count, lanes.w[j], minimum, half, top, sumQ);
            for (int l = 0; l < lanes.count; l++) {
                quants[l * lanes.run + j] = LaneKernels.integer(sumQ[l], largest);
            }
        }
        return quants;
    }
}
