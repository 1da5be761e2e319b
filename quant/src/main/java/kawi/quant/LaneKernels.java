package kawi.quant;

/**
 * The inner loops of encoders that approximate many runs at once. Element {@code l} of each array
 * belongs to lane {@code l}, one run of weights, so no iteration depends on another, and the compiler replaces the
 * loops by vector instructions. It does so only if a loop has no branches, accesses all arrays at the same index, and
 * is small enough to be unrolled: therefore each call handles only one weight of each run. {@code Math.clamp} and
 * {@code Math.rint} are slow in such loops; instead
 *
 * <ul>
 *   <li>{@code clamp(x, 0, n) = (|x| - |x - n| + n) / 2}; the half is part of the factor of the weights, so {@code x}
 *   is given as half of it.
 *   <li>{@code rint(x) = x + 1.5 * 2^23 - 1.5 * 2^23}, if {@code |x| < 2^22}.
 * </ul>
 */
final class LaneKernels {

    /** Floats between 2^23 and 2^24 are integers. */
    private static final float ROUND = 0x1.8p23f;

    /** The square of a scale that is 0 in effect. */
    private static final float TINY = 0x1p-120f;

    private LaneKernels() {}

    /** Lowers {@code low} and raises {@code high} so that {@code w} is between them. */
    static void extremes(int lanes, float[] w, float[] low, float[] high) {
        for (int l = 0; l < lanes; l++) {
            low[l] = Math.min(low[l], w[l]);
            high[l] = Math.max(high[l], w[l]);
        }
    }

    static void addSquares(int lanes, float[] w, float[] squares) {
        for (int l = 0; l < lanes; l++) {
            squares[l] += w[l] * w[l];
        }
    }

    /** The factors {@code 1 + |w| inverse}. */
    static void linearFactors(int lanes, float[] w, float[] inverse, float[] f) {
        for (int l = 0; l < lanes; l++) {
            f[l] = 1 + Math.abs(w[l]) * inverse[l];
        }
    }

    /** The factors {@code 1 + w^2 inverse}. */
    static void squaredFactors(int lanes, float[] w, float[] inverse, float[] f) {
        for (int l = 0; l < lanes; l++) {
            f[l] = 1 + w[l] * w[l] * inverse[l];
        }
    }

    /** The scales {@code d s} with {@code s = clamp(next + step, low, high)}, and half of {@code 1 / scale} or 0. */
    static void scales(
            int lanes,
            float[] d,
            float[] next,
            float step,
            float low,
            float high,
            float[] s,
            float[] scale,
            float[] half) {
        for (int l = 0; l < lanes; l++) {
            s[l] = Math.max(low, Math.min(high, next[l] + step));
            scale[l] = d[l] * s[l];
            half[l] = 0.5f * scale[l] / Math.max(scale[l] * scale[l], TINY);
        }
    }

    /**
     * The best minimums {@code -dmin m} for given scales and integers.
     *
     * @param q the sums of the factors times the integers
     * @param f the sums of the factors
     * @param fw the sums of the factors times the weights
     */
    static void minimums(
            int lanes,
            float[] scale,
            float[] q,
            float[] f,
            float[] fw,
            float[] dmin,
            float high,
            float[] m,
            float[] minimum) {
        for (int l = 0; l < lanes; l++) {
            float best = (scale[l] * q[l] - fw[l]) / Math.max(f[l] * dmin[l], TINY);
            m[l] = Math.max(0f, Math.min(high, best)) + ROUND - ROUND;
            minimum[l] = -dmin[l] * m[l];
        }
    }

    /**
     * The lines {@code w = t q + u} with the smallest errors for given sums of products.
     *
     * @param determinant of the two equations, relative to its minuend
     * @param explained by how much the error is less than that of the mean, times the sum of the factors
     */
    static void lines(
            int lanes,
            float[] f,
            float[] fw,
            float[] q,
            float[] qq,
            float[] qw,
            float[] t,
            float[] u,
            float[] determinant,
            float[] explained) {
        for (int l = 0; l < lanes; l++) {
            float square = f[l] * qq[l];
            float variance = square - q[l] * q[l];
            float covariance = f[l] * qw[l] - q[l] * fw[l];
            t[l] = covariance / variance;
            u[l] = (fw[l] - t[l] * q[l]) / f[l];
            determinant[l] = variance / square;
            explained[l] = covariance * t[l];
        }
    }

    /**
     * Adds to {@code q}, {@code qq} and {@code qw} the products {@code f q}, {@code f q^2} and {@code f q w} with the
     * integers {@code q = rint(clamp(2 (w - minimum) half, 0, n))}.
     *
     * @param top {@code n / 2}
     */
    static void addLine(
            int lanes,
            float[] w,
            float[] f,
            float[] minimum,
            float[] half,
            float top,
            float[] q,
            float[] qq,
            float[] qw) {
        for (int l = 0; l < lanes; l++) {
            float x = (w[l] - minimum[l]) * half[l];
            float integer = Math.abs(x) - Math.abs(x - top) + top + ROUND - ROUND;
            float product = f[l] * integer;
            q[l] += product;
            qq[l] += product * integer;
            qw[l] += product * w[l];
        }
    }

    /** The same for {@code q} only. */
    static void addIntegers(int lanes, float[] w, float[] f, float[] minimum, float[] half, float top, float[] q) {
        for (int l = 0; l < lanes; l++) {
            float x = (w[l] - minimum[l]) * half[l];
            q[l] += f[l] * (Math.abs(x) - Math.abs(x - top) + top + ROUND - ROUND);
        }
    }

    /** The same integers in the lowest bits of floats, for {@link #integer}. */
    static void integers(int lanes, float[] w, float[] minimum, float[] half, float top, float[] q) {
        for (int l = 0; l < lanes; l++) {
            float x = (w[l] - minimum[l]) * half[l];
            q[l] = Math.abs(x) - Math.abs(x - top) + top + ROUND;
        }
    }

    /** An integer from 0 to {@code largest}. */
    static byte integer(float rounded, int largest) {
        return (byte) Math.min(Float.floatToRawIntBits(rounded) & 0xff, largest);
    }

    /** Adds to {@code error} the squares {@code f (scale q + minimum - w)^2} with the same integers. */
    static void addLineErrors(
            int lanes, float[] w, float[] f, float[] minimum, float[] half, float top, float[] scale, float[] error) {
        for (int l = 0; l < lanes; l++) {
            float v = w[l] - minimum[l];
            float x = v * half[l];
            float miss = scale[l] * (Math.abs(x) - Math.abs(x - top) + top + ROUND - ROUND) - v;
            error[l] += f[l] * miss * miss;
        }
    }

    /**
     * Adds to {@code kk} and {@code wk} the products {@code f k^2} and {@code f w k} with the integers {@code k =
     * rint(clamp(2 w half, -bias, bias - 1))}.
     *
     * @param bottom {@code bias / 2}
     */
    static void addMultiples(int lanes, float[] w, float[] f, float[] half, float bottom, float[] kk, float[] wk) {
        float top = bottom - 0.5f;
        for (int l = 0; l < lanes; l++) {
            float x = w[l] * half[l];
            float k = Math.abs(x + bottom) - Math.abs(x - top) - 0.5f + ROUND - ROUND;
            float product = f[l] * k;
            kk[l] += product * k;
            wk[l] += product * w[l];
        }
    }

    /** The integers {@code k + bias} in the lowest bits of floats, for {@link #integer}. */
    static void multiples(int lanes, float[] w, float[] half, float bottom, float[] q) {
        float top = bottom - 0.5f;
        for (int l = 0; l < lanes; l++) {
            float x = w[l] * half[l];
            q[l] = Math.abs(x + bottom) - Math.abs(x - top) - 0.5f + (ROUND + 2 * bottom);
        }
    }

    /** Adds to {@code error} the squares {@code f (scale k - w)^2} with the same integers. */
    static void addMultipleErrors(
            int lanes, float[] w, float[] f, float[] half, float bottom, float[] scale, float[] error) {
        float top = bottom - 0.5f;
        for (int l = 0; l < lanes; l++) {
            float x = w[l] * half[l];
            float miss = scale[l] * (Math.abs(x + bottom) - Math.abs(x - top) - 0.5f + ROUND - ROUND) - w[l];
            error[l] += f[l] * miss * miss;
        }
    }

    /**
     * The half steps in which the quotients of weights and scales are: {@code floor(2 (w / scale - smallest))}, from 0
     * to {@code last}.
     *
     * @param twiceInverse {@code 2 / scale}
     */
    static void halfSteps(int lanes, float[] w, float[] twiceInverse, float smallest, int last, int[] steps) {
        float offset = -2 * smallest;
        for (int l = 0; l < lanes; l++) {
            steps[l] = Math.max(0, Math.min(last, (int) (w[l] * twiceInverse[l] + offset)));
        }
    }

    /** Adds to {@code wq} and {@code qq} the products {@code f w q} and {@code f q^2}. */
    static void addProducts(int lanes, float[] w, float[] f, float[] q, float[] wq, float[] qq) {
        for (int l = 0; l < lanes; l++) {
            float product = f[l] * q[l];
            wq[l] += product * w[l];
            qq[l] += product * q[l];
        }
    }

    /** Adds to {@code error} the squares {@code f (scale q - w)^2}. */
    static void addErrors(int lanes, float[] w, float[] f, float[] scale, float[] q, float[] error) {
        for (int l = 0; l < lanes; l++) {
            float miss = scale[l] * q[l] - w[l];
            error[l] += f[l] * miss * miss;
        }
    }
}
