package kawi.sampling;

/**
 * e^x for the weights of a softmax, x in [-64, 0], to a relative error below 2e-13:
 *
 * <pre>
 *    e^x = (e^(x/1024))^1024       the inner one by its Taylor series to the 8th power, the outer one by ten squarings
 * </pre>
 *
 * less e^-64, so that x = -64 and everything below it, negative infinity included, weighs exactly 0: a masked token can
 * never be drawn. x = 0 weighs exactly 1.
 */
final class Exponential {

    // StrictMath.exp gives the same bits everywhere but costs 10 ns, several milliseconds over a vocabulary; Math.exp
    // may differ by an ulp between machines. Here every step is an addition, a multiplication or a maximum, which are
    // exact to the bit in Java, and with no branch, table or integer step among them C2 turns the loop into SIMD code
    // by itself: six times faster.

    static final double LOWEST = -64;

    private static final double R2 = 1.0 / 2;
    private static final double R3 = 1.0 / 6;
    private static final double R4 = 1.0 / 24;
    private static final double R5 = 1.0 / 120;
    private static final double R6 = 1.0 / 720;
    private static final double R7 = 1.0 / 5040;
    private static final double R8 = 1.0 / 40320;

    private static final double WEIGHT_OF_LOWEST = power1024(LOWEST);

    private Exponential() {}

    static double exp(double x) {
        return power1024(Math.max(x, LOWEST)) - WEIGHT_OF_LOWEST;
    }

    /**
     * {@code out[i] = exp((logits[from + i] - max) / temperature)} for {@code i < n}.
     *
     * @param max at least as large as any of the logits
     */
    static void softmaxWeights(float[] logits, int from, int n, float max, double temperature, double[] out) {
        // Finite, because 0 times it must stay 0.
        double inverse = Math.min(1 / temperature, Double.MAX_VALUE);
        double shift = max;
        for (int i = 0; i < n; i++) {
            out[i] = exp((logits[from + i] - shift) * inverse);
        }
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
