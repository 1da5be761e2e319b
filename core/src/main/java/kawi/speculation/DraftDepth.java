package kawi.speculation;

/**
 * Chooses how many guesses a pass verifies for one sequence, so that the expected number of tokens per second is
 * largest.
 *
 * <pre>
 *    a[j]       probability that guess j is correct if those before it are
 *    tokens(d)  = 1 + a[1] + a[1] a[2] + ... + a[1] ... a[d]
 *    rate(d)    = (other + tokens(d)) / (cost of a pass over other + 1 + d rows, and of d guesses)
 *    depth      = the d with the largest rate; 0 unless it is larger than rate(0)
 * </pre>
 *
 * where the pass has {@code other} rows of other sequences. Probabilities are averages over what was verified, for each
 * source and position.
 *
 * <p>A position that is not verified has no new results. So a small share of the time, {@value #EXPLORATION} of it, is
 * saved up for a guess more than the best depth: acceptance that returns is found, and where no guess is ever correct,
 * no more than that share is lost.
 *
 * <p>Instances are not safe for use by multiple threads.
 */
public final class DraftDepth {

    static final double EXPLORATION = 0.01;

    /** The number of verified guesses that the average of other sequences counts for, at most and at least. */
    private static final int PRIOR_COUNT = 2;

    private static final int MAX_COUNT = 16;

    private static final double MAX_SAVED = 1;

    /** A rate is better if it is by this factor: the averages are uncertain. */
    private static final double MARGIN = 1.01;

    private final DraftStatistics statistics;
    private final int limit;
    private final double[][] acceptance = new double[Source.values().length][DraftStatistics.MAX_DEPTH];
    private final int[][] counts = new int[Source.values().length][DraftStatistics.MAX_DEPTH];
    private final double[] estimated = new double[DraftStatistics.MAX_DEPTH];
    private double saved;

    /** @param limit the maximum depth, 0 to {@link DraftStatistics#MAX_DEPTH} */
    public DraftDepth(DraftStatistics statistics, int limit) {
        this.statistics = statistics;
        this.limit = limit;
        for (Source source : Source.values()) {
            for (int position = 0; position < DraftStatistics.MAX_DEPTH; position++) {
                acceptance[source.ordinal()][position] = statistics.acceptance(source, position);
            }
        }
    }

    /**
     * The number of guesses to ask a source for.
     *
     * @param otherRows the number of rows of other sequences in the same pass
     */
    public int depth(Source source, int otherRows) {
        saved = Math.min(saved + EXPLORATION, MAX_SAVED);
        double guessCost = source == Source.HEAD ? statistics.guessCost() : 0;
        return best(acceptance[source.ordinal()], limit, otherRows, guessCost);
    }

    /**
     * The number of guesses to verify, of those at hand.
     *
     * @param confidence for each guess, the probability that it is correct if those before it are
     */
    public int depth(Source source, float[] confidence, int available, int otherRows) {
        if (source == Source.HEAD) {
            return available;
        }
        for (int i = 0; i < available; i++) {
            estimated[i] = confidence[i];
        }
        return best(estimated, Math.min(limit, available), otherRows, 0);
    }

    private int best(double[] of, int most, int otherRows, double guessCost) {
        if (most <= 0 || (otherRows == 0 && statistics.isStale())) {
            return 0;
        }
        double tokens = otherRows + 1;
        double bestRate = MARGIN * tokens / statistics.cost(otherRows + 1);
        double reached = 1;
        int best = 0;
        for (int depth = 1; depth <= most; depth++) {
            reached *= of[depth - 1];
            tokens += reached;
            double rate = tokens / (statistics.cost(otherRows + 1 + depth) + depth * guessCost);
            if (rate > bestRate) {
                bestRate = rate;
                best = depth;
            }
        }
        return best;
    }

    /**
     * Records the result of a verification.
     *
     * @param guesses the number of guesses verified
     * @param accepted the number of correct guesses before the first wrong one
     */
    public void verified(Source source, int guesses, int accepted) {
        double[] of = acceptance[source.ordinal()];
        int[] count = counts[source.ordinal()];
        for (int position = 0; position < guesses && position <= accepted; position++) {
            boolean correct = position < accepted;
            int weight = Math.min(PRIOR_COUNT + ++count[position], MAX_COUNT);
            of[position] += ((correct ? 1 : 0) - of[position]) / weight;
            statistics.accepted(source, position, correct);
        }
    }
}
