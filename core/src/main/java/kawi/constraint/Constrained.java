package kawi.constraint;

/**
 * One answer in progress, constrained to a {@link Grammar}. Not safe for use by multiple threads.
 *
 * {@snippet :
 *    var answer = new Constrained(grammar, trie);
 *    int budget = 200; // at least answer.minimumTokens()
 *    while (!answer.mustEnd()) {
 *        // logits of the end tokens stay as they are only if the answer may end
 *        answer.mask(logits, budget--, endTokens);
 *        int token = sample(logits);
 *        if (isEnd(token)) {
 *            break;
 *        }
 *        answer.accept(token);
 *    }
 * }
 *
 * <p>If every mask is applied with the actual budget, the answer is complete when the budget is used up: a token is
 * allowed only if the remaining tokens suffice to complete the answer. The end token is not counted; a caller whose
 * budget includes it passes one less.
 */
public final class Constrained {

    private final Masks masks;
    private Configuration at;

    public Constrained(Grammar grammar, TokenTrie trie) {
        masks = grammar.over(trie);
        at = masks.machine.start();
    }

    /** The number of tokens that suffice to complete the answer; 0 if it may end here. */
    public int minimumTokens() {
        return at.distance;
    }

    /** Whether the accepted tokens may be the whole answer. */
    public boolean mayEnd() {
        return at.complete;
    }

    /** Whether the answer is complete and nothing can follow. */
    public boolean mustEnd() {
        return at.size == 0;
    }

    /**
     * Sets the logits of all tokens that may not come next to minus infinity.
     *
     * @param logits one per id; ids beyond the vocabulary are excluded too
     * @param remainingTokens number of tokens that may still be accepted, including the next one
     * @param endTokens ids whose logits are preserved if and only if the answer may end here
     * @throws IllegalArgumentException if fewer tokens remain than {@link #minimumTokens}
     */
    public void mask(float[] logits, int remainingTokens, int... endTokens) {
        if (remainingTokens < at.distance) {
            throw new IllegalArgumentException(
                    "the answer cannot be completed within the budget of tokens: %d remain, and %s"
                            .formatted(
                                    Math.max(remainingTokens, 0),
                                    at.distance >= Distances.NEVER
                                            ? "no number suffices"
                                            : at.distance + " are needed"));
        }
        Allowed allowed = masks.allowed(at, remainingTokens);
        if (!at.complete || endTokens.length == 0) {
            allowed.apply(logits);
            return;
        }
        float[] ends = new float[endTokens.length];
        for (int i = 0; i < ends.length; i++) {
            ends[i] = logits[endTokens[i]];
        }
        allowed.apply(logits);
        for (int i = 0; i < ends.length; i++) {
            logits[endTokens[i]] = ends[i];
        }
    }

    /** Whether {@code token} may come next with a sufficient budget. */
    public boolean allows(int token) {
        return !after(token).isDead();
    }

    /**
     * Accepts the next token of the answer.
     *
     * @throws IllegalArgumentException if the token is not allowed; the state is unchanged then
     */
    public void accept(int token) {
        Configuration to = after(token);
        if (to.isDead()) {
            throw new IllegalArgumentException("token " + token + " may not come next");
        }
        at = to;
    }

    /** The tokens that the form requires next; a guess, see {@link ForcedText}. */
    public int forced(ForcedText text, int[] out, int max, boolean spaced) {
        return text.tokens(masks, at, out, max, spaced);
    }

    /**
     * Whether {@code token} has a space where the form leaves it open, as after the commas of JSON.
     *
     * @param otherwise the result if there is no such place in the token
     */
    public boolean isSpaced(ForcedText text, int token, boolean otherwise) {
        return text.isSpaced(masks, at, token, otherwise);
    }

    /**
     * Accepts tokens as far as they are allowed.
     *
     * @return whether all were
     */
    public boolean acceptAll(int... tokens) {
        for (int token : tokens) {
            if (!allows(token)) {
                return false;
            }
            accept(token);
        }
        return true;
    }

    private Configuration after(int token) {
        int length = masks.trie.length(token);
        if (length == 0) {
            return masks.machine.stepAdded(at, token);
        }
        Configuration to = at;
        for (int i = 0; i < length; i++) {
            to = masks.machine.step(to, masks.machine.grammar.classOf(masks.trie.byteAt(token, i)));
            if (to.isDead()) {
                return to;
            }
        }
        return to;
    }
}
