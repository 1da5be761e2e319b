package kawi;

import java.time.Duration;
import java.util.List;

/**
 * A finished answer.
 *
 * @param text what the model wrote, without end tokens and stop strings
 * @param tokens the ids it is made of; an end token is not among them, tokens of a stop string are
 * @param finishReason why it ended
 * @param usage how many tokens went in and came out
 * @param timings how long it took
 * @param seed the random seed used: with it, the same model file and the same options, the same text comes again
 */
public record Generation(
        String text, List<Integer> tokens, FinishReason finishReason, Usage usage, Timings timings, long seed) {

    public Generation {
        tokens = List.copyOf(tokens);
    }

    /**
     * How many tokens went in and came out.
     *
     * @param promptTokens tokens of the rendered prompt
     * @param generatedTokens tokens of the answer
     */
    public record Usage(int promptTokens, int generatedTokens) {}

    /**
     * How long the parts of an answer took.
     *
     * @param prefill reading the prompt
     * @param firstToken from the start of the call until the first token was known
     * @param decode from the first token to the last
     */
    public record Timings(Duration prefill, Duration firstToken, Duration decode) {}

    /** Generated tokens per second, from the first to the last; 0 with fewer than two tokens. */
    public double tokensPerSecond() {
        double seconds = timings.decode.toNanos() * 1e-9;
        return usage.generatedTokens < 2 || seconds == 0 ? 0 : (usage.generatedTokens - 1) / seconds;
    }
}
