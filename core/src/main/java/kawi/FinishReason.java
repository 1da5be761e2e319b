package kawi;

/** Why a generation ended. */
public enum FinishReason {
    /** The model ended its answer with one of its end tokens, or with a stop token that was asked for. */
    END,
    /** A stop string appeared; it is not part of the text. */
    STOP_STRING,
    /** {@link Prompt#maxTokens} tokens were generated. */
    MAX_TOKENS,
    /** The sequence is as long as the model or the loader's limit allows. */
    CONTEXT_FULL,
    /** The calling thread was interrupted, or the {@link Cancellation} was used. */
    CANCELLED
}
