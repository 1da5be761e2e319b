package kawi;

/** Why a generation ended. */
public enum FinishReason {
    /** The model ended its answer with one of its end tokens, or with a stop token that was asked for. */
    END,
    /** A stop string appeared; it is not part of the text. */
    STOP_STRING,
    /** As many tokens were generated as {@link AnswerOptions#maxTokens} allows. */
    MAX_TOKENS,
    /** The sequence is as long as the model or the loader's limit allows. */
    CONTEXT_FULL,
    /** The model had begun to repeat itself without end, see {@link AnswerOptions#loopGuard}. */
    LOOP,
    /** The model called tools that the caller is to run, see {@link Reply#toolCalls}. */
    TOOL_CALLS,
    /** The model kept asking for tools, see {@link ChatBuilder#maxToolRounds}. */
    TOOL_LIMIT,
    /** The calling thread was interrupted, the {@link Cancellation} was used, or the model, the chat or the stream was closed. */
    CANCELLED
}
