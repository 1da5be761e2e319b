package kawi.quant;

/**
 * An approximation of 256 weights by integers with scales of scales: {@code w = d * s[r] * (q - bias)} in run {@code
 * r}, with {@code 0 <= q < 2 bias}, {@code -largestScale <= s < largestScale} and {@code d} an f16.
 *
 * <p>The sum of the squared errors is minimized heuristically, in two steps:
 *
 * <ol>
 *   <li>For each run separately, the best real scale {@code t} is found. The obvious one, which maps the extreme weight
 *   to {@code -bias}, is seldom the best, because there are far more small weights than extreme ones; so some smaller
 *   and larger scales are tried. Each gives integers {@code k = q - bias}, for which {@code t = sum(w k) / sum(k k)} is
 *   best and reduces the squared error by {@code sum(w k)^2 / sum(k k)}.
 *   <li>The extreme {@code t} becomes {@code s = -largestScale}, which determines {@code d}; the others are rounded
 *   down, to nearest and up, and the {@code s} with the smallest error after rounding the weights again is used.
 * </ol>
 */
final class SymmetricSuperBlock {

    private static final int WEIGHTS = 256;

    /** Trial scales on either side of the obvious one. */
    private static final int TRIALS = 9;

    /** Distance of two trials, in integer steps of the extreme weight. */
    private static final double TRIAL_STEP = 0.1;

    /** The factor of all scales; it may be negative. */
    final float d;

    /** One per run. */
    final byte[] scales;

    /** One per weight, bias included. */
    final byte[] quants = new byte[WEIGHTS];

    private final float[] in;
    private final int from;
    private final int run;
    private final int bias;

    private SymmetricSuperBlock(float[] in, int from, int run, int bias, int largestScale) {
        this.in = in;
        this.from = from;
        this.run = run;
        this.bias = bias;
        scales = new byte[WEIGHTS / run];
        double[] free = new double[scales.length];
        double extreme = 0;
        for (int r = 0; r < free.length; r++) {
            free[r] = freeScale(from + r * run);
            if (Math.abs(free[r]) > Math.abs(extreme)) {
                extreme = free[r];
            }
        }
        d = F16Format.roundAwayFromZero((float) (extreme / -largestScale));
        for (int r = 0; r < free.length; r++) {
            scales[r] = d == 0 ? 0 : bestScale(r, (int) Math.rint(free[r] / d), largestScale);
            for (int i = r * run; i < (r + 1) * run; i++) {
                quants[i] = (byte) (bias + round(in[from + i], (double) d * scales[r]));
            }
        }
    }

    static SymmetricSuperBlock fit(float[] in, int from, int run, int bias, int largestScale) {
        return new SymmetricSuperBlock(in, from, run, bias, largestScale);
    }

    private double freeScale(int start) {
        double extreme = 0;
        for (int i = start; i < start + run; i++) {
            if (Math.abs(in[i]) > Math.abs(extreme)) {
                extreme = in[i];
            }
        }
        double best = 0;
        double mostExplained = 0;
        for (int trial = -TRIALS; trial <= TRIALS; trial++) {
            double scale = extreme / -(bias + trial * TRIAL_STEP);
            double wk = 0;
            double kk = 0;
            for (int i = start; i < start + run; i++) {
                double k = round(in[i], scale);
                wk += in[i] * k;
                kk += k * k;
            }
            if (wk * wk > mostExplained * kk) {
                mostExplained = wk * wk / kk;
                best = wk / kk;
            }
        }
        return best;
    }

    private byte bestScale(int r, int nearest, int largestScale) {
        int best = 0;
        double least = Double.POSITIVE_INFINITY;
        for (int s = nearest - 1; s <= nearest + 1; s++) {
            int candidate = Math.clamp(s, -largestScale, largestScale - 1);
            double scale = (double) d * candidate;
            double error = 0;
            for (int i = from + r * run; i < from + (r + 1) * run; i++) {
                double miss = in[i] - scale * round(in[i], scale);
                error += miss * miss;
            }
            if (error < least) {
                least = error;
                best = candidate;
            }
        }
        return (byte) best;
    }

    private double round(double weight, double scale) {
        return scale == 0 ? 0 : Math.clamp(Math.rint(weight / scale), -bias, bias - 1);
    }
}
