package kawi.speculation;

import kawi.constraint.Constrained;
import kawi.constraint.ForcedText;

/**
 * Guesses the tokens that the constraint on an answer requires next: keys, brackets, and the rest of the constants of
 * an enumeration. Whether a space follows a comma or a colon, which JSON leaves open, is guessed from the answer so
 * far.
 *
 * <p>Where the forced text may end in the middle of a token, the last guess is uncertain. Its probability is estimated
 * from earlier guesses of this kind.
 *
 * <p>Instances are not safe for use by multiple threads.
 */
public final class ForcedTokens {

    private static final int MAX_GUESSES = DraftStatistics.MAX_DEPTH;
    private static final float WEIGHT = 1f / 8;

    private final ForcedText text = new ForcedText();
    private boolean spaced = true;

    /** The last guesses, and how many of them have been correct so far. */
    private final int[] guesses = new int[MAX_GUESSES];

    private int count;
    private int correct;
    private int uncertain;

    private float success = 0.95f;
    private float successUncertain = 0.5f;

    /**
     * Guesses the next tokens.
     *
     * @param constrained the answer so far; not modified
     * @param out receives the guesses
     * @param max the maximum number of guesses, at most the length of {@code out}
     * @return the number of guesses; 0 if the constraint leaves a choice
     */
    public int forced(Constrained constrained, int[] out, int max) {
        count = constrained.forced(text, out, Math.min(max, MAX_GUESSES), spaced);
        System.arraycopy(out, 0, guesses, 0, count);
        uncertain = text.isOpen() ? count - 1 : MAX_GUESSES;
        correct = 0;
        return count;
    }

    /**
     * The estimated probability that guess {@code index} of the last {@link #forced} is correct if those before it are.
     */
    public float confidence(int index) {
        return index == uncertain ? successUncertain : success;
    }

    /** Takes note of the next token of the answer; to be called before {@code constrained} accepts it. */
    public void accept(Constrained constrained, int token) {
        if (correct < count) {
            boolean asGuessed = token == guesses[correct];
            if (correct == uncertain) {
                successUncertain += ((asGuessed ? 1 : 0) - successUncertain) * WEIGHT;
            } else {
                success += ((asGuessed ? 1 : 0) - success) * WEIGHT;
            }
            correct = asGuessed ? correct + 1 : count;
        }
        spaced = constrained.isSpaced(text, token, spaced);
    }
}
