package kawi.quant;

/**
 * An approximation of 256 weights by integers with scales of scales: {@code w = d * s[r] * (q - bias)} in run {@code
 * r}, with {@code 0 <= q < 2 bias}, {@code -largestScale <= s < largestScale} and {@code d} an f16.
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
 *   two next smaller and larger {@code s} the one with the smallest error after rounding the weights again is used.
 *   <li>For these integers, the best {@code d} is fitted, and the previous step is repeated with it, as long as the
 *   error becomes smaller.
 * </ol>
 */
final class SymmetricSuperBlock {

    private static final int WEIGHTS = 256;

    /** Trial scales on either side of the obvious one. */
    private static final int TRIALS = 6;

    /** Distance of two trials, in integer steps of the extreme weight. */
    private static final double TRIAL_STEP = 0.15;

    /** How often the scale of a run is fitted again. */
    private static final int FITS = 2;

    /** How often {@code d} is fitted. */
    private static final int ROUNDS = 3;

    /** The factor of all scales; it may be negative. */
    float d;

    /** One per run. */
    byte[] scales;

    /** One per weight, bias included. */
    byte[] quants = new byte[WEIGHTS];

    private final double[] w = new double[WEIGHTS];
    private final double[] factors;
    private final int run;
    private final int bias;
    private final int largestScale;
    private final double[] free;

    private SymmetricSuperBlock(float[] in, int from, double[] factors, int run, int bias, int largestScale) {
        this.factors = factors;
        this.run = run;
        this.bias = bias;
        this.largestScale = largestScale;
        scales = new byte[WEIGHTS / run];
        free = new double[scales.length];
        for (int i = 0; i < WEIGHTS; i++) {
            w[i] = in[from + i];
        }
        double extreme = 0;
        for (int r = 0; r < free.length; r++) {
            free[r] = RunScale.fit(w, factors, r * run, run, bias, TRIALS, TRIAL_STEP, FITS);
            if (Math.abs(free[r]) > Math.abs(extreme)) {
                extreme = free[r];
            }
        }
        d = F16Format.roundAwayFromZero((float) (extreme / -largestScale));
        double error = choose();
        for (int round = 1; round < ROUNDS && !F16Format.overflows(d); round++) {
            double improved = improve(error);
            if (!(improved < error)) {
                break;
            }
            error = improved;
        }
    }

    /**
     * @param importance of the columns, or {@link BlockWeights#NO_IMPORTANCE}
     * @param run the number of weights that share a scale
     */
    static SymmetricSuperBlock fit(
            float[] in,
            int from,
            BlockWeights.Kind kind,
            float[] importance,
            int importanceFrom,
            int run,
            int bias,
            int largestScale) {
        double[] factors = BlockWeights.of(in, from, WEIGHTS, run, kind, importance, importanceFrom);
        return new SymmetricSuperBlock(in, from, factors, run, bias, largestScale);
    }

    /** Chooses the scales and integers for {@code d}; returns their error. */
    private double choose() {
        double total = 0;
        for (int r = 0; r < free.length; r++) {
            int start = r * run;
            int below = d == 0 ? 0 : (int) Math.floor(free[r] / d);
            double least = Double.POSITIVE_INFINITY;
            for (int s = below - 1; s <= below + 2; s++) {
                int candidate = Math.clamp(s, -largestScale, largestScale - 1);
                double error = error(start, (double) d * candidate);
                if (error < least) {
                    least = error;
                    scales[r] = (byte) candidate;
                }
            }
            total += least;
            double scale = (double) d * scales[r];
            double inverse = scale == 0 ? 0 : 1 / scale;
            for (int i = start; i < start + run; i++) {
                quants[i] = (byte) (bias + RunScale.round(w[i] * inverse, bias));
            }
        }
        return total;
    }

    private double error(int start, double scale) {
        double inverse = scale == 0 ? 0 : 1 / scale;
        double error0 = 0;
        double error1 = 0;
        for (int i = start; i < start + run; i += 2) {
            double a = w[i] - scale * RunScale.round(w[i] * inverse, bias);
            double b = w[i + 1] - scale * RunScale.round(w[i + 1] * inverse, bias);
            error0 += factors[i] * a * a;
            error1 += factors[i + 1] * b * b;
        }
        return error0 + error1;
    }

    /** Fits {@code d} and chooses the others again; returns the error, which has changed only if it is smaller. */
    private double improve(double error) {
        double kk = 0;
        double wk = 0;
        for (int i = 0; i < WEIGHTS; i++) {
            double k = scales[i / run] * (quants[i] - bias);
            kk += factors[i] * k * k;
            wk += factors[i] * k * w[i];
        }
        float fitted = kk > 0 ? Float.float16ToFloat(Float.floatToFloat16((float) (wk / kk))) : 0;
        if (fitted == 0 || fitted == d || !Float.isFinite(fitted)) {
            return error;
        }
        float oldD = d;
        byte[] oldScales = scales.clone();
        byte[] oldQuants = quants.clone();
        d = fitted;
        double improved = choose();
        if (improved < error) {
            return improved;
        }
        d = oldD;
        scales = oldScales;
        quants = oldQuants;
        return error;
    }
}
