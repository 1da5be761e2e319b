package kawi.reply;

import java.util.Arrays;

/**
 * Ends the thoughts of an answer when their budget is used up. A thought may then finish its sentence, with at most
 * {@value #GRACE} more tokens, after which the closing tokens are forced, one by one, and the answer follows.
 *
 * <p>The budget belongs to the answer: if another thought begins before the answer has any text, whoever opens it, it
 * uses what the thoughts before it have left, and if nothing is left it is closed at once.
 *
 * <p>For each step of a reply that is inside a thought, call {@link #force}, use its token, or sample one if it is -1,
 * and call {@link #accept} with the token and its text. If the model closes the thought itself, nothing is forced. Call
 * {@link #reopen} when another thought begins.
 *
 * <p>A sentence has ended if the text so far, without trailing closing quotes, brackets, emphasis and spaces, ends with
 * a newline or with one of <code>. ! ?</code> or their equivalents in other scripts. A full stop after a digit does not
 * count, as more digits may follow.
 */
public final class ThoughtBudget {

    private static final int[] NOTHING = {};

    /** The maximum number of tokens beyond the budget for the last sentence. */
    public static final int GRACE = 32;

    private static final String SENTENCE_ENDS = ".!?\n\u2026\u3002\uFF01\uFF1F\uFF61\u0964\u0965\u061F\u06D4\u0589";
    private static final String AFTER_SENTENCES = " \t\r\"')]}*_`\u201D\u2019\u00BB\u300D\u300F\uFF09\u3011";

    private enum State {
        THINKING,
        CLOSING,
        CLOSED
    }

    private final int budget;
    private final int[] closing;
    private State state;
    private int taken;
    private int forced;
    /** Whether no more thoughts are wanted, whatever the budget. */
    private boolean repeats;

    private final Occurrence closer;

    private boolean afterSentence = true;
    private char before;

    /**
     * @param budget the budget in tokens; 0 closes every thought at once
     * @param closing the tokens that end a thought and begin the answer
     * @param closer the text of the tag with which the model ends a thought itself
     * @param open whether the reply begins inside a thought
     * @throws IllegalArgumentException if the budget is negative or there is no closing token
     */
    public ThoughtBudget(int budget, int[] closing, String closer, boolean open) {
        if (budget < 0) {
            throw new IllegalArgumentException("the budget for thoughts is " + budget + "; it must not be negative");
        }
        if (closing.length == 0) {
            throw new IllegalArgumentException("there are no tokens to close a thought with");
        }
        this.budget = budget;
        this.closing = Arrays.copyOf(closing, closing.length);
        this.closer = new Occurrence(closer);
        this.state = State.CLOSED;
        if (open) {
            reopen();
        }
    }

    /** Begins a thought. */
    public void reopen() {
        if (state != State.CLOSED) {
            throw new IllegalStateException("the thought is still open");
        }
        forced = 0;
        afterSentence = true;
        closer.restart();
        state = repeats ? State.CLOSING : State.THINKING;
        closeIfOverBudget();
    }

    /** The token that must come next, or -1 if it is sampled. */
    public int force() {
        return state == State.CLOSING ? closing[forced] : -1;
    }

    /** All tokens that must come next, the one of {@link #force} first; empty if it is sampled. */
    public int[] upcoming() {
        return state == State.CLOSING ? Arrays.copyOfRange(closing, forced, closing.length) : NOTHING;
    }

    /**
     * Accepts the next token of a thought, forced or sampled.
     *
     * @param text what the token adds to the text; empty while a character is incomplete
     * @param thinking whether the reply is still inside the thought after this token
     * @throws IllegalArgumentException if another token was to be forced
     */
    public void accept(int token, String text, boolean thinking) {
        switch (state) {
            case THINKING -> {
                taken++;
                read(text);
                if (!thinking) {
                    state = State.CLOSED;
                } else {
                    closeIfOverBudget();
                }
            }
            case CLOSING -> {
                if (token != closing[forced]) {
                    throw new IllegalArgumentException(
                            "token " + token + " came where " + closing[forced] + " was to close the thought");
                }
                if (++forced == closing.length) {
                    state = State.CLOSED;
                }
            }
            case CLOSED -> {}
        }
    }

    /**
     * Closes the thought now, without waiting for its sentence to end, because it repeats itself. Another one is closed
     * at once.
     */
    public void close() {
        if (state == State.THINKING) {
            state = State.CLOSING;
            repeats = true;
        }
    }

    /** Whether a thought is open or being closed. */
    public boolean isOpen() {
        return state != State.CLOSED;
    }

    /** Whether the last thought was, or is being, closed by force. */
    public boolean isForced() {
        return state == State.CLOSING || forced > 0;
    }

    /** Whether another thought would be closed at once. */
    public boolean isSpent() {
        return repeats || taken >= budget;
    }

    /** The number of tokens of all thoughts, without those that were forced. */
    public int taken() {
        return taken;
    }

    private void closeIfOverBudget() {
        boolean spent = taken >= budget;
        if (spent && ((afterSentence && !closer.hasBegun()) || taken - budget >= GRACE)) {
            state = State.CLOSING;
        }
    }

    private void read(String text) {
        for (int i = 0; i < text.length() && !closer.isComplete(); i++) {
            char c = text.charAt(i);
            closer.accept(c);
            if (SENTENCE_ENDS.indexOf(c) >= 0) {
                afterSentence = c != '.' || !Character.isDigit(before);
            } else if (AFTER_SENTENCES.indexOf(c) < 0) {
                afterSentence = false;
            }
            before = c;
        }
    }
}
