package kawi.quant;

/** The best scale {@code t} of weights {@code w = t k} with integers {@code -bias <= k < bias}. */
final class RunScale {

    private RunScale() {}

    /**
     * The scale with the smallest error that was found.
     *
     * @param factors by which the square of each error counts
     * @param trials number of scales that are tried on either side of the one that maps the extreme to {@code -bias}
     * @param step distance of two of them, in integer steps of the extreme
     * @param fits how often the best of them is fitted again to the integers that it gives
     */
    static double fit(double[] w, double[] factors, int start, int run, int bias, int trials, double step, int fits) {
        double extreme = 0;
        for (int i = start; i < start + run; i++) {
            if (Math.abs(w[i]) > Math.abs(extreme)) {
                extreme = w[i];
            }
        }
        if (extreme == 0) {
            return 0;
        }
        double best = extreme / -bias;
        double mostExplained = 0;
        for (int trial = -trials; trial <= trials + fits; trial++) {
            double inverse = trial <= trials ? -(bias + trial * step) / extreme : 1 / best;
            double wk0 = 0;
            double wk1 = 0;
            double kk0 = 0;
            double kk1 = 0;
            for (int i = start; i < start + run; i += 2) {
                double a = round(w[i] * inverse, bias);
                double b = round(w[i + 1] * inverse, bias);
                double fa = factors[i] * a;
                double fb = factors[i + 1] * b;
                wk0 += fa * w[i];
                wk1 += fb * w[i + 1];
                kk0 += fa * a;
                kk1 += fb * b;
            }
            double wk = wk0 + wk1;
            double kk = kk0 + kk1;
            if (wk * wk > mostExplained * kk) {
                mostExplained = wk * wk / kk;
                best = wk / kk;
            }
        }
        return best;
    }

    /** The nearest integer from {@code -bias} to {@code bias - 1}. */
    static int round(double value, int bias) {
        return Math.clamp((int) (value + (bias + 0.5)), 0, 2 * bias - 1) - bias;
    }
}
