package kawi.engine;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Decides how many rows of prompts a pass may contain while other sequences decode, from the measured durations of
 * passes. With
 *
 * <pre>
 *    usual(n)   duration of a pass over single tokens of n sequences
 *    row        additional duration of a pass per row of a prompt
 *    share      duration of a pass per row, those of single tokens included
 * </pre>
 *
 * a pass may take {@value #SLOWDOWN} times as long as usual, so that decoding keeps more than a third of its speed:
 *
 * <pre>
 *    target = SLOWDOWN usual(n)
 *    rows   = min((target - usual(n)) / row,  target / share - n)
 * </pre>
 *
 * Prompts get the same share of the time in turn, and at least one row. The first term is right for the number of rows
 * at which {@code row} was measured. Among more rows each costs more, since a pass over few rows takes the time to read
 * the weights, which they share. {@code share} can only fall as rows are added, so the second term does not exceed the
 * target while the number of rows grows.
 *
 * <p>The estimates are medians of the newest measurements, because some passes take much longer for reasons of their
 * own, in particular those during which the text of the prompt is encoded. Since all become slower with depth, a pass
 * without rows of prompts measures what is usual from time to time. A pass over the short rest of a prompt measures
 * nothing: the difference to a usual pass is too small. Not thread-safe.
 */
final class PassSize {

    static final double SLOWDOWN = 2.5;

    /** The number of passes after which {@code usual} is measured again, sooner if there are few measurements. */
    static final int MAX_UNMEASURED = 32;

    /** The rows of a pass as long as nothing has been measured. */
    private static final int UNKNOWN_ROWS = 16;

    private static final int USUAL_WINDOW = 15;
    private static final int ROW_WINDOW = 5;

    /** Durations by number of sequences; null if unknown. */
    private @Nullable MovingMedian[] usual = new MovingMedian[Scheduler.MAX_LOGIT_ROWS + 1];

    private final MovingMedian row = new MovingMedian(ROW_WINDOW);
    private final MovingMedian share = new MovingMedian(ROW_WINDOW);
    private int allowed;
    private int unmeasured;

    /** Records a pass over the single tokens of {@code singles} sequences and {@code rows} rows of prompts. */
    void record(int singles, int rows, long nanos) {
        if (singles == 0) {
            return;
        }
        if (rows == 0) {
            known(singles).add((double) nanos);
            unmeasured = 0;
            return;
        }
        unmeasured++;
        if (rows >= allowed / 2) {
            double each = (double) nanos / (singles + rows);
            // A row costs something, however inaccurate the measurements are.
            row.add(Math.max(each / 8, (nanos - usual(singles)) / rows));
            share.add(each);
        }
    }

    private MovingMedian known(int singles) {
        if (singles >= usual.length) {
            usual = Arrays.copyOf(usual, 2 * singles);
        }
        MovingMedian median = usual[singles];
        if (median == null) {
            median = new MovingMedian(USUAL_WINDOW);
            usual[singles] = median;
        }
        return median;
    }

    /** Whether the next pass over single tokens of {@code sequences} sequences should measure what is usual. */
    boolean mustMeasure(int sequences) {
        MovingMedian nearest = nearest(sequences);
        return nearest == null || unmeasured >= Math.min(MAX_UNMEASURED, 4 << nearest.count());
    }

    /** The number of rows of prompts in a pass while {@code sequences} sequences decode; at least 1. */
    int piece(int sequences) {
        double alone = usual(sequences);
        if (alone == 0) {
            return UNKNOWN_ROWS;
        }
        // As long as the cost of a row is not known: no more than that of a row of a decoding sequence.
        double each = share.count() == 0 ? alone / sequences : share.value();
        double rows = SLOWDOWN * alone / each - sequences;
        if (row.count() > 0) {
            rows = Math.min(rows, (SLOWDOWN - 1) * alone / row.value());
        }
        allowed = Math.clamp((long) rows, 1, Scheduler.MAX_ROWS);
        return allowed;
    }

    private double usual(int sequences) {
        MovingMedian nearest = nearest(sequences);
        return nearest == null ? 0 : nearest.value();
    }

    /** The durations for the known number of sequences that is nearest, preferably a smaller one. */
    private @Nullable MovingMedian nearest(int sequences) {
        int known = Math.min(sequences, usual.length - 1);
        for (int n = known; n > 0; n--) {
            if (usual[n] != null) {
                return usual[n];
            }
        }
        for (int n = known + 1; n < usual.length; n++) {
            if (usual[n] != null) {
                return usual[n];
            }
        }
        return null;
    }
}
