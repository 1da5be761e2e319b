package kawi.speculation;

import kawi.constraint.Constrained;
import kawi.constraint.ForcedText;

/**
 * Guesses the tokens that the constraint on an answer requires next: keys, brackets, and the rest of the constants of
 * an enumeration. Whether a space follows a comma or a colon, which JSON leaves open, is guessed from the answer so
 * far.
 *
 * <p>Instances are not safe for use by multiple threads.
 */
public final class ForcedTokens {

    private final ForcedText text = new ForcedText();
    private boolean spaced = true;

    /**
     * Guesses the next tokens.
     *
     * @param constrained the answer so far; not modified
     * @param out receives the guesses
     * @param max the maximum number of guesses, at most the length of {@code out}
     * @return the number of guesses; 0 if the constraint leaves a choice
     */
    public int forced(Constrained constrained, int[] out, int max) {
        return constrained.forced(text, out, max, spaced);
    }

    /** Takes note of the next token of the answer; to be called before {@code constrained} accepts it. */
    public void accept(Constrained constrained, int token) {
        spaced = constrained.isSpaced(text, token, spaced);
    }
}
