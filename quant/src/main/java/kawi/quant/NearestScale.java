package kawi.quant;

/**
 * The search for the scale of a run of weights that are approximated by the integers of a code book: {@code w = scale *
 * q}.
 *
 * <p>The scales that map the weight of largest magnitude to the smallest or to the largest integer are seldom the best,
 * because there are far more small weights than large ones; so scales around them are tried. Each trial gives integers
 * {@code q}, for which {@code sum(w q) / sum(q q)} is the best scale and reduces the squared error by {@code sum(w q)^2
 * / sum(q q)}.
 */
final class NearestScale {

    /** Trials on either side of an obvious scale. */
    private static final int TRIALS = 6;

    /** The relative distance of two trials. */
    private static final double TRIAL_STEP = 1.0 / 50;

    private NearestScale() {}

    /** The best scale found for the weights {@code in[from .. from + count)}; 0 if all are 0. */
    static double of(CodeBook book, float[] in, int from, int count) {
        double extreme = 0;
        for (int i = from; i < from + count; i++) {
            if (Math.abs(in[i]) > Math.abs(extreme)) {
                extreme = in[i];
            }
        }
        if (extreme == 0) {
            return 0;
        }
        double best = 0;
        double mostExplained = 0;
        for (int end : book.ends()) {
            for (int trial = -TRIALS; trial <= TRIALS; trial++) {
                double inverse = end * (1 + trial * TRIAL_STEP) / extreme;
                double wq = 0;
                double qq = 0;
                for (int i = from; i < from + count; i++) {
                    double q = book.nearestInteger(in[i] * inverse);
                    wq += in[i] * q;
                    qq += q * q;
                }
                if (wq * wq > mostExplained * qq) {
                    mostExplained = wq * wq / qq;
                    best = wq / qq;
                }
            }
        }
        return best;
    }

    /** The same as an f16, the better one of its neighbors where those are far apart. */
    static float half(CodeBook book, float[] in, int from, int count) {
        float scale = (float) of(book, in, from, count);
        float larger = RoundedBlock.writable(scale);
        if (larger == scale) {
            return scale;
        }
        float nearest = Float.float16ToFloat(Float.floatToFloat16(scale));
        boolean up = error(book, in, from, count, larger) < error(book, in, from, count, nearest);
        return up ? larger : nearest;
    }

    /** The squared error of the weights with a given scale. */
    static double error(CodeBook book, float[] in, int from, int count, double scale) {
        double inverse = scale == 0 ? 0 : 1 / scale;
        double error = 0;
        for (int i = from; i < from + count; i++) {
            double miss = in[i] - scale * book.nearestInteger(in[i] * inverse);
            error += miss * miss;
        }
        return error;
    }
}
