package kawi.speculation;

/**
 * Chooses how many guesses a pass verifies for one sequence, so that the expected number of tokens per second is
 * largest.
 *
 * <pre>
 *    a[j]       probability that guess j is correct if those before it are
 *    tokens(d)  = other + 1 + a[1] + a[1] a[2] + ... + a[1] ... a[d]
 *    cost(d)    = cost of a pass over other + 1 + d rows, plus that of making d guesses
 *    depth      = the d with the largest tokens(d) / cost(d)
 * </pre>
 *
 * where the pass has {@code other} rows of other sequences.
 *
 * <p>Guesses of the model's head have a cost, so their number is chosen before they are made, with the average
 * acceptance of each position. Once they are made, as with the other sources, the probability of each guess decides how
 * many are verified. What the head states as its probability is converted to the average acceptance of guesses with a
 * similar one.
 *
 * <p>A position that is not verified has no new results. So a small share of the time, {@value #EXPLORATION} of it, is
 * saved up for one guess of the head beyond the best depth: acceptance that returns is found, and where no guess is
 * ever correct, only about that share is lost.
 *
 * <p>Instances are not safe for use by multiple threads.
 */
public final class DraftDepth {

    /** The share of the time for guesses that are not expected to pay. */
    static final double EXPLORATION = 0.01;

    /** The number of results that an initial estimate counts for, and the number that an average has at most. */
    private static final int PRIOR_COUNT = 2;

    private static final int MAX_COUNT = 16;

    /** The same for a position that is explored: its results are rare, and old. */
    private static final int EXPLORED_COUNT = 2;

    /** A greater depth has to be better by this factor, because the averages are uncertain. */
    private static final double MARGIN = 1.01;

    private static final int GRADES = 5;

    private final DraftStatistics statistics;
    private final int limit;

    /** For guesses of the head, by position and by the grade of the stated probability. */
    private final double[] byPosition = new double[DraftStatistics.MAX_DEPTH];

    private final int[] countsByPosition = new int[DraftStatistics.MAX_DEPTH];
    private final double[] byGrade = new double[GRADES];
    private final int[] countsByGrade = new int[GRADES];

    private final double[] estimated = new double[DraftStatistics.MAX_DEPTH];
    private final int[] grades = new int[DraftStatistics.MAX_DEPTH];
    /** The number of guesses at hand for the next pass. */
    private int made;

    private double saved;
    private boolean exploring;

    /** @param limit the maximum depth, 0 to {@link DraftStatistics#MAX_DEPTH} */
    public DraftDepth(DraftStatistics statistics, int limit) {
        this.statistics = statistics;
        this.limit = limit;
        for (int position = 0; position < byPosition.length; position++) {
            byPosition[position] = statistics.acceptance(position);
        }
        for (int grade = 0; grade < GRADES; grade++) {
            byGrade[grade] = (grade + 0.5) / GRADES;
        }
    }

    /**
     * The number of guesses that the model's head should make for the next pass. To be called once for each pass in
     * which no other source has a guess.
     *
     * @param otherRows the number of rows of other sequences in the same pass
     */
    public int guesses(int otherRows) {
        saved += EXPLORATION;
        exploring = false;
        made = 0;
        if (statistics.isStale(otherRows)) {
            return 0;
        }
        double guessCost = statistics.guessCost();
        int best = best(byPosition, limit, otherRows, guessCost);
        if (best < limit) {
            int rows = otherRows + 1 + best;
            double cost = guessCost + statistics.cost(rows + 1) - statistics.cost(rows);
            if (saved >= cost) {
                saved = 0;
                exploring = true;
                countsByPosition[best] = Math.min(countsByPosition[best], EXPLORED_COUNT);
                return best + 1;
            }
        }
        return best;
    }

    /**
     * The number of guesses to verify, of those at hand.
     *
     * @param confidence for each guess, the probability that it is correct if those before it are
     * @param count the number of guesses, at most {@link DraftStatistics#MAX_DEPTH}
     * @param otherRows the number of rows of other sequences in the same pass
     */
    public int depth(Source source, float[] confidence, int count, int otherRows) {
        for (int i = 0; i < count; i++) {
            grades[i] = Math.clamp((int) (confidence[i] * GRADES), 0, GRADES - 1);
            estimated[i] = source == Source.HEAD ? byGrade[grades[i]] : confidence[i];
        }
        made = count;
        int most = Math.min(limit, count);
        if (source == Source.HEAD && exploring) {
            return most;
        }
        int depth = statistics.isStale(otherRows) ? 0 : best(estimated, most, otherRows, 0);
        if (source == Source.HEAD && depth == 0 && count > 0) {
            learnPosition(0, 0);
        }
        return depth;
    }

    private int best(double[] acceptance, int most, int otherRows, double guessCost) {
        double tokens = otherRows + 1;
        double best = MARGIN * tokens / statistics.cost(otherRows + 1);
        int bestDepth = 0;
        double reached = 1;
        for (int depth = 1; depth <= most; depth++) {
            reached *= acceptance[depth - 1];
            tokens += reached;
            double rate = tokens / (statistics.cost(otherRows + 1 + depth) + depth * guessCost);
            if (rate > best) {
                best = rate;
                bestDepth = depth;
            }
        }
        return bestDepth;
    }

    /**
     * Records the result of a verification.
     *
     * @param guesses the number of guesses verified, as returned by the last {@link #depth}
     * @param accepted the number of correct guesses before the first wrong one
     */
    public void verified(Source source, int guesses, int accepted) {
        if (source != Source.HEAD) {
            return;
        }
        for (int position = 0; position < guesses && position <= accepted; position++) {
            int result = position < accepted ? 1 : 0;
            learnPosition(position, result);
            int grade = grades[position];
            int count = Math.min(PRIOR_COUNT + ++countsByGrade[grade], MAX_COUNT);
            byGrade[grade] += (result - byGrade[grade]) / count;
        }
        if (guesses > 0 && accepted == guesses && guesses < made) {
            learnPosition(guesses, 0);
        }
    }

    /** A guess that was made and not verified counts as wrong: it was of no use. */
    private void learnPosition(int position, int result) {
        int count = Math.min(PRIOR_COUNT + ++countsByPosition[position], MAX_COUNT);
        byPosition[position] += (result - byPosition[position]) / count;
        statistics.accepted(position, result);
    }
}
