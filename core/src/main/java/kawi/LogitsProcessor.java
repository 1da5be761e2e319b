package kawi;

/**
 * A hook between the model and the sampler: edits the logits of the next token before one is chosen.
 *
 * <p>It is called once per token, on the thread that generates, after logit bias and penalties and before anything that
 * removes candidates (see {@link Sampling}). Several processors run in the order in which they were given, each seeing
 * the edits of those before it. One that keeps state belongs to one generation.
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
     * Edits the logits in place.
     *
     * @param tokens prompt and output so far; valid during this call only
     * @param logits one per id of the vocabulary, index = token id. Negative infinity makes an id impossible; ids that
     *     the tokenizer does not know stay impossible whatever is written there. NaN, positive infinity, or a
     *     vocabulary with nothing left fails the generation
     */
    void process(Tokens tokens, float[] logits);

    /** Read-only view of a token sequence: the prompt, then the output so far. */
    interface Tokens {

        /** Tokens of prompt and output together. */
        int length();

        /** Tokens of the prompt; the output starts at this index. */
        int promptLength();

        /**
         * The token id at a place in the sequence.
         *
         * @throws IndexOutOfBoundsException if {@code index} is not in {@code [0, length())}
         */
        int get(int index);
    }
}
