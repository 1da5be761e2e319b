package kawi.speculation;

import java.util.Arrays;

/**
 * What passes and guesses have cost, and how many guesses of the head were correct, for all sequences of a model.
 *
 * <p>Costs are in units of a pass over one row. That unit is an average of the durations of recent passes over one row,
 * because it depends on the length of the context and on the load of the machine. Passes over more rows are compared
 * with it while it is recent; afterwards they adjust the unit. Single durations can be off by any factor (a pause,
 * another process), so each changes an average by a limited share only.
 *
 * <p>Safe for use by multiple threads.
 */
public final class DraftStatistics {

    /** The maximum number of guesses per sequence and pass. */
    public static final int MAX_DEPTH = 8;

    /** Passes over more rows are not recorded: they are mostly prompts. */
    private static final int MAX_ROWS = 64;

    /** The number of passes for which a measured unit is recent. */
    private static final int RECENT_PASSES = 64;

    /** The number of passes after which the unit is measured again. */
    private static final int STALE_PASSES = 256;

    /** The cost of a further row until it is measured. */
    private static final double PRIOR_ROW = 0.08;

    /**
     * The number of measurements from which on the cost of further rows is extrapolated from them alone. With fewer, a
     * slow first pass would make all greater depths appear too expensive, so that they would never be measured.
     */
    private static final int TRUSTED = 8;

    /** The cost of a guess of the head until it is measured. */
    private static final double PRIOR_GUESS = 0.1;

    /** The probability that a guess of the head is correct until it is measured. */
    private static final double PRIOR_ACCEPTANCE = 0.6;

    private static final double WEIGHT = 1.0 / 8;

    /** For the acceptance, which depends on the text. */
    private static final double ACCEPTANCE_WEIGHT = 1.0 / 64;

    private final double[] costs = new double[MAX_ROWS + 1];
    private final int[] measured = new int[MAX_ROWS + 1];
    private double unit;
    private double guess;
    private int measuredGuesses;
    private int sinceUnit = STALE_PASSES;
    private final double[] acceptance = new double[MAX_DEPTH];

    public DraftStatistics() {
        Arrays.fill(acceptance, PRIOR_ACCEPTANCE);
    }

    /** Records the duration of a pass over {@code rows} rows, all of them with logits. */
    public synchronized void pass(int rows, long nanos) {
        if (rows < 1 || rows > MAX_ROWS || nanos <= 0) {
            return;
        }
        if (rows == 1) {
            unit = average(unit, (double) nanos, measured[1]++);
            sinceUnit = 0;
            return;
        }
        sinceUnit = Math.min(sinceUnit + 1, STALE_PASSES);
        if (sinceUnit <= RECENT_PASSES) {
            // The estimate so far counts as a measurement, because the first passes are often slow.
            double before = measured[rows] == 0 ? cost(rows) : costs[rows];
            costs[rows] = average(before, nanos / unit, ++measured[rows]);
        } else {
            unit = average(unit, nanos / cost(rows), unit == 0 ? 0 : MAX_ROWS);
        }
    }

    /** Records the time that the model's head took for {@code count} guesses of one sequence. */
    public synchronized void guesses(int count, long nanos) {
        if (count > 0 && unit > 0 && nanos > 0) {
            guess = average(guess, nanos / unit / count, measuredGuesses++);
        }
    }

    private static double average(double average, double value, int count) {
        if (count == 0) {
            return value;
        }
        double limited = Math.clamp(value, average / 2, average * 2);
        return average + (limited - average) * Math.max(WEIGHT, 1.0 / (count + 1));
    }

    /** The cost of a pass over {@code rows} rows: measured, or extrapolated from a smaller number. */
    synchronized double cost(int rows) {
        int known = Math.min(rows, MAX_ROWS);
        while (known > 1 && measured[known] == 0) {
            known--;
        }
        if (known <= 1) {
            return 1 + (rows - 1) * PRIOR_ROW;
        }
        double cost = Math.max(1, costs[known]);
        double trust = Math.min(1, (double) measured[known] / TRUSTED);
        double row = trust * (cost - 1) / (known - 1) + (1 - trust) * PRIOR_ROW;
        return cost + (rows - known) * row;
    }

    /** The cost of a guess of the model's head. */
    synchronized double guessCost() {
        return measuredGuesses == 0 ? PRIOR_GUESS : guess;
    }

    /** Whether the next pass should be over one row, to measure the unit; never with rows of other sequences. */
    synchronized boolean isStale(int otherRows) {
        return otherRows == 0 && sinceUnit >= STALE_PASSES;
    }

    synchronized void accepted(int position, int result) {
        acceptance[position] += (result - acceptance[position]) * ACCEPTANCE_WEIGHT;
    }

    /** The average acceptance of guesses at a position, for all sequences. */
    synchronized double acceptance(int position) {
        return acceptance[position];
    }
}
