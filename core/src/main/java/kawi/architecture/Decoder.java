package kawi.architecture;

import java.util.function.BooleanSupplier;
import kawi.kernels.Activations;
import org.jspecify.annotations.Nullable;

/**
 * A language model bound to its weights: rows of any number of sequences in, logits out. It owns the compute buffers,
 * one set for all sequences, and is used by one thread at a time. Sequences may be created, copied and closed
 * concurrently.
 */
public interface Decoder extends AutoCloseable {

    /** The number of logits per row, which may exceed the number of tokens of the tokenizer. */
    int vocabularySize();

    /** The number of floats of an embedding. */
    int hiddenSize();

    /** Returns a new sequence without rows. The caller closes it. */
    SequenceState newSequence();

    /**
     * Runs all rows of a batch through the layers and appends each span to its sequence.
     *
     * @param cancelled queried between layers; when it returns true, the call ends with a
     *     {@link java.util.concurrent.CancellationException} and the sequences of the batch are
     *     {@linkplain SequenceState#broken() broken}, as after any other exception from inside a layer
     * @throws IllegalArgumentException if a span is empty or has more outputs than rows, or an id is not in the
     *     vocabulary; no sequence has been modified then
     */
    void forward(Batch batch, BooleanSupplier cancelled);

    /**
     * Copies the logits after output {@code output} of a sequence, see {@link SequenceState#outputs}, to {@code row}.
     */
    void logits(SequenceState sequence, int output, float[] row);

    /**
     * Logits after outputs of any sequences, in one product: row i belongs to the i-th output in {@code outputs}. Valid
     * until the next call of a method of this decoder.
     */
    Activations logits(Outputs outputs);

    /** The layer that guesses ahead, or null if the model has none; used by the thread that uses this decoder. */
    default @Nullable DraftHead draftHead() {
        return null;
    }

    /** Frees the buffers and the keys and values of all sequences, none of which can be used any more. */
    @Override
    void close();
}
