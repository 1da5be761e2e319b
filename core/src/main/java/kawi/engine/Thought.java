package kawi.engine;

import java.util.Arrays;
import kawi.constraint.Constrained;
import kawi.dialect.Dialect;
import kawi.reply.ThoughtBudget;
import org.jspecify.annotations.Nullable;

/**
 * The thoughts before an answer: which of their tokens are forced, and when the answer begins.
 *
 * <p>The prompt may open a thought, and so may the model, as long as the answer has no text. All thoughts of an answer
 * have one budget. A thought ends where the model closes it, or is closed because the budget is used up or because it
 * repeats itself; after that further thoughts are closed at once, and the token that opens one is excluded.
 *
 * <p>A constrained answer begins only after the whole closing sequence; if the model closes the thought itself, the
 * remaining tokens of the sequence are forced.
 */
final class Thought {

    private static final int[] NOTHING = {};

    private final int[] closing;
    private final @Nullable ThoughtBudget budget;

    /** Whether a constrained answer follows. */
    private final boolean constrained;

    private boolean open;
    private int tokens;

    /**
     * The tokens of the closing sequence that remained when the model closed the thought, and how many of them have
     * been forced.
     */
    private int[] remainingClosing = NOTHING;

    private int forcedCount;

    /** The token that opens a thought, or -1. */
    private final int opener;

    /**
     * @param form the constraint on the answer, or null; there must be room for the answer after the thought
     * @param room the maximum number of tokens of thought and answer together
     */
    Thought(LoadedModel model, PromptTokens prompt, @Nullable Integer limit, @Nullable Constrained form, int room) {
        open = prompt.insideThought();
        constrained = form != null;
        closing = prompt.closing() == null ? NOTHING : prompt.closing();
        Dialect.ThoughtTags tags = model.dialect().thoughts().orElse(null);
        if (tags == null || closing.length == 0) {
            budget = null;
            opener = -1;
            return;
        }
        opener = model.requireTokenizer().id(tags.begin()).orElse(-1);
        int tokens = limit == null ? Integer.MAX_VALUE : limit;
        if (form != null) {
            int answer = Math.max(2 * form.minimumTokens(), room / 4);
            tokens = Math.min(tokens, Math.max(0, room - answer - ThoughtBudget.GRACE - closing.length));
        }
        budget = new ThoughtBudget(tokens, closing, tags.end(), open);
    }

    /** Begins a thought that the model has opened. */
    void reopen() {
        open = true;
        if (budget != null) {
            budget.reopen();
        }
    }

    /**
     * Excludes the token that opens a thought, if a thought would be closed at once, unless no other token is left.
     *
     * @param logits at a position at which the token would open a thought
     */
    void excludeIfSpent(float[] logits) {
        if (opener < 0 || budget == null || budget.isOpen() || !budget.isSpent()) {
            return;
        }
        float logit = logits[opener];
        logits[opener] = Float.NEGATIVE_INFINITY;
        for (float other : logits) {
            if (other > Float.NEGATIVE_INFINITY) {
                return;
            }
        }
        logits[opener] = logit;
    }

    /** The number of tokens that have been taken from the budget. */
    int taken() {
        return budget == null ? tokens : budget.taken();
    }

    /** Whether the answer has not begun yet. */
    boolean isOpen() {
        return open;
    }

    /** Whether the next token belongs to the thought or to what closes it. */
    boolean isOpenOrClosing() {
        return open || (budget != null && budget.isOpen());
    }

    /** Whether a thought that repeats itself can be closed. */
    boolean canBeClosed() {
        return budget != null;
    }

    /** The token that must come next, or -1 if it is sampled. */
    int forced() {
        if (budget == null) {
            return -1;
        }
        if (budget.isOpen()) {
            return budget.force();
        }
        return forcedCount < remainingClosing.length ? remainingClosing[forcedCount] : -1;
    }

    /** The tokens that must come next, if any. */
    int[] upcoming() {
        if (budget == null) {
            return NOTHING;
        }
        if (budget.isOpen()) {
            return budget.upcoming();
        }
        return forcedCount < remainingClosing.length
                ? Arrays.copyOfRange(remainingClosing, forcedCount, remainingClosing.length)
                : NOTHING;
    }

    /**
     * Accepts the next token of the thought.
     *
     * @param piece what it adds to the text
     * @param thinking whether, according to the text, the reply is still inside a thought after this token
     * @param looping whether the thought repeats itself
     */
    void accept(int token, String piece, boolean thinking, boolean looping) {
        tokens++;
        if (budget == null) {
            open = thinking;
            return;
        }
        if (budget.isOpen()) {
            budget.accept(token, piece, thinking);
            if (looping) {
                budget.close();
            }
            if (constrained && !budget.isOpen() && !budget.isForced()) {
                remainingClosing = closingAfter(token);
            }
        } else {
            forcedCount++;
        }
        open = constrained ? budget.isOpen() || forcedCount < remainingClosing.length : thinking;
    }

    /** The closing sequence after the token with which the model has closed the thought. */
    private int[] closingAfter(int closer) {
        int from = closing.length;
        for (int i = 0; i < closing.length; i++) {
            if (closing[i] == closer) {
                from = i + 1;
            }
        }
        return Arrays.copyOfRange(closing, from, closing.length);
    }

    /** The number of tokens of the thoughts, including those that closed them. */
    int tokens() {
        return tokens;
    }
}
