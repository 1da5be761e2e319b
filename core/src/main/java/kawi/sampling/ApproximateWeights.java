package kawi.sampling;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Sums of the weights of many candidates, by blocks and by bins of logits, with a bounded error at half the cost of
 * {@link Exponential}:
 *
 * <pre>
 *    e^x = 1 / (e^(-x/64))^64       the inner one by its Taylor series to the 7th power
 * </pre>
 *
 * All terms of the series are positive, so a logit of negative infinity needs no special case: its weight is 0. The
 * error of a weight is at most x^8 / 8! / 64^7 e^x, which is largest at x = -8.
 *
 * <p>Bin b has the candidates with b &lt;= {@value #BINS_PER_UNIT} (max - logit) &lt; b + 1, and the last bin all
 * others.
 */
final class ApproximateWeights {

    static final int BINS = 2048;
    static final float BINS_PER_UNIT = 64;

    /** Where the cut of a typical distribution is. */
    static final int NEAR_BINS = 10 * 64;

    private static final int BLOCK = BlockMaxima.BLOCK;
    private static final int QUARTER = BLOCK / 4;
    private static final int PART = BLOCK / 16;

    /** Bounds the error of a weight. */
    private static final double ERROR = 1e-13;

    /** Bounds the rounding of sums relative to the sum of all weights, here and where the result is defined. */
    private static final double ROUNDING = 1e-9;

    private static final double NO_CUT = Double.NEGATIVE_INFINITY;

    private static final double HUGE = 1e300;

    /** The sums of the last {@link #sum}, {@link #sumUpTo} or {@link #sumByBins}. */
    double[] blocks = {};

    double[] bins = {};
    double total;
    /** A bound of the error of a comparison of these sums with each other, or with products of {@link #total}. */
    double error;

    private final double[] weights = new double[BLOCK];
    private final int[] binOf = new int[BLOCK];

    /** Sums by blocks. */
    void sum(float[] logits, int size, float max, double temperature) {
        start(size);
        double scale = scale(temperature);
        for (int block = 0; block * BLOCK < size; block++) {
            blocks[block] = sum(logits, block * BLOCK, end(block, size), max, scale, NO_CUT, weights, binOf, null);
            total += blocks[block];
        }
        error = error(size);
    }

    /**
     * Sums by blocks, of the candidates with larger logits than {@code cut} and those that have it up to an index.
     *
     * @param cut finite
     */
    void sumUpTo(
            float[] logits, int size, float max, double temperature, BlockMaxima maxima, float cut, int lastIndex) {
        start(size);
        double scale = scale(temperature);
        for (int block = 0; block * BLOCK < size; block++) {
            blocks[block] = sumUpTo(logits, size, block, max, scale, maxima, cut, lastIndex);
            total += blocks[block];
        }
        error = error(size);
    }

    /** The sum of one block, as {@link #sumUpTo} computes it, with temperature 1. */
    double blockUpTo(float[] logits, int size, int block, float max, BlockMaxima maxima, float cut, int lastIndex) {
        return sumUpTo(logits, size, block, max, scale(1), maxima, cut, lastIndex);
    }

    private double sumUpTo(
            float[] logits,
            int size,
            int block,
            float max,
            double scale,
            BlockMaxima maxima,
            float cut,
            int lastIndex) {
        if (maxima.of(block) < cut) {
            return 0;
        }
        int from = block * BLOCK;
        int to = end(block, size);
        int between = Math.clamp(lastIndex + 1L, from, to);
        return sum(logits, from, between, max, scale, Math.nextDown(cut), weights, binOf, null)
                + sum(logits, between, to, max, scale, cut, weights, binOf, null);
    }

    /**
     * Sums by blocks and bins, with temperature 1. Only the first {@value #NEAR_BINS} bins are complete: blocks that
     * have no candidate in these are left out.
     *
     * @param maxima those of the logits, or null if they are not known
     */
    void sumByBins(float[] logits, int size, float max, @Nullable BlockMaxima maxima) {
        if (bins.length == 0) {
            bins = new double[BINS];
        }
        Arrays.fill(bins, 0);
        start(size);
        double scale = scale(1);
        for (int block = 0; block * BLOCK < size; block++) {
            double[] into = isNear(block, max, maxima) ? bins : null;
            blocks[block] = sum(logits, block * BLOCK, end(block, size), max, scale, NO_CUT, weights, binOf, into);
            total += blocks[block];
        }
        error = error(size);
    }

    /** Completes all bins after {@link #sumByBins} with the same arguments. */
    void completeBins(float[] logits, int size, float max, @Nullable BlockMaxima maxima) {
        double scale = scale(1);
        for (int block = 0; block * BLOCK < size; block++) {
            if (!isNear(block, max, maxima)) {
                sum(logits, block * BLOCK, end(block, size), max, scale, NO_CUT, weights, binOf, bins);
            }
        }
    }

    static int bin(float logit, float max) {
        return Math.min((int) ((max - logit) * BINS_PER_UNIT), BINS - 1);
    }

    /** The smallest logit whose bin is at most {@code bin}. */
    static float smallest(int bin, float max) {
        if (bin >= BINS - 1) {
            return Float.NEGATIVE_INFINITY;
        }
        float logit = max - (bin + 1) / BINS_PER_UNIT;
        while (bin(logit, max) <= bin) {
            logit = Math.nextDown(logit);
        }
        while (bin(logit, max) > bin) {
            logit = Math.nextUp(logit);
        }
        return logit;
    }

    private static boolean isNear(int block, float max, @Nullable BlockMaxima maxima) {
        return maxima == null || (max - maxima.of(block)) * BINS_PER_UNIT < NEAR_BINS;
    }

    private void start(int size) {
        int count = (size + BLOCK - 1) / BLOCK;
        if (blocks.length < count) {
            blocks = new double[count];
        }
        total = 0;
    }

    private static double scale(double temperature) {
        return -0x1p-6 * Math.min(1 / temperature, Double.MAX_VALUE);
    }

    private static int end(int block, int size) {
        return Math.min((block + 1) * BLOCK, size);
    }

    private double error(int size) {
        return 2 * size * ERROR + ROUNDING * total;
    }

    // One method for all of a block, because C2 vectorizes each loop of it by itself. As several methods these would be
    // inlined into the loop over the blocks, where some of them stay scalar.
    private static double sum(
            float[] logits,
            int from,
            int to,
            float max,
            double scale,
            double cut,
            double[] weights,
            int[] binOf,
            double @Nullable [] bins) {
        int n = to - from;
        double shift = max;
        for (int i = 0; i < n; i++) {
            double y = (logits[from + i] - shift) * scale;
            double z = y * y;
            double power = ((1 + y) + z * (Exponential.R2 + y * Exponential.R3))
                    + (z * z) * ((Exponential.R4 + y * Exponential.R5) + z * (Exponential.R6 + y * Exponential.R7));
            power *= power;
            power *= power;
            power *= power;
            power *= power;
            power *= power;
            power *= power;
            weights[i] = 1 / power;
        }
        if (cut > NO_CUT) {
            // The factor is 1 above the cut and 0 elsewhere: two floats that differ differ by more than 1 / HUGE.
            for (int i = 0; i < n; i++) {
                weights[i] *= Math.min(Math.max((logits[from + i] - cut) * HUGE, 0), 1);
            }
        }
        if (bins != null) {
            for (int i = 0; i < n; i++) {
                binOf[i] = (int) ((max - logits[from + i]) * BINS_PER_UNIT);
            }
            for (int i = 0; i < n; i++) {
                bins[Math.min(binOf[i], BINS - 1)] += weights[i];
            }
        }
        int rest = n;
        if (n == BLOCK) {
            for (int i = 0; i < QUARTER; i++) {
                weights[i] =
                        (weights[i] + weights[QUARTER + i]) + (weights[2 * QUARTER + i] + weights[3 * QUARTER + i]);
            }
            for (int i = 0; i < PART; i++) {
                weights[i] = (weights[i] + weights[PART + i]) + (weights[2 * PART + i] + weights[3 * PART + i]);
            }
            rest = PART;
        }
        double sum = 0;
        for (int i = 0; i < rest; i++) {
            sum += weights[i];
        }
        return sum;
    }
}
