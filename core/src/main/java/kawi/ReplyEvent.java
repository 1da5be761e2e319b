package kawi;

/** What happens while an answer is generated, see {@link Prompt#publisher}. The last event is {@link Completed}. */
public sealed interface ReplyEvent {

    /**
     * More of the answer.
     *
     * @param piece whole characters; never part of a thought or a tool call
     */
    record Text(String piece) implements ReplyEvent {}

    /**
     * More of the thought.
     *
     * @param piece whole characters
     */
    record Thinking(String piece) implements ReplyEvent {}

    /**
     * The model has called a tool.
     *
     * @param call the call
     */
    record Called(ToolCall call) implements ReplyEvent {}

    /**
     * A tool that a {@link Chat} runs has returned, or failed.
     *
     * @param result what it gave
     */
    record Returned(ToolResult result) implements ReplyEvent {}

    /**
     * The answer is complete.
     *
     * @param reply the whole answer
     */
    record Completed(Reply reply) implements ReplyEvent {}
}
