package kawi.engine;

import java.util.Arrays;
import kawi.constraint.Constrained;
import kawi.reply.ThoughtBudget;
import org.jspecify.annotations.Nullable;

/**
 * The thought at the beginning of an answer: which of its tokens are not the model's to choose, and when the answer
 * begins.
 *
 * <p>A thought ends where the model closes it, or where it is closed because its budget is used up or it runs in
 * circles. An answer of a given form begins only after the whole closing sequence; where the model has closed the
 * thought itself, what is left of the sequence is forced.
 */
final class Thought {

    private static final int[] NOTHING = {};

    private final int[] closing;
    private final @Nullable ThoughtBudget budget;

    /** Whether an answer of a given form follows. */
    private final boolean formed;

    private boolean open;
    private int tokens;

    /** What the closing sequence still lacked when the model had closed the thought, and how much of that has come. */
    private int[] rest = NOTHING;

    private int come;

    /**
     * @param closer the text of the tag that closes a thought
     * @param form what the answer is held to, if anything; it must find room after the thought
     * @param room tokens that thought and answer may have together
     */
    Thought(PromptTokens prompt, String closer, @Nullable Integer limit, @Nullable Constrained form, int room) {
        open = prompt.insideThought();
        formed = form != null;
        closing = prompt.closing() == null ? NOTHING : prompt.closing();
        if (!open || closing.length == 0) {
            budget = null;
            return;
        }
        int tokens = limit == null ? Integer.MAX_VALUE : limit;
        if (form != null) {
            int answer = Math.max(2 * form.minimumTokens(), room / 4);
            tokens = Math.min(tokens, Math.max(0, room - answer - ThoughtBudget.GRACE - closing.length));
        }
        budget = new ThoughtBudget(tokens, closing, closer);
    }

    /** Whether the answer has not begun. */
    boolean isOpen() {
        return open;
    }

    /** Whether the next token belongs to the thought or to what closes it. */
    boolean goesOn() {
        return open || (budget != null && budget.isOpen());
    }

    /** Whether a thought that runs in circles can be closed. */
    boolean canBeClosed() {
        return budget != null;
    }

    /** A token that there is no choice about, or -1. */
    int forced() {
        if (budget == null) {
            return -1;
        }
        return budget.isOpen() ? budget.force() : come < rest.length ? rest[come] : -1;
    }

    /**
     * Takes the next token of the thought.
     *
     * @param piece what it adds to the text
     * @param thinking whether by its text the reply is inside a thought after it
     * @param looping whether the thought runs in circles
     */
    void accept(int token, String piece, boolean thinking, boolean looping) {
        tokens++;
        if (budget == null) {
            open = thinking;
            return;
        }
        if (budget.isOpen()) {
            budget.accept(token, piece);
            if (looping) {
                budget.close();
            }
            if (formed && !budget.isOpen() && !budget.isForced()) {
                rest = after(token);
            }
        } else {
            come++;
        }
        open = formed ? budget.isOpen() || come < rest.length : thinking;
    }

    /** The closing sequence after the token with which the model has closed the thought. */
    private int[] after(int closer) {
        int from = closing.length;
        for (int i = 0; i < closing.length; i++) {
            if (closing[i] == closer) {
                from = i + 1;
            }
        }
        return Arrays.copyOfRange(closing, from, closing.length);
    }

    /** How many tokens it has had, those that closed it included. */
    int tokens() {
        return tokens;
    }
}
