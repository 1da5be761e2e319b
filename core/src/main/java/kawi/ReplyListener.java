package kawi;

/**
 * A listener that is notified while an answer is generated, on the generating thread. A method reference is sufficient
 * for the text:
 *
 * {@snippet :
 *    model.prompt("Write a haiku about rain.").generate(System.out::print);
 * }
 *
 * <p>An exception thrown by a method ends the answer and is propagated to the caller.
 */
@FunctionalInterface
public interface ReplyListener {

    /**
     * A piece of the text: whole characters, never tool calls or thoughts. The pieces of all rounds, joined, are
     * {@link Reply#text}.
     */
    void onText(String piece);

    /** A piece of the thought. The pieces, joined, are {@link Reply#thinking}. */
    default void onThinking(String piece) {}

    /**
     * The model has called a tool. A {@link Chat} executes it next, unless this method cancels the answer;
     * {@link #onToolResult} follows in either case.
     */
    default void onToolCall(ToolCall call) {}

    /** A tool has returned or failed, or was not executed because the answer was cancelled. The failure tells which. */
    default void onToolResult(ToolResult result) {}

    /** The progress of processing a long prompt. */
    default void onProgress(Progress.Step step) {}
}
