package kawi;

import java.util.List;

/**
 * A finished answer.
 *
 * @param text what the model wrote, without its thought, tool calls, end tokens and stop strings
 * @param thinking the thought before it, or empty
 * @param tools the calls of tools on the way and what came of them, in order
 * @param tokens the ids that the model generated; an end token is not among them, tokens of a stop string are
 * @param finishReason why it ended
 * @param stats what it cost
 * @param seed the random seed used: with it, the same model file and the same options, the same text comes again
 */
public record Reply(
        String text,
        String thinking,
        List<ToolResult> tools,
        List<Integer> tokens,
        FinishReason finishReason,
        GenerationStats stats,
        long seed) {

    public Reply {
        tools = List.copyOf(tools);
        tokens = List.copyOf(tokens);
    }
}
