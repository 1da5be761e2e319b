package kawi;

import java.time.Duration;

/**
 * What an answer cost. Where an answer took several rounds because tools were called, everything is counted over all of them.
 *
 * @param promptTokens tokens of the rendered prompt, the last one if there were several
 * @param prefilledTokens tokens of prompts that the model had to read
 * @param reusedTokens tokens of prompts whose state was still known
 * @param generatedTokens tokens of the answer, thought and tool calls included
 * @param thinkingTokens those of them that belong to the thought
 * @param prefill time spent reading
 * @param firstToken from the start of the call until the first token was known
 * @param decode time spent generating, from the first token of each round to its last
 */
public record GenerationStats(
        int promptTokens,
        int prefilledTokens,
        int reusedTokens,
        int generatedTokens,
        int thinkingTokens,
        Duration prefill,
        Duration firstToken,
        Duration decode) {

    /** Generated tokens per second, from the first to the last; 0 with fewer than two tokens. */
    public double tokensPerSecond() {
        double seconds = decode.toNanos() * 1e-9;
        return generatedTokens < 2 || seconds == 0 ? 0 : (generatedTokens - 1) / seconds;
    }
}
