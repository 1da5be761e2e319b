package kawi;

/**
 * Modifies the logits of the next token before it is chosen.
 *
 * <p>A processor is called once per token, on the generating thread, after logit bias and penalties and before the
 * filters (see {@link Sampling}). Several processors run in the order in which they were added, each on the result of
 * the previous one. A processor with state must not be shared by several generations.
 *
 * {@snippet :
 *    LogitsProcessor ban = (tokens, logits) -> logits[token] = Float.NEGATIVE_INFINITY;
 *
 *    LogitsProcessor noImmediateRepeat = (tokens, logits) -> {
 *        if (tokens.length() > tokens.promptLength()) {
 *            logits[tokens.get(tokens.length() - 1)] -= 5;
 *        }
 *    };
 * }
 */
@FunctionalInterface
public interface LogitsProcessor {

    /**
     * Modifies the logits in place.
     *
     * @param tokens the prompt and the output so far; valid only during this call
     * @param logits one value for each token id. Negative infinity excludes an id; ids that the tokenizer does not have
     *     are excluded whatever the value. The generation fails if a value is NaN or positive infinity, or if all ids
     *     are excluded
     */
    void process(Tokens tokens, float[] logits);

    /** A read-only view of a token sequence: the prompt, followed by the output so far. */
    interface Tokens {

        /** Returns the number of tokens of the prompt and the output. */
        int length();

        /** Returns the number of tokens of the prompt, which is the index of the first token of the output. */
        int promptLength();

        /**
         * Returns the token id at an index.
         *
         * @throws IndexOutOfBoundsException if {@code index} is negative or not less than {@code length()}
         */
        int get(int index);
    }
}
