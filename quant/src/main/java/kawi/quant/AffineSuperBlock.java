package kawi.quant;

/**
 * An approximation of 256 weights by integers with scales of scales and minimums of minimums: {@code w = d * s[r] * q -
 * dmin * m[r]} in run {@code r}, with {@code 0 <= q <= largest}, {@code 0 <= s, m <= largestScale} and {@code d} and
 * {@code dmin} f16.
 *
 * <p>The sum of the squared errors is minimized heuristically, in two steps:
 *
 * <ol>
 *   <li>For each run separately, the best real scale {@code t} and minimum {@code u} are found. The obvious ones, which
 *   map the extremes to 0 and {@code largest}, are seldom the best, because most weights lie between the extremes; so
 *   some smaller and larger scales are tried. Each gives integers, for which a line through the points {@code (q, w)}
 *   is fitted. The minimum cannot be positive: if all weights are positive, the line goes through 0.
 *   <li>The largest {@code t} and {@code -u} become {@code largestScale}, which determines {@code d} and {@code dmin};
 *   the others are rounded down, to nearest and up, and the pair with the smallest error after rounding the weights
 *   again is used.
 * </ol>
 */
final class AffineSuperBlock {

    private static final int WEIGHTS = 256;

    /** Trial scales on either side of the obvious one. */
    private static final int TRIALS = 9;

    /** Distance of two trials, in integer steps of the largest weight. */
    private static final double TRIAL_STEP = 0.1;

    /** The factor of all scales. */
    final float d;

    /** The factor of all minimums. */
    final float dmin;

    /** One per run. */
    final byte[] scales;

    /** One per run, to be subtracted. */
    final byte[] minimums;

    /** One per weight. */
    final byte[] quants = new byte[WEIGHTS];

    private final float[] in;
    private final int from;
    private final int run;
    private final int largest;

    private AffineSuperBlock(float[] in, int from, int run, int largest, int largestScale) {
        this.in = in;
        this.from = from;
        this.run = run;
        this.largest = largest;
        int runs = WEIGHTS / run;
        scales = new byte[runs];
        minimums = new byte[runs];
        Line[] free = new Line[runs];
        double steepest = 0;
        double lowest = 0;
        for (int r = 0; r < runs; r++) {
            free[r] = freeLine(from + r * run);
            steepest = Math.max(steepest, free[r].scale);
            lowest = Math.min(lowest, free[r].minimum);
        }
        d = F16Format.roundAwayFromZero((float) (steepest / largestScale));
        dmin = F16Format.roundAwayFromZero((float) (-lowest / largestScale));
        for (int r = 0; r < runs; r++) {
            choose(r, free[r], largestScale);
            for (int i = r * run; i < (r + 1) * run; i++) {
                quants[i] = (byte) round(in[from + i], (double) d * scales[r], -(double) dmin * minimums[r]);
            }
        }
    }

    /** {@code w = scale * q + minimum}. */
    private record Line(double scale, double minimum) {}

    static AffineSuperBlock fit(float[] in, int from, int run, int largest, int largestScale) {
        return new AffineSuperBlock(in, from, run, largest, largestScale);
    }

    private Line freeLine(int start) {
        double low = 0;
        double high = in[start];
        for (int i = start; i < start + run; i++) {
            low = Math.min(low, in[i]);
            high = Math.max(high, in[i]);
        }
        Line best = new Line(0, low);
        double least = error(start, best);
        for (int trial = -TRIALS; trial <= TRIALS; trial++) {
            Line line = refit(start, new Line((high - low) / (largest + trial * TRIAL_STEP), low));
            double error = error(start, line);
            if (error < least) {
                least = error;
                best = line;
            }
        }
        return best;
    }

    /** The least-squares line for the integers that {@code line} gives. */
    private Line refit(int start, Line line) {
        double q1 = 0;
        double qq = 0;
        double w1 = 0;
        double qw = 0;
        for (int i = start; i < start + run; i++) {
            double q = round(in[i], line.scale, line.minimum);
            q1 += q;
            qq += q * q;
            w1 += in[i];
            qw += q * in[i];
        }
        double determinant = run * qq - q1 * q1;
        if (determinant > 0) {
            double scale = (run * qw - q1 * w1) / determinant;
            double minimum = (qq * w1 - q1 * qw) / determinant;
            if (minimum <= 0) {
                return new Line(scale, minimum);
            }
        }
        return qq > 0 ? new Line(qw / qq, 0) : line;
    }

    private void choose(int r, Line free, int largestScale) {
        int s0 = d == 0 ? 0 : (int) Math.rint(free.scale / d);
        int m0 = dmin == 0 ? 0 : (int) Math.rint(-free.minimum / dmin);
        double least = Double.POSITIVE_INFINITY;
        for (int s = Math.max(s0 - 1, 0); s <= Math.min(s0 + 1, largestScale); s++) {
            for (int m = Math.max(m0 - 1, 0); m <= Math.min(m0 + 1, largestScale); m++) {
                double error = error(from + r * run, new Line((double) d * s, -(double) dmin * m));
                if (error < least) {
                    least = error;
                    scales[r] = (byte) s;
                    minimums[r] = (byte) m;
                }
            }
        }
    }

    /** The squared error of the run when its weights are rounded to points of {@code line}. */
    private double error(int start, Line line) {
        double error = 0;
        for (int i = start; i < start + run; i++) {
            double miss = line.scale * round(in[i], line.scale, line.minimum) + line.minimum - in[i];
            error += miss * miss;
        }
        return error;
    }

    private double round(double weight, double scale, double minimum) {
        return scale == 0 ? 0 : Math.clamp(Math.rint((weight - minimum) / scale), 0, largest);
    }
}
