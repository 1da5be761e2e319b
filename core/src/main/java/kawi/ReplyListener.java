package kawi;

import java.util.List;

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
     * The log-probabilities of the tokens of the prompt from the second on, before everything else of the answer, if
     * {@link Prompt#scorePrompt} is set. Of several answers to one prompt, only the first has them, before any of the
     * others begins.
     */
    default void onPrompt(List<TokenLogprob> tokens) {}

    /**
     * A piece of the text: whole characters, never tool calls or thoughts. The pieces of all rounds, joined, are
     * {@link Reply#text}.
     */
    void onText(String piece);

    /**
     * A piece of the text with the log-probabilities of its tokens; calls {@link #onText(String)} unless overridden.
     * Called instead of that method if {@link AnswerOptions#logprobs} is set. A token is passed with the first piece
     * that has a character of it; tokens of thoughts, tool calls and markup are not passed.
     *
     * @param tokens the tokens that begin in this piece; may be empty
     */
    default void onText(String piece, List<TokenLogprob> tokens) {
        onText(piece);
    }

    /** A piece of the thought. The pieces, joined, are {@link Reply#thinking}. */
    default void onThinking(String piece) {}

    /**
     * The model has called a tool. A {@link Chat} executes it next, unless this method cancels the answer;
     * {@link #onToolResult} follows in either case.
     */
    default void onToolCall(ToolCall call) {}

    /** A tool has returned or failed, or was not executed because the answer was cancelled. The failure tells which. */
    default void onToolResult(ToolResult result) {}

    /**
     * The oldest messages were dropped because the context is full, see {@link ContextPolicy#DROP_OLDEST}. Called
     * before the rest is processed.
     *
     * @param messages the number of messages
     * @param tokens the number of tokens by which the prompt became shorter
     */
    default void onDropped(int messages, int tokens) {}

    /** The progress of processing a long prompt. */
    default void onProgress(Progress.Step step) {}
}
