package kawi.quant;

import java.util.Arrays;

/**
 * The scale of weights that are approximated by {@code -d}, 0 and {@code d} with the smallest squared error.
 *
 * <p>If the {@code n} weights of largest magnitude become {@code +-d}, the best {@code d} is the mean of their
 * magnitudes, which reduces the squared error by {@code sum^2 / n}; so every {@code n} is tried. Weights that are
 * ternary already are exact, provided that f16 has their scale.
 */
final class TernaryScale {

    private TernaryScale() {}

    static double of(float[] in, int from, int count) {
        float[] magnitudes = new float[count];
        for (int i = 0; i < count; i++) {
            magnitudes[i] = -Math.abs(in[from + i]);
        }
        Arrays.sort(magnitudes);
        double best = 0;
        double mostExplained = 0;
        double sum = 0;
        for (int n = 1; n <= count; n++) {
            sum -= magnitudes[n - 1];
            if (sum * sum > mostExplained * n) {
                mostExplained = sum * sum / n;
                best = sum / n;
            }
        }
        return best;
    }

    /** The nearest of -1, 0 and 1 to {@code weight / d}. */
    static int round(float weight, float d) {
        return d == 0 ? 0 : (int) Math.clamp(Math.rint((double) weight / d), -1, 1);
    }
}
