package kawi.engine;

import java.util.Arrays;

/**
 * Decides how many rows of prompts a pass may contain while other sequences decode, from the measured durations of
 * passes. With
 *
 * <pre>
 *    usual(n)   duration of a pass over single tokens of n sequences
 *    row        additional duration of a pass per row of a prompt
 * </pre>
 *
 * a pass may take {@value #SLOWDOWN} times as long as usual, so that decoding keeps more than a third of its speed:
 * {@code rows = (SLOWDOWN - 1) usual(n) / row}. Prompts get the same share of the time in turn, and at least one row.
 *
 * <p>The estimates are moving averages. Since the first passes of a process are slow, and all become slower with
 * depth, a pass without rows of prompts measures what is usual from time to time. The number of rows at most doubles
 * from pass to pass, because a row may cost more among many. Not thread-safe.
 */
final class PassSize {

    static final double SLOWDOWN = 2.5;

    /** The number of passes after which {@code usual} is measured again. */
    static final int MAX_UNMEASURED = 32;

    /** The rows of a pass as long as nothing has been measured. */
    private static final int UNKNOWN_ROWS = 16;

    private static final double NEWEST = 0.5;

    /** Durations by number of sequences; 0 if unknown. */
    private double[] usual = new double[Scheduler.MAX_LOGIT_ROWS + 1];

    private double row;
    private int lastRows;
    private int unmeasured;

    /** Records a pass over the single tokens of {@code singles} sequences and {@code rows} rows of prompts. */
    void record(int singles, int rows, long nanos) {
        if (rows == 0 && singles > 0) {
            if (singles >= usual.length) {
                usual = Arrays.copyOf(usual, 2 * singles);
            }
            usual[singles] = average(usual[singles], (double) nanos);
            unmeasured = 0;
        } else if (rows > 0 && singles > 0) {
            // A row costs something, however inaccurate the measurements are.
            row = average(row, Math.max((double) nanos / (8.0 * (singles + rows)), (nanos - usual(singles)) / rows));
            lastRows = rows;
            unmeasured++;
        }
    }

    private static double average(double before, double newest) {
        return before == 0 ? newest : before + NEWEST * (newest - before);
    }

    /** Whether the next pass over single tokens of {@code sequences} sequences should measure what is usual. */
    boolean mustMeasure(int sequences) {
        return usual(sequences) == 0 || unmeasured >= MAX_UNMEASURED;
    }

    /** The number of rows of prompts in a pass while {@code sequences} sequences decode; at least 1. */
    int piece(int sequences) {
        double alone = usual(sequences);
        if (alone == 0) {
            return UNKNOWN_ROWS;
        }
        // As long as the cost of a row is not known: no more than that of a row of a decoding sequence.
        double cost = row == 0 ? alone / sequences : row;
        double rows = (SLOWDOWN - 1) * alone / cost;
        int most = lastRows == 0 ? Scheduler.MAX_ROWS : 2 * lastRows;
        return Math.clamp((long) rows, 1, most);
    }

    /** The duration for the known number of sequences that is nearest, preferably a smaller one; 0 if none is known. */
    private double usual(int sequences) {
        int known = Math.min(sequences, usual.length - 1);
        for (int n = known; n > 0; n--) {
            if (usual[n] > 0) {
                return usual[n];
            }
        }
        for (int n = known + 1; n < usual.length; n++) {
            if (usual[n] > 0) {
                return usual[n];
            }
        }
        return 0;
    }
}
