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
 * {@code rows = (SLOWDOWN - 1) usual(n) / row}. Prompts get the same share of the time in turn, at least one row a
 * pass. The estimates are moving averages. Not thread-safe.
 */
final class PassSize {

    static final double SLOWDOWN = 2.5;

    /** Rows of a prompt in a pass as long as nothing has been measured. */
    static final int FIRST_ROWS = 8;

    private static final double NEWEST = 0.25;

    /** Durations by number of sequences; 0 if unknown. */
    private double[] usual = new double[Scheduler.MAX_LOGIT_ROWS + 1];

    private double row;
    private int lastRows = FIRST_ROWS;

    /** Records a pass over the single tokens of {@code singles} sequences and {@code rows} rows of prompts. */
    void record(int singles, int rows, long nanos) {
        if (rows == 0 && singles > 0) {
            if (singles >= usual.length) {
                usual = Arrays.copyOf(usual, 2 * singles);
            }
            usual[singles] = average(usual[singles], nanos);
        } else if (rows > 0 && singles > 0) {
            double alone = usual(singles);
            if (alone > 0) {
                row = average(row, Math.max(0, nanos - alone) / rows);
            }
            lastRows = rows;
        } else if (rows > 0 && row == 0) {
            row = (double) nanos / rows;
        }
    }

    private static double average(double before, double newest) {
        return before == 0 ? newest : before + NEWEST * (newest - before);
    }

    /** The number of rows of prompts in a pass while {@code sequences} sequences decode; at least 1. */
    int piece(int sequences) {
        double alone = usual(sequences);
        if (alone == 0) {
            return FIRST_ROWS;
        }
        double rows = row == 0 ? FIRST_ROWS : (SLOWDOWN - 1) * alone / row;
        return Math.clamp((long) rows, 1, Math.max(FIRST_ROWS, 2 * lastRows));
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
