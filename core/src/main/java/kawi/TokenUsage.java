package kawi;

/**
 * The tokens of an answer, see {@link Reply#usage}. Where tools were run on the way, everything is counted over all
 * rounds.
 *
 * @param promptTokens tokens of prompts
 * @param completionTokens tokens generated, thoughts and tool calls included
 * @param thinkingTokens those of the completion that belong to thoughts
 * @param reusedTokens those of the prompts that had been read before and were not read again
 */
public record TokenUsage(int promptTokens, int completionTokens, int thinkingTokens, int reusedTokens) {

    /** Tokens of prompts and completion. */
    public int totalTokens() {
        return promptTokens + completionTokens;
    }
}
