package kawi;

/**
 * Hears an answer as it comes, on the thread that generates it. A method reference is enough for the text:
 *
 * {@snippet :
 *    model.prompt("Write a haiku about rain.").generate(System.out::print);
 * }
 *
 * <p>What a method throws ends the answer and reaches the caller.
 */
@FunctionalInterface
public interface ReplyListener {

    /** A piece of the answer: whole characters, never tool calls or thoughts. Joined, the pieces of all rounds are {@link Reply#text}. */
    void onText(String piece);

    /** A piece of the thought. Joined, they are {@link Reply#thinking}. */
    default void onThinking(String piece) {}

    /**
     * The model has called a tool. A {@link Chat} is about to run it, unless this method cancels the answer; {@link #onToolResult} follows in
     * any case.
     */
    default void onToolCall(ToolCall call) {}

    /** A tool has answered, or failed, or did not run because the answer was cancelled: the failure says which. */
    default void onToolResult(ToolResult result) {}

    /** How far a long prompt has been read. */
    default void onProgress(Progress.Step step) {}
}
