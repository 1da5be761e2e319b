package kawi;

/** What to do with a conversation that no longer fits into the context, see {@link AnswerOptions#contextPolicy}. */
public enum ContextPolicy {

    /** The message fails with a {@link ContextLengthException}, and the conversation remains as it was. */
    ERROR,

    /**
     * The oldest messages are dropped: always a whole turn, which is a user's message with the answer to it, the calls
     * of tools and their results. The system message and the tools stay, and so does the last user's message with what
     * follows it; if that alone does not fit, the message fails as with {@link #ERROR}.
     *
     * <p>Messages are dropped when the prompt and {@link AnswerOptions#maxTokens}, or a quarter of the context if that
     * is less, exceed the context. Since the rest is then processed again from the system message on, enough turns are
     * dropped for another quarter of the context to be free, if there are so many. The answer is bit-identical to that
     * of a new conversation that begins with the remaining messages. {@link GenerationStats#droppedMessages} and
     * {@link ReplyListener#onDropped} tell what was dropped.
     */
    DROP_OLDEST
}
