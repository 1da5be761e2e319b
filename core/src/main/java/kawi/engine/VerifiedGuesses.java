package kawi.engine;

import java.util.Arrays;
import kawi.Speculation;

/**
 * The guesses that the last pass of a sequence has verified, and the logits after each of its rows.
 *
 * <pre>
 *    row       0         1         2         3
 *    token     t         g1        g2        g3
 *    logits    after t   after g1  after g2  after g3
 * </pre>
 *
 * A guess is accepted if it is the token that is appended at its position; the logits after it are then known without
 * another pass. The rows after the last accepted guess belong to the state of the sequence but not to its tokens, until
 * they are taken back.
 */
final class VerifiedGuesses {

    private static final float[] NO_LOGITS = {};

    private final int vocabulary;
    private final int[] ids = new int[Speculation.MAX_GUESSES];

    /** Logits, [rows][vocabulary]. */
    private float[] logits = NO_LOGITS;

    private int count;
    private int accepted;

    VerifiedGuesses(int vocabulary) {
        this.vocabulary = vocabulary;
    }

    /** Returns room for the logits after a token and {@code guesses} guesses. */
    float[] room(int guesses) {
        int needed = (1 + guesses) * vocabulary;
        if (logits.length < needed) {
            logits = new float[needed];
        }
        return logits;
    }

    /**
     * Begins with {@code count} guesses from index {@code from} of {@code tokens}, none of which is accepted so far.
     */
    void begin(int[] tokens, int from, int count) {
        System.arraycopy(tokens, from, ids, 0, count);
        this.count = count;
        accepted = 0;
    }

    /** Accepts the next guess if it is {@code token}; returns false otherwise. */
    boolean accept(int token) {
        if (accepted == count || ids[accepted] != token) {
            return false;
        }
        accepted++;
        return true;
    }

    /** Copies the logits after the last accepted guess, or after the token before the guesses, to {@code row}. */
    void copyLogits(float[] row) {
        System.arraycopy(logits, accepted * vocabulary, row, 0, vocabulary);
    }

    /** The number of guesses. */
    int count() {
        return count;
    }

    /** The number of guesses accepted so far. */
    int accepted() {
        return accepted;
    }

    /** The number of rows that belong to the state of the sequence, but not to its tokens. */
    int pending() {
        return count - accepted;
    }

    /** Forgets the guesses. */
    void clear() {
        count = 0;
        accepted = 0;
    }

    /** Forgets the guesses and releases the memory of the logits, which may take megabytes. */
    void release() {
        clear();
        logits = NO_LOGITS;
    }

    @Override
    public String toString() {
        return "%d of %s accepted".formatted(accepted, Arrays.toString(Arrays.copyOf(ids, count)));
    }
}
