package kawi.architecture;

import java.util.function.BooleanSupplier;
import kawi.kernels.Activations;

/** A language model bound to its weights: tokens in, logits out. Safe for several threads, each with its own sequence. */
public interface Decoder {

    /** Logits per token; may exceed the number of tokens that the tokenizer knows. */
    int vocabularySize();

    /** A sequence without tokens. The caller closes it. */
    SequenceState newSequence();

    /**
     * Appends tokens to a sequence. Afterwards {@link #logits} answers for these tokens.
     *
     * @param ids token ids; {@code tokens} of them are read from {@code from} on
     * @param cancelled asked between layers; when it answers true the call ends with a {@link java.util.concurrent.CancellationException}
     *     and the sequence can only be closed
     */
    void append(SequenceState sequence, int[] ids, int from, int tokens, BooleanSupplier cancelled);

    /**
     * Logits after tokens {@code [fromToken, fromToken + tokens)} of the last {@link #append}, as rows 0 to {@code tokens - 1}; valid until the next
     * call for this sequence.
     */
    Activations logits(SequenceState sequence, int fromToken, int tokens);
}
