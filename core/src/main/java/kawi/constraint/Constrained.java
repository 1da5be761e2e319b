package kawi.constraint;

/**
 * One answer under way, held to a {@link Grammar}. Used by one thread.
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
 * <p>If every mask is applied and told the budget, the answer is complete when the budget is used up: a token is let
 * through only if the tokens that remain after it suffice to complete the answer. A token that ends the answer is not
 * counted; a caller whose budget must hold it passes one less.
 */
public final class Constrained {

    private final Masks masks;
    private Configuration at;

    public Constrained(Grammar grammar, TokenTrie trie) {
        masks = grammar.over(trie);
        at = masks.machine.start();
    }

    /** How many tokens suffice to complete the answer from here; 0 if it may end. */
    public int minimumTokens() {
        return at.distance;
    }

    /** Whether what has been accepted may be the whole answer. */
    public boolean mayEnd() {
        return at.complete;
    }

    /** Whether it is, and nothing can follow. */
    public boolean mustEnd() {
        return at.size == 0;
    }

    /**
     * Makes impossible what may not come next: sets logits to minus infinity.
     *
     * @param logits one per id; ids beyond the vocabulary are made impossible too
     * @param remainingTokens tokens that may still be accepted, the next one included
     * @param endTokens ids whose logits are kept if the answer may end here, and never otherwise
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

    /** Whether {@code token} may come next if the budget is ample. */
    public boolean allows(int token) {
        return !after(token).isDead();
    }

    /**
     * Takes the next token of the answer.
     *
     * @throws IllegalArgumentException if it may not come next; nothing has changed then
     */
    public void accept(int token) {
        Configuration to = after(token);
        if (to.isDead()) {
            throw new IllegalArgumentException("token " + token + " may not come next");
        }
        at = to;
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
