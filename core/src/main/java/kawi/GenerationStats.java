package kawi;

import java.time.Duration;

/**
 * Statistics of an answer. If tools were called, the values are totals of all rounds, unless stated otherwise.
 *
 * @param promptTokens the number of tokens of the rendered prompt of the last round
 * @param droppedMessages the number of messages that were dropped because the context was full, see
 *     {@link ContextPolicy#DROP_OLDEST}
 * @param droppedTokens the number of tokens by which the prompt became shorter thereby
 * @param prefilledTokens the number of prompt tokens that the model processed
 * @param reusedTokens the number of prompt tokens whose state was cached
 * @param generatedTokens the number of generated tokens, including thoughts and tool calls
 * @param thinkingTokens the number of generated tokens that belong to thoughts
 * @param guessedTokens the number of guesses that were verified, see {@link Speculation}
 * @param acceptedTokens how many of them were accepted, each of which saved a pass
 * @param steps the number of passes through the model after those of the prompt; without guesses one per generated
 *     token, except for the first token of each round
 * @param prefill the time spent on processing prompts
 * @param firstToken the time from the start of the call until the first token was generated
 * @param decode the time spent on generation, from the first token of each round to its last
 * @param images the images and films of the prompt
 */
public record GenerationStats(
        int promptTokens,
        int droppedMessages,
        int droppedTokens,
        int prefilledTokens,
        int reusedTokens,
        int generatedTokens,
        int thinkingTokens,
        int guessedTokens,
        int acceptedTokens,
        int steps,
        Duration prefill,
        Duration firstToken,
        Duration decode,
        ImageStats images) {

    /** Returns the number of tokens generated per second; 0 for fewer than two tokens. */
    public double tokensPerSecond() {
        double seconds = decode.toNanos() * 1e-9;
        return generatedTokens < 2 || seconds == 0 ? 0 : (generatedTokens - 1) / seconds;
    }
}
