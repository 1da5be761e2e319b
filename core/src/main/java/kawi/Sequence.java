package kawi;

/**
 * A sequence of tokens and what the model remembers of it: the level below {@link Prompt}, for scoring, search and decoding loops of
 * one's own. Used by one thread at a time. After a call was cancelled every method but {@link #close()} throws an
 * {@link IllegalStateException}.
 *
 * {@snippet :
 *    try (Sequence sequence = model.newSequence()) {
 *        sequence.append(1, 2, 3);
 *        float[] next = sequence.logits();       // of the token after 3
 *    }
 * }
 */
public interface Sequence extends AutoCloseable {

    /** What {@link #append(int[], LogitsConsumer)} hands its logits to. */
    @FunctionalInterface
    interface LogitsConsumer {

        /**
         * Takes one row of logits.
         *
         * @param position index in the sequence of the token that these logits follow
         * @param logits one per id of the vocabulary; valid during this call only
         */
        void accept(int position, float[] logits);
    }

    /** Tokens appended so far. */
    int length();

    /**
     * Appends tokens.
     *
     * @throws IllegalArgumentException if an id is not in the vocabulary, or the sequence would become longer than the context
     * @throws java.util.concurrent.CancellationException if the thread is interrupted meanwhile; the sequence can then only be closed
     */
    void append(int... tokens);

    /**
     * A second sequence with the same tokens, which goes its own way from here on. What both remember of these tokens is shared where it
     * cannot change. Append a token to have logits.
     */
    Sequence fork();

    /**
     * Appends tokens and hands over the logits after each of them.
     *
     * @throws IllegalArgumentException if an id is not in the vocabulary, or the sequence would become longer than the context
     * @throws java.util.concurrent.CancellationException if the thread is interrupted meanwhile; the sequence can then only be closed
     */
    void append(int[] tokens, LogitsConsumer each);

    /** Logits of the token after the last one, one per id of the vocabulary. */
    float[] logits();

    /**
     * Copies the logits of the token after the last one to {@code row}: {@link #logits()} for loops that make no garbage.
     *
     * @throws IllegalArgumentException if {@code row} has not one place for each id of the vocabulary
     */
    void logits(float[] row);

    /**
     * Frees the sequence's memory. It may be called from any thread, callbacks included; a step under way is cancelled, and its caller gets an
     * {@link IllegalStateException}. A sequence that becomes unreachable without having been closed is closed some time later, with a warning
     * in the log.
     */
    @Override
    void close();
}
