package kawi.reply;

import java.util.Arrays;

/**
 * Detects that a reply repeats itself: that it has repeated a block of tokens many times, exactly or nearly.
 *
 * <p>Every token is compared with the one p positions before it, for all periods p up to {@value #MAX_PERIOD} at once.
 * A match adds 1 to the score of its period, a mismatch subtracts {@code penalty}, down to 0; so a score grows only
 * where more than penalty / (penalty + 1) of the tokens agree, regardless of earlier tokens. The reply loops when a
 * score reaches max((repeats - 1) p, span - p): then {@code repeats} blocks have agreed, over at least {@code span}
 * tokens.
 */
public final class LoopGuard {

    // Repetition is not always a loop: rows of zeros, =====, long runs of spaces, ASCII art, refrains, records with
    // equal fields, tables that differ in a digit. Loops are distinguished by the length and exactness of the
    // repetition, and by the number of different tokens in a block.
    //
    // - Thought: span 512, 4 repeats, penalty 6 (over 85.7 % equal). 512 repeated tokens in a thought are of no use,
    //   and loops with variations ("Wait, let me check again" with other numbers) occur here. By then a short sentence
    //   has been repeated some 25 times, a paragraph of 300 tokens 4 times.
    // - Answer: span 1024, 5 repeats, penalty 32 (over 97 % equal). Answers contain data intentionally: rows of a CSV
    //   file or of JSON records agree in 85 to 95 % of their tokens for thousands of tokens and must not be detected; a
    //   loop therefore has to be almost exact.
    // - A block of fewer than 8 different tokens is data rather than prose (an empty matrix, a ruler, dots). It is
    //   bounded too, but must continue for 3 more spans: 2048 tokens in a thought, 4096 in an answer. A grid of 30 by
    //   30 zeros is about 1800 tokens.
    //
    // Scores are capped at their threshold. Otherwise a long run of permitted data would leave scores that take
    // hundreds of mismatches to decrease, and the prose after it would be detected as a loop.
    //
    // The history is shifted by one position with every token, so that all arrays are read at the same index, which
    // allows the compiler to vectorize the comparison. Nothing is allocated.

    /** The longest period that is detected. */
    public static final int MAX_PERIOD = 512;

    private static final int MIN_DISTINCT_TOKENS = 8;
    private static final int NO_TOKEN = -1;

    private final int penalty;
    private final int maxOverdue;

    /** At index p - 1, for period p: the score, the score of a loop, and the token p positions back. */
    private final int[] score = new int[MAX_PERIOD];

    private final int[] threshold = new int[MAX_PERIOD];
    private final int[] history = new int[MAX_PERIOD];
    private final int[] seen = new int[MIN_DISTINCT_TOKENS];
    /** The number of tokens for which a block of data has been repeated beyond its threshold. */
    private int overdue;

    private LoopGuard(int span, int repeats, int penalty) {
        this.penalty = penalty;
        maxOverdue = 3 * span;
        for (int p = 1; p <= MAX_PERIOD; p++) {
            threshold[p - 1] = Math.max((repeats - 1) * p, span - p);
        }
        Arrays.fill(history, NO_TOKEN);
    }

    /** For a thought: finds a loop of period p within max(512, 4 p) tokens, including one with small variations. */
    public static LoopGuard forThought() {
        return new LoopGuard(512, 4, 6);
    }

    /** For an answer: finds a loop of period p within max(1024, 5 p) tokens if it is almost exact. */
    public static LoopGuard forAnswer() {
        return new LoopGuard(1024, 5, 32);
    }

    /**
     * Accepts the next token.
     *
     * @return whether the tokens so far end in a loop
     */
    public boolean accept(int token) {
        if (!compare(token)) {
            overdue = Math.max(0, overdue - penalty);
            return false;
        }
        if (repeatsProse()) {
            return true;
        }
        return ++overdue > maxOverdue;
    }

    /** Adds the token to the history. Returns whether a score is at its threshold. */
    private boolean compare(int token) {
        int any = compare(token, history, score, threshold, penalty + 1);
        System.arraycopy(history, 0, history, 1, MAX_PERIOD - 1);
        history[0] = token;
        return any < 0;
    }

    private static int compare(int token, int[] history, int[] score, int[] threshold, int loss) {
        int any = 0;
        for (int i = 0; i < MAX_PERIOD; i++) {
            int difference = history[i] ^ token;
            int differs = (difference | -difference) >> 31;
            int next = Math.min(Math.max(0, score[i] + 1 - (differs & loss)), threshold[i]);
            score[i] = next;
            any |= threshold[i] - 1 - next;
        }
        return any;
    }

    /** Whether a block whose score is at its threshold has at least {@link #MIN_DISTINCT_TOKENS} different tokens. */
    private boolean repeatsProse() {
        int distinct = 0;
        for (int i = 0; i < MAX_PERIOD; i++) {
            if (distinct < MIN_DISTINCT_TOKENS && !isSeen(history[i], distinct)) {
                seen[distinct++] = history[i];
            }
            if (distinct == MIN_DISTINCT_TOKENS && score[i] == threshold[i]) {
                return true;
            }
        }
        return false;
    }

    private boolean isSeen(int token, int distinct) {
        for (int i = 0; i < distinct; i++) {
            if (seen[i] == token) {
                return true;
            }
        }
        return false;
    }
}
