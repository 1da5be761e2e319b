package kawi;

/**
 * A sequence of tokens with the state of the model: the level below {@link Prompt}, for scoring, search and custom
 * decoding loops. A sequence may be used by one thread at a time. After a call has been cancelled, every method except
 * {@link #close()} throws an {@link IllegalStateException}.
 *
 * {@snippet :
 *    try (Sequence sequence = model.newSequence()) {
 *        sequence.append(1, 2, 3);
 *        float[] next = sequence.logits();       // for the token after 3
 *    }
 * }
 */
public interface Sequence extends AutoCloseable {

    /** Receives the logits of {@link #append(int[], LogitsConsumer)}. */
    @FunctionalInterface
    interface LogitsConsumer {

        /**
         * Receives the logits after one token.
         *
         * @param position the index of the token in the sequence
         * @param logits one value for each token id; valid only during this call
         */
        void accept(int position, float[] logits);
    }

    /** Returns the number of tokens. */
    int length();

    /**
     * Appends tokens.
     *
     * @throws IllegalArgumentException if an id is not in the vocabulary, or the sequence would become longer than the
     *     context
     * @throws java.util.concurrent.CancellationException if the thread is interrupted; the sequence can then only be
     *     closed
     */
    void append(int... tokens);

    /**
     * Returns an independent sequence with the same tokens. State that cannot change is shared by both. The logits are
     * available after a token has been appended.
     */
    Sequence fork();

    /**
     * Appends tokens, and passes the logits after each of them to a consumer.
     *
     * @throws IllegalArgumentException if an id is not in the vocabulary, or the sequence would become longer than the
     *     context
     * @throws java.util.concurrent.CancellationException if the thread is interrupted; the sequence can then only be
     *     closed
     */
    void append(int[] tokens, LogitsConsumer each);

    /** Returns the logits of the next token, one value for each token id. */
    float[] logits();

    /**
     * Copies the logits of the next token to {@code row}: like {@link #logits()}, without allocating an array.
     *
     * @throws IllegalArgumentException if the length of {@code row} is not the size of the vocabulary
     */
    void logits(float[] row);

    /**
     * Frees the sequence's memory. This method may be called by any thread, also in callbacks. A running step is
     * cancelled, and its caller receives an {@link IllegalStateException}. A sequence that becomes unreachable without
     * being closed is closed later, with a warning in the log.
     */
    @Override
    void close();
}
