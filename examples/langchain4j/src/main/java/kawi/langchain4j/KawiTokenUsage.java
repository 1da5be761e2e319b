package kawi.langchain4j;

import dev.langchain4j.model.output.TokenUsage;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Token counts of an answer, including those that only Kawi reports. */
public final class KawiTokenUsage extends TokenUsage {

    private final int thinkingTokenCount;
    private final int reusedTokenCount;

    /**
     * Creates token counts.
     *
     * @param inputTokenCount tokens of the prompt
     * @param outputTokenCount tokens generated, including those of thoughts
     * @param thinkingTokenCount of the generated tokens, those of thoughts
     * @param reusedTokenCount of the tokens of the prompt, those that were not processed again
     */
    public KawiTokenUsage(int inputTokenCount, int outputTokenCount, int thinkingTokenCount, int reusedTokenCount) {
        super(inputTokenCount, outputTokenCount);
        this.thinkingTokenCount = thinkingTokenCount;
        this.reusedTokenCount = reusedTokenCount;
    }

    static KawiTokenUsage of(kawi.TokenUsage usage) {
        return new KawiTokenUsage(
                usage.promptTokens(), usage.completionTokens(), usage.thinkingTokens(), usage.reusedTokens());
    }

    /** Of the generated tokens, the number of those of thoughts. */
    public int thinkingTokenCount() {
        return thinkingTokenCount;
    }

    /** Of the tokens of the prompt, the number of those whose state was cached and that were not processed again. */
    public int reusedTokenCount() {
        return reusedTokenCount;
    }

    /** Returns the sums; counts that the other does not have count as 0. */
    @Override
    public KawiTokenUsage add(@Nullable TokenUsage that) {
        if (that == null) {
            return this;
        }
        boolean detailed = that instanceof KawiTokenUsage;
        return new KawiTokenUsage(
                inputTokenCount() + count(that.inputTokenCount()),
                outputTokenCount() + count(that.outputTokenCount()),
                thinkingTokenCount + (detailed ? ((KawiTokenUsage) that).thinkingTokenCount : 0),
                reusedTokenCount + (detailed ? ((KawiTokenUsage) that).reusedTokenCount : 0));
    }

    private static int count(@Nullable Integer tokens) {
        return tokens == null ? 0 : tokens;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return super.equals(other)
                && other instanceof KawiTokenUsage that
                && thinkingTokenCount == that.thinkingTokenCount
                && reusedTokenCount == that.reusedTokenCount;
    }

    @Override
    public int hashCode() {
        return Objects.hash(super.hashCode(), thinkingTokenCount, reusedTokenCount);
    }

    @Override
    public String toString() {
        return "KawiTokenUsage{inputTokenCount=%d, outputTokenCount=%d, totalTokenCount=%d, thinkingTokenCount=%d, reusedTokenCount=%d}"
                .formatted(
                        inputTokenCount(), outputTokenCount(), totalTokenCount(), thinkingTokenCount, reusedTokenCount);
    }
}
