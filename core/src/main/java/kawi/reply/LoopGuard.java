package kawi.reply;

import java.util.Arrays;

/**
 * Notices that a reply runs in circles: that for long it has repeated a block of tokens, exactly or nearly.
 *
 * <p>Every token is compared with the one p places before it, for all periods p up to {@value #MAX_PERIOD} at once. A
 * match adds 1 to the score of its period, a mismatch takes {@code penalty} off it, down to 0; so a score grows only
 * where more than penalty / (penalty + 1) of the tokens agree, whatever came before. The reply loops when a score
 * reaches max((repeats - 1) p, span - p): then {@code repeats} blocks have agreed, over at least {@code span} tokens.
 */
public final class LoopGuard {

    // What repeats is not always a loop: rows of zeros, =====, long runs of spaces, ASCII art, refrains, records with
    // equal fields, tables that differ in a digit. What tells them apart is how long it goes on, how exact it is, and
    // how much a block has to say.
    //
    // - Thought: span 512, 4 repeats, penalty 6 (over 85.7 % equal). Nobody reads 512 tokens of the same in a thought,
    //   and drifting loops ("Wait, let me check again" with other numbers in it) live here. A short sentence has been
    //   said some 25 times by then, a paragraph of 300 tokens 4 times.
    // - Answer: span 1024, 5 repeats, penalty 32 (over 97 % equal). Answers hold data on purpose: rows of a CSV file or
    //   of JSON records agree in 85 to 95 % of their tokens for thousands of tokens and must pass; so a loop has to be
    //   all but exact.
    // - A block of fewer than 8 different tokens is data rather than prose (an empty matrix, a ruler, dots). It is
    //   bounded too, but must go on for 3 spans more: 2048 tokens in a thought, 4096 in an answer. A grid of 30 by 30
    //   zeros is about 1800 tokens.
    //
    // Scores stop at their threshold. Otherwise a long run of data that was let pass would leave scores that take
    // hundreds of mismatches to fall, and the prose after it would be called a loop.
    //
    // The history is moved by one place with every token: then all arrays are read at the same index, which is what the
    // compiler needs to make a vector loop of the comparison. Nothing is allocated.

    /** The longest period that is noticed. */
    public static final int MAX_PERIOD = 512;

    private static final int FEW_TOKENS = 8;
    private static final int NO_TOKEN = -1;

    private final int penalty;
    private final int patience;

    /** At index p - 1, for period p: the score, the score that is a loop, and the token p places back. */
    private final int[] score = new int[MAX_PERIOD];

    private final int[] threshold = new int[MAX_PERIOD];
    private final int[] history = new int[MAX_PERIOD];
    private final int[] seen = new int[FEW_TOKENS];
    /** For how many tokens a block of data has been repeated beyond its threshold. */
    private int overdue;

    private LoopGuard(int span, int repeats, int penalty) {
        this.penalty = penalty;
        patience = 3 * span;
        for (int p = 1; p <= MAX_PERIOD; p++) {
            threshold[p - 1] = Math.max((repeats - 1) * p, span - p);
        }
        Arrays.fill(history, NO_TOKEN);
    }

    /** For a thought: finds a loop of period p within max(512, 4 p) tokens, also one that varies a little. */
    public static LoopGuard forThought() {
        return new LoopGuard(512, 4, 6);
    }

    /** For an answer: finds a loop of period p within max(1024, 5 p) tokens if it is all but exact. */
    public static LoopGuard forAnswer() {
        return new LoopGuard(1024, 5, 32);
    }

    /**
     * Takes the next token.
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
        return ++overdue > patience;
    }

    /** Adds the token to the history; whether a score is at its threshold. */
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

    /** Whether a block whose score is at its threshold has more than a few different tokens. */
    private boolean repeatsProse() {
        int different = 0;
        for (int i = 0; i < MAX_PERIOD; i++) {
            if (different < FEW_TOKENS && !isSeen(history[i], different)) {
                seen[different++] = history[i];
            }
            if (different == FEW_TOKENS && score[i] == threshold[i]) {
                return true;
            }
        }
        return false;
    }

    private boolean isSeen(int token, int different) {
        for (int i = 0; i < different; i++) {
            if (seen[i] == token) {
                return true;
            }
        }
        return false;
    }
}
