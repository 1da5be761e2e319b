package kawi;

/** Why a generation ended. */
public enum FinishReason {
    /** The model generated an end token, or a stop token set with {@link AnswerOptions#stopTokens}. */
    END,
    /** A stop string occurred; it is not part of the text. */
    STOP_STRING,
    /** The limit of {@link AnswerOptions#maxTokens} was reached. */
    MAX_TOKENS,
    /** The sequence has reached the context length of the model or the loader. */
    CONTEXT_FULL,
    /** The model repeated itself endlessly, see {@link AnswerOptions#loopGuard}. */
    LOOP,
    /** The model called tools that the caller must run, see {@link Reply#toolCalls}. */
    TOOL_CALLS,
    /** The limit of {@link ChatBuilder#maxToolRounds} was reached. */
    TOOL_LIMIT,
    /**
     * The calling thread was interrupted, the {@link Cancellation} was cancelled, or the model, the chat or the stream
     * was closed.
     */
    CANCELLED
}
