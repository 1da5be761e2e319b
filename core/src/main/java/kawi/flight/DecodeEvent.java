package kawi.flight;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import kawi.GenerationStats;

/** A round of an answer was generated. */
@Name("kawi.Decode")
@Label("Decode")
@Category("Kawi")
@Description("A round of an answer was generated; an answer with tool calls has several rounds")
@StackTrace(false)
public final class DecodeEvent extends Event {

    @Label("Model")
    String model = "";

    @Label("Generated Tokens")
    @Description("Number of generated tokens, including thoughts and tool calls")
    int generatedTokens;

    @Label("Thinking Tokens")
    @Description("Number of generated tokens that belong to thoughts")
    int thinkingTokens;

    @Label("Guessed Tokens")
    @Description("Number of guesses that were verified")
    int guessedTokens;

    @Label("Accepted Tokens")
    @Description("Number of guesses that were accepted")
    int acceptedTokens;

    @Label("Steps")
    @Description("Number of passes through the model after those of the prompt")
    int steps;

    @Label("Tokens per Second")
    @Description("Decoding rate from the first to the last generated token; 0 for fewer than two tokens")
    double tokensPerSecond;

    @Label("Finish Reason")
    String finishReason = "";

    public void commit(String model, GenerationStats stats, String finishReason) {
        this.model = model;
        generatedTokens = stats.generatedTokens();
        thinkingTokens = stats.thinkingTokens();
        guessedTokens = stats.guessedTokens();
        acceptedTokens = stats.acceptedTokens();
        steps = stats.steps();
        tokensPerSecond = stats.tokensPerSecond();
        this.finishReason = finishReason;
        commit();
    }
}
