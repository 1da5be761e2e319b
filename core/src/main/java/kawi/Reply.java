package kawi;

import java.util.List;
import java.util.Objects;

/**
 * A complete answer.
 *
 * @param text the text, without thoughts, tool calls, end tokens and stop strings
 * @param thinking the thought before it, or empty
 * @param toolCalls calls that the caller executes; not empty exactly if the finish reason is
 *     {@link FinishReason#TOOL_CALLS}
 * @param tools the calls that a {@link Chat} executed, with their results, in order
 * @param tokens the ids of the generated tokens, including those of a stop string and excluding an end token
 * @param logprobs the log-probabilities of these tokens if {@link AnswerOptions#logprobs} was set, otherwise empty
 * @param finishReason why the answer ended
 * @param stats token counts and times
 * @param seed the random seed: with the same seed, model file and options the answer is the same
 */
public record Reply(
        String text,
        String thinking,
        List<ToolCall> toolCalls,
        List<ToolResult> tools,
        List<Integer> tokens,
        List<TokenLogprob> logprobs,
        FinishReason finishReason,
        GenerationStats stats,
        long seed) {

    public Reply {
        Objects.requireNonNull(text, "text");
        Objects.requireNonNull(thinking, "thinking");
        toolCalls = List.copyOf(toolCalls);
        tools = List.copyOf(tools);
        tokens = List.copyOf(tokens);
        logprobs = List.copyOf(logprobs);
        Objects.requireNonNull(finishReason, "finishReason");
        Objects.requireNonNull(stats, "stats");
    }

    /** Returns the token counts of the answer. */
    public TokenUsage usage() {
        return new TokenUsage(
                stats.prefilledTokens() + stats.reusedTokens(),
                stats.generatedTokens(),
                stats.thinkingTokens(),
                stats.reusedTokens());
    }

    /** Returns the answer as an assistant's message, to continue the conversation with. */
    public Message message() {
        return new Message(Message.Role.ASSISTANT, text, thinking, toolCalls);
    }
}
