package kawi.quant;

/**
 * An approximation of 256 weights by integers with scales of scales and minimums of minimums: {@code w = d * s[r] * q -
 * dmin * m[r]} in run {@code r}, with {@code 0 <= q <= largest}, {@code 0 <= s, m <= largestScale} and {@code d} and
 * {@code dmin} f16.
 *
 * <p>The sum of the squared errors, each times the factor of its weight, is minimized heuristically:
 *
 * <ol>
 *   <li>For each run separately, the best real scale {@code t} and minimum {@code u} are found. The obvious ones, which
 *   map the extremes to 0 and {@code largest}, are seldom the best, because most weights lie between the extremes; so
 *   some smaller and larger scales are tried. Each gives integers, for which a line through the points {@code (q, w)}
 *   is fitted. The best line is improved by rounding to its points and fitting again. The minimum cannot be positive:
 *   if all weights are positive, the line goes through 0.
 *   <li>The largest {@code t} and {@code -u} become {@code largestScale}, which determines {@code d} and {@code dmin}.
 *   For the two next smaller and larger scales of each run, the best minimum is found, and the pair with the
 *   smallest error after rounding the weights again is used.
 *   <li>For these integers, the best {@code d} and {@code dmin} are fitted, and the previous step is repeated with
 *   them, as long as the error becomes smaller.
 * </ol>
 */
final class AffineSuperBlock {

    private static final int WEIGHTS = 256;

    /** Trial scales on either side of the obvious one. */
    private static final int TRIALS = 7;

    /** Distance of two trials, in integer steps of the largest weight. */
    private static final double TRIAL_STEP = 0.15;

    /** How often the line of a run is fitted again. */
    private static final int FITS = 2;

    /** How often {@code d} and {@code dmin} are fitted. */
    private static final int ROUNDS = 3;

    /** The factor of all scales. */
    float d;

    /** The factor of all minimums. */
    float dmin;

    /** One per run. */
    byte[] scales;

    /** One per run, to be subtracted. */
    byte[] minimums;

    /** One per weight. */
    byte[] quants = new byte[WEIGHTS];

    private final double[] w = new double[WEIGHTS];
    private final double[] factors;
    private final int run;
    private final int largest;
    private final int largestScale;

    /** The line of each run. */
    private final double[] lineScales;

    private final double[] lineMinimums;

    // Sums over the weights of a run for the integers of the last rounding: factor * q, factor * q^2, factor * q * w.
    private double sumQ;
    private double sumQq;
    private double sumQw;

    private AffineSuperBlock(float[] in, int from, double[] factors, int run, int largest, int largestScale) {
        this.factors = factors;
        this.run = run;
        this.largest = largest;
        this.largestScale = largestScale;
        int runs = WEIGHTS / run;
        scales = new byte[runs];
        minimums = new byte[runs];
        lineScales = new double[runs];
        lineMinimums = new double[runs];
        for (int i = 0; i < WEIGHTS; i++) {
            w[i] = in[from + i];
        }
        double steepest = 0;
        double lowest = 0;
        for (int r = 0; r < runs; r++) {
            fitLine(r);
            steepest = Math.max(steepest, lineScales[r]);
            lowest = Math.min(lowest, lineMinimums[r]);
        }
        d = F16Format.roundAwayFromZero((float) (steepest / largestScale));
        dmin = F16Format.roundAwayFromZero((float) (-lowest / largestScale));
        double error = choose();
        for (int round = 1; round < ROUNDS && !F16Format.overflows(d) && !F16Format.overflows(dmin); round++) {
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
    static AffineSuperBlock fit(
            float[] in,
            int from,
            BlockWeights.Kind kind,
            float[] importance,
            int importanceFrom,
            int run,
            int largest,
            int largestScale) {
        double[] factors = BlockWeights.of(in, from, WEIGHTS, run, kind, importance, importanceFrom);
        return new AffineSuperBlock(in, from, factors, run, largest, largestScale);
    }

    private void fitLine(int r) {
        int start = r * run;
        double low = 0;
        double high = w[start];
        double f = 0;
        double fw = 0;
        double fww = 0;
        for (int i = start; i < start + run; i++) {
            low = Math.min(low, w[i]);
            high = Math.max(high, w[i]);
            f += factors[i];
            fw += factors[i] * w[i];
            fww += factors[i] * w[i] * w[i];
        }
        double bestScale = 0;
        double bestMinimum = low;
        double least = f * low * low - 2 * low * fw + fww;
        for (int trial = -TRIALS; trial <= TRIALS + FITS; trial++) {
            double scale = trial <= TRIALS ? (high - low) / (largest + trial * TRIAL_STEP) : bestScale;
            double minimum = trial <= TRIALS ? low : bestMinimum;
            if (scale <= 0) {
                break;
            }
            sum(start, 1 / scale, minimum);
            double determinant = f * sumQq - sumQ * sumQ;
            scale = (f * sumQw - sumQ * fw) / determinant;
            minimum = (sumQq * fw - sumQ * sumQw) / determinant;
            if (!(determinant > 0) || minimum > 0) {
                if (!(sumQq > 0)) {
                    continue;
                }
                scale = sumQw / sumQq;
                minimum = 0;
            }
            double error =
                    scale * (scale * sumQq + 2 * minimum * sumQ - 2 * sumQw) + minimum * (minimum * f - 2 * fw) + fww;
            if (error < least && scale > 0) {
                least = error;
                bestScale = scale;
                bestMinimum = minimum;
            }
        }
        lineScales[r] = bestScale;
        lineMinimums[r] = bestMinimum;
    }

    /** Rounds the weights of a run, and adds up the sums. */
    private void sum(int start, double inverse, double minimum) {
        double q0 = 0;
        double q1 = 0;
        double qq0 = 0;
        double qq1 = 0;
        double qw0 = 0;
        double qw1 = 0;
        for (int i = start; i < start + run; i += 2) {
            double a = Math.clamp((int) ((w[i] - minimum) * inverse + 0.5), 0, largest);
            double b = Math.clamp((int) ((w[i + 1] - minimum) * inverse + 0.5), 0, largest);
            double fa = factors[i] * a;
            double fb = factors[i + 1] * b;
            q0 += fa;
            q1 += fb;
            qq0 += fa * a;
            qq1 += fb * b;
            qw0 += fa * w[i];
            qw1 += fb * w[i + 1];
        }
        sumQ = q0 + q1;
        sumQq = qq0 + qq1;
        sumQw = qw0 + qw1;
    }

    /** Chooses the scales, minimums and integers for {@code d} and {@code dmin}; returns their error. */
    private double choose() {
        double total = 0;
        for (int r = 0; r < scales.length; r++) {
            total += choose(r);
        }
        return total;
    }

    private double choose(int r) {
        int start = r * run;
        int s0 = d == 0 ? 0 : (int) (lineScales[r] / d);
        double least = Double.POSITIVE_INFINITY;
        for (int s = Math.clamp(s0 - 1, 0, largestScale); s <= Math.min(s0 + 2, largestScale); s++) {
            double scale = (double) d * s;
            int m = minimum(start, scale, lineMinimums[r]);
            double error = error(start, scale, -(double) dmin * m);
            if (error < least) {
                least = error;
                scales[r] = (byte) s;
                minimums[r] = (byte) m;
            }
        }
        double scale = (double) d * scales[r];
        double minimum = -(double) dmin * minimums[r];
        double inverse = scale == 0 ? 0 : 1 / scale;
        for (int i = start; i < start + run; i++) {
            quants[i] = (byte) Math.clamp((int) ((w[i] - minimum) * inverse + 0.5), 0, largest);
        }
        return least;
    }

    /** The best minimum for a scale, given the integers that they have with {@code minimum}. */
    private int minimum(int start, double scale, double minimum) {
        if (dmin == 0) {
            return 0;
        }
        double inverse = scale == 0 ? 0 : 1 / scale;
        double f = 0;
        double rest = 0;
        for (int i = start; i < start + run; i++) {
            double q = Math.clamp((int) ((w[i] - minimum) * inverse + 0.5), 0, largest);
            f += factors[i];
            rest += factors[i] * (scale * q - w[i]);
        }
        return f == 0 ? 0 : (int) Math.clamp(Math.rint(rest / f / dmin), 0, largestScale);
    }

    /** The error of a run when its weights are rounded to points of a line. */
    private double error(int start, double scale, double minimum) {
        double inverse = scale == 0 ? 0 : 1 / scale;
        double error0 = 0;
        double error1 = 0;
        for (int i = start; i < start + run; i += 2) {
            double a = scale * Math.clamp((int) ((w[i] - minimum) * inverse + 0.5), 0, largest) + minimum - w[i];
            double b =
                    scale * Math.clamp((int) ((w[i + 1] - minimum) * inverse + 0.5), 0, largest) + minimum - w[i + 1];
            error0 += factors[i] * a * a;
            error1 += factors[i + 1] * b * b;
        }
        return error0 + error1;
    }

    /**
     * Fits {@code d} and {@code dmin} to the integers and chooses the others again; returns the error, which has
     * changed only if it is smaller.
     */
    private double improve(double error) {
        double a = 0;
        double b = 0;
        double c = 0;
        double aw = 0;
        double cw = 0;
        for (int i = 0; i < WEIGHTS; i++) {
            double sq = scales[i / run] * quants[i];
            double m = minimums[i / run];
            double f = factors[i];
            a += f * sq * sq;
            b += f * sq * m;
            c += f * m * m;
            aw += f * sq * w[i];
            cw += f * m * w[i];
        }
        double determinant = a * c - b * b;
        double newD = determinant > 0 ? (c * aw - b * cw) / determinant : a > 0 ? aw / a : 0;
        double newMin = determinant > 0 ? (b * aw - a * cw) / determinant : 0;
        float oldD = d;
        float oldMin = dmin;
        byte[] oldScales = scales.clone();
        byte[] oldMinimums = minimums.clone();
        byte[] oldQuants = quants.clone();
        d = nearest(newD);
        dmin = nearest(newMin);
        if (d != oldD || dmin != oldMin) {
            double improved = choose();
            if (improved < error) {
                return improved;
            }
        }
        d = oldD;
        dmin = oldMin;
        scales = oldScales;
        minimums = oldMinimums;
        quants = oldQuants;
        return error;
    }

    /** The nearest f16, not negative. */
    private static float nearest(double value) {
        return Float.float16ToFloat(Float.floatToFloat16((float) Math.max(0, value)));
    }
}
