package kawi;

import java.nio.file.Path;

/**
 * Measures how well a model predicts a text, in the protocol of llama.cpp's {@code perplexity}, so that figures can be
 * compared: the tokens are divided into chunks, each of which is evaluated by itself, and the tokens in the second half
 * of each chunk are scored. Tokens after the last complete chunk are not used. If the model begins texts with a certain
 * token, this token replaces the first one of each chunk.
 *
 * {@snippet :
 *    Perplexity original = first.evaluation().base(file).perplexity(text);
 *    Divergence loss = second.evaluation().divergence(file);
 *    System.out.printf("%s, KLD %s%n", loss.perplexity(), loss.mean());
 * }
 *
 * <p>Options return a new evaluation. Results do not depend on the number of threads. Evaluations are safe for use by
 * multiple threads.
 */
public interface Evaluation {

    /** The default number of tokens of a chunk. */
    int DEFAULT_CONTEXT = 512;

    /** Is notified of the progress. */
    @FunctionalInterface
    interface Listener {

        /**
         * Called after each chunk.
         *
         * @param soFar the perplexity of the chunks so far
         * @param chunks the number of chunks in total
         */
        void update(Perplexity soFar, int chunks);
    }

    /**
     * Sets the number of tokens of a chunk; by default {@value #DEFAULT_CONTEXT}, or the context length of the model if
     * that is less.
     *
     * @throws IllegalArgumentException if it is less than 4 or greater than the context length of the model
     */
    Evaluation contextLength(int tokens);

    /**
     * Limits the number of chunks; by default the whole text is used.
     *
     * @throws IllegalArgumentException if it is not positive
     */
    Evaluation chunks(int most);

    /**
     * Also writes the log-probabilities of the scored positions to a KL-divergence base file, in the format of
     * llama.cpp, for {@link #divergence}. It takes two bytes for each logit. An existing file is replaced when the new
     * one is complete.
     */
    Evaluation base(Path file);

    /** Sets a handle that cancels the evaluation, which then throws a CancellationException. */
    Evaluation cancelWith(Cancellation handle);

    /** Sets a listener that is called after each chunk, on the calling thread. */
    Evaluation listener(Listener listener);

    /**
     * Evaluates a text. As in llama.cpp, special tokens spelled out in it, such as {@code <|im_start|>}, are ordinary
     * text, and other added tokens, such as {@code <think>}, are recognized.
     *
     * @throws IllegalArgumentException if the text has fewer tokens than one chunk
     * @throws IllegalStateException if the model has no tokenizer
     * @throws java.util.concurrent.CancellationException if it is cancelled, or the thread is interrupted
     * @throws java.io.UncheckedIOException if the base file cannot be written
     */
    Perplexity perplexity(String text);

    /**
     * Evaluates tokens.
     *
     * @throws IllegalArgumentException if there are fewer tokens than one chunk, or an id is not in the vocabulary
     * @throws java.util.concurrent.CancellationException if it is cancelled, or the thread is interrupted
     * @throws java.io.UncheckedIOException if the base file cannot be written
     */
    Perplexity perplexity(int... tokens);

    /**
     * Compares this model with a KL-divergence base file. The tokens and the length of a chunk are those of the file.
     *
     * @throws IllegalArgumentException if it is not such a file, is damaged, or was written with another vocabulary or
     *     a longer context
     * @throws java.util.concurrent.CancellationException if it is cancelled, or the thread is interrupted
     * @throws java.io.UncheckedIOException if the file cannot be read
     */
    Divergence divergence(Path base);
}
