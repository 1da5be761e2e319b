package kawi;

/**
 * How much the predictions of a model differ from those that are recorded in a base file, see
 * {@link Evaluation#divergence}. For each scored token, with the probabilities P of the base and Q of the model for the
 * token at its place,
 *
 * <pre>
 *    KLD          sum over all tokens i of P[i] (ln P[i] - ln Q[i])
 *    same top     whether P and Q have their maximum at the same token
 *    change       Q[t] - P[t], where t is the token in the text
 * </pre>
 */
public interface Divergence {

    /** The perplexity of the model. */
    Perplexity perplexity();

    /** The perplexity of the base; the file limits log-probabilities to about -16, so it may be too small. */
    Perplexity base();

    /**
     * The logarithm of the ratio of the perplexities, that of the model to that of the base. Its standard error takes
     * into account that both are correlated, and is much smaller than those of the perplexities.
     */
    Estimate logRatio();

    /** The correlation of the negative log-likelihoods of the model and of the base. */
    double correlation();

    /** The mean KL divergence in nats per token. */
    Estimate mean();

    /**
     * Returns a quantile of the KL divergence in nats. Values may be slightly negative because the base is rounded.
     *
     * @param fraction 0 is the minimum, 0.5 the median, 1 the maximum
     * @throws IllegalArgumentException if it is not between 0 and 1
     */
    double quantile(double fraction);

    /** The share of the positions at which the most probable token is the same. */
    Estimate sameTop();

    /** The mean change of the probability of the token in the text. */
    Estimate change();

    /**
     * Returns a quantile of the change of the probability of the token in the text.
     *
     * @param fraction 0 is the minimum, 0.5 the median, 1 the maximum
     * @throws IllegalArgumentException if it is not between 0 and 1
     */
    double changeQuantile(double fraction);

    /** The root of the mean square of the change of the probability of the token in the text. */
    Estimate rootMeanSquareChange();
}
