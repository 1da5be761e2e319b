package kawi.speculation;

import java.util.Arrays;

/**
 * What speculation has cost and how many guesses were correct, for all sequences of a model.
 *
 * <p>Costs are in units of a pass over one row. That unit is the average duration of the passes over one row, and
 * follows it slowly, because it depends on the length of the context and on the load of the machine. The cost of a pass
 * over more rows is compared with it while it is recent. Single durations may be off by any factor (a pause, another
 * process), so none changes an average by more than a limited share.
 *
 * <p>Safe for use by multiple threads.
 */
public final class DraftStatistics {

    /** The maximum number of guesses per sequence and pass. */
    public static final int MAX_DEPTH = 8;

    private static final int MAX_ROWS = 64;

    /** The number of passes for which a measured unit is compared with passes over more rows. */
    private static final int RECENT_PASSES = 64;

    private static final int STALE_PASSES = 256;

    /** The cost of a further row until it is measured. */
    private static final double PRIOR_ROW = 0.08;

    /** The cost of a guess of the head until it is measured. */
    private static final double PRIOR_GUESS = 0.1;

    private static final double WEIGHT = 1.0 / 8;

    /** Of one sequence, whose acceptance says less about the next one. */
    private static final double ACCEPTANCE_WEIGHT = 1.0 / 64;

    private final double[] costs = new double[MAX_ROWS + 1];
    private final int[] measured = new int[MAX_ROWS + 1];
    private double unit;
    private double guess;
    private int guessesMeasured;
    /** The number of passes since the last one over one row. */
    private int age = STALE_PASSES;

    private final double[][] acceptance = new double[Source.values().length][MAX_DEPTH];

    public DraftStatistics() {
        for (Source source : Source.values()) {
            Arrays.fill(acceptance[source.ordinal()], source == Source.HEAD ? 0.6 : 0.85);
        }
    }

    /** Records the duration of a pass that computed {@code rows} rows of output, at most one prompt among them. */
    public synchronized void pass(int rows, long nanos) {
        if (rows < 1 || rows > MAX_ROWS || nanos <= 0) {
            return;
        }
        if (rows == 1) {
            unit = average(unit, nanos, measured[1]++);
            age = 0;
            return;
        }
        boolean known = measured[1] > 0;
        age = Math.min(age + 1, STALE_PASSES);
        if (known && age <= RECENT_PASSES) {
            costs[rows] = average(costs[rows], nanos / unit, measured[rows]++);
        } else {
            unit = average(unit, nanos / cost(rows), unit == 0 ? 0 : 8);
        }
    }

    /** Records the time that the model's head took for guesses. */
    public synchronized void guesses(int count, long nanos) {
        if (count > 0 && unit > 0 && nanos > 0) {
            guess = average(guess, nanos / unit / count, guessesMeasured++);
        }
    }

    /** The cost of a pass over {@code rows} rows. */
    synchronized double cost(int rows) {
        if (rows <= 1) {
            return 1;
        }
        int known = Math.min(rows, MAX_ROWS);
        while (known > 1 && measured[known] == 0) {
            known--;
        }
        double base = known == 1 ? 1 : Math.max(1, costs[known]);
        double row = known == 1 ? PRIOR_ROW : (base - 1) / (known - 1);
        return base + (rows - known) * row;
    }

    /** The cost of a guess of the model's head. */
    synchronized double guessCost() {
        return guessesMeasured == 0 ? PRIOR_GUESS : guess;
    }

    /** Whether a pass over one row should be measured again. */
    synchronized boolean isStale() {
        return age >= STALE_PASSES;
    }

    synchronized void accepted(Source source, int position, boolean correct) {
        double[] of = acceptance[source.ordinal()];
        of[position] += ((correct ? 1 : 0) - of[position]) * ACCEPTANCE_WEIGHT;
    }

    synchronized double acceptance(Source source, int position) {
        return acceptance[source.ordinal()][position];
    }

    private static double average(double average, double value, int count) {
        if (count == 0) {
            return value;
        }
        double limited = Math.clamp(value, average / 2, average * 2);
        return average + (limited - average) * Math.max(WEIGHT, 1.0 / (count + 1));
    }
}
