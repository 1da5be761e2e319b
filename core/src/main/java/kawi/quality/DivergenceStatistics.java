package kawi.quality;

import java.util.Arrays;
import kawi.Divergence;
import kawi.Estimate;
import kawi.Perplexity;

/**
 * Statistics of a comparison, computed as llama.cpp's {@code perplexity} does. With n values x, their mean m and the
 * mean of their squares s, the standard error of the mean is {@code sqrt((s - m^2) / (n - 1))}.
 */
final class DivergenceStatistics implements Divergence {

    private final Perplexity perplexity;
    private final Perplexity base;
    private final double products;
    private final Estimate mean;
    private final Estimate sameTop;
    private final Estimate change;
    private final Estimate rootMeanSquareChange;
    private final float[] divergences;
    private final float[] changes;

    /**
     * @param products the sum of the products of the negative log-likelihoods of the model and of the base
     * @param same the number of positions with the same most probable token
     * @param divergences of each position; sorted by this constructor, as {@code changes} are
     */
    DivergenceStatistics(
            Perplexity perplexity, Perplexity base, double products, long same, float[] divergences, float[] changes) {
        this.perplexity = perplexity;
        this.base = base;
        this.products = products;
        this.divergences = divergences;
        this.changes = changes;
        int n = divergences.length;
        double share = (double) same / n;
        sameTop = new Estimate(share, n > 1 ? Math.sqrt(share * (1 - share) / (n - 1)) : 0);
        mean = mean(divergences, 1);
        change = mean(changes, 1);
        Estimate square = mean(changes, 2);
        double root = Math.sqrt(square.value());
        rootMeanSquareChange = new Estimate(root, root > 0 ? square.error() / (2 * root) : 0);
        Arrays.sort(divergences);
        Arrays.sort(changes);
    }

    /** The mean of a power of values. */
    private static Estimate mean(float[] values, int power) {
        double sum = 0;
        double squares = 0;
        for (float value : values) {
            double x = power == 1 ? value : (double) value * value;
            sum += x;
            squares += x * x;
        }
        double mean = sum / values.length;
        double variance = squares / values.length - mean * mean;
        return new Estimate(mean, values.length > 1 && variance > 0 ? Math.sqrt(variance / (values.length - 1)) : 0);
    }

    @Override
    public Perplexity perplexity() {
        return perplexity;
    }

    @Override
    public Perplexity base() {
        return base;
    }

    @Override
    public Estimate logRatio() {
        double model = perplexity.log().error();
        double recorded = base.log().error();
        double variance = model * model + recorded * recorded - 2 * covariance();
        return new Estimate(perplexity.meanNats() - base.meanNats(), variance > 0 ? Math.sqrt(variance) : 0);
    }

    /** The covariance of the means. */
    private double covariance() {
        int n = divergences.length;
        return n > 1 ? (products / n - perplexity.meanNats() * base.meanNats()) / (n - 1) : 0;
    }

    @Override
    public double correlation() {
        double errors = perplexity.log().error() * base.log().error();
        return errors > 0 ? covariance() / errors : 0;
    }

    @Override
    public Estimate mean() {
        return mean;
    }

    @Override
    public double quantile(double fraction) {
        return quantile(divergences, fraction);
    }

    @Override
    public Estimate sameTop() {
        return sameTop;
    }

    @Override
    public Estimate change() {
        return change;
    }

    @Override
    public double changeQuantile(double fraction) {
        return quantile(changes, fraction);
    }

    @Override
    public Estimate rootMeanSquareChange() {
        return rootMeanSquareChange;
    }

    /** Between two values, the quantile is interpolated. */
    private static double quantile(float[] sorted, double fraction) {
        if (!(fraction >= 0 && fraction <= 1)) {
            throw new IllegalArgumentException(
                    "the fraction of a quantile is %s, not between 0 and 1".formatted(fraction));
        }
        double place = fraction * (sorted.length - 1);
        int below = (int) place;
        double weight = place - below;
        return (1 - weight) * sorted[below] + weight * sorted[Math.min(below + 1, sorted.length - 1)];
    }

    @Override
    public String toString() {
        return "perplexity %s, KLD %s, same top %s".formatted(perplexity, mean, sameTop);
    }
}
