package kawi.sampling;

/**
 * Computes e^x for the weights of a softmax, with x in [-64, 0] and a relative error below 2e-13:
 *
 * <pre>
 *    e^x = (e^(x/1024))^1024       the inner one by its Taylor series to the 8th power, the outer one by ten squarings
 * </pre>
 *
 * minus e^-64, so that the weight of x = -64 and below, including negative infinity, is exactly 0: a masked token is
 * never drawn. The weight of x = 0 is exactly 1.
 */
public final class Exponential {

    // StrictMath.exp is reproducible but takes 10 ns, that is, several milliseconds for a vocabulary. The results of
    // Math.exp may differ by an ulp between machines. Additions, multiplications and maxima are reproducible in Java,
    // and because there are no branches, tables or integer operations, C2 vectorizes the loop, which makes it six times
    // faster.

    static final double MIN_EXPONENT = -64;

    /** The coefficients of the Taylor series. */
    static final double R2 = 1.0 / 2;

    static final double R3 = 1.0 / 6;
    static final double R4 = 1.0 / 24;
    static final double R5 = 1.0 / 120;
    static final double R6 = 1.0 / 720;
    static final double R7 = 1.0 / 5040;
    static final double R8 = 1.0 / 40320;

    private static final double WEIGHT_OF_MIN_EXPONENT = power1024(MIN_EXPONENT);

    private Exponential() {}

    static double exp(double x) {
        return power1024(Math.max(x, MIN_EXPONENT)) - WEIGHT_OF_MIN_EXPONENT;
    }

    /**
     * {@code out[i] = exp((logits[from + i] - max) / temperature)} for {@code i < n}.
     *
     * @param max not less than any of the logits
     */
    public static void softmaxWeights(float[] logits, int from, int n, float max, double temperature, double[] out) {
        // Finite, so that the product with 0 is 0.
        double inverse = Math.min(1 / temperature, Double.MAX_VALUE);
        double shift = max;
        for (int i = 0; i < n; i++) {
            out[i] = exp((logits[from + i] - shift) * inverse);
        }
    }

    /** Sums in four independent chains; a single chain would be limited by the latency of additions. */
    static double sum(double[] values, int n) {
        double a = 0;
        double b = 0;
        double c = 0;
        double d = 0;
        int i = 0;
        for (; i + 3 < n; i += 4) {
            a += values[i];
            b += values[i + 1];
            c += values[i + 2];
            d += values[i + 3];
        }
        for (; i < n; i++) {
            a += values[i];
        }
        return (a + b) + (c + d);
    }

    private static double power1024(double x) {
        double y = x * 0x1p-10;
        double power = 1 + y * (1 + y * (R2 + y * (R3 + y * (R4 + y * (R5 + y * (R6 + y * (R7 + y * R8)))))));
        power *= power;
        power *= power;
        power *= power;
        power *= power;
        power *= power;
        power *= power;
        power *= power;
        power *= power;
        power *= power;
        return power * power;
    }
}
