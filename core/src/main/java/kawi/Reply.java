package kawi;

import java.util.List;
import java.util.Objects;

/**
 * A finished answer.
 *
 * @param text what the model wrote, without its thought, tool calls, end tokens and stop strings
 * @param thinking the thought before it, or empty
 * @param toolCalls calls that the caller is to run; there are any exactly if the finish reason is {@link FinishReason#TOOL_CALLS}
 * @param tools the calls that a {@link Chat} ran on the way and what came of them, in order
 * @param tokens the ids that the model generated; an end token is not among them, tokens of a stop string are
 * @param logprobs of each of these tokens, if {@link AnswerOptions#logprobs} asked for them, else empty
 * @param finishReason why it ended
 * @param stats what it cost
 * @param seed the random seed used: with it, the same model file and the same options, the same text comes again
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

    /** How many tokens it took. */
    public TokenUsage usage() {
        return new TokenUsage(
                stats.prefilledTokens() + stats.reusedTokens(),
                stats.generatedTokens(),
                stats.thinkingTokens(),
                stats.reusedTokens());
    }

    /** The answer as the assistant's message, to go on with. */
    public Message message() {
        return new Message(Message.Role.ASSISTANT, text, thinking, toolCalls);
    }
}
