package kawi.flight;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** A model has answered, or called tools. */
@Name("kawi.Decode")
@Label("Decode")
@Category("Kawi")
@Description("A round of an answer has been generated; an answer has several if tools are called")
@StackTrace(false)
public final class DecodeEvent extends Event {

    @Label("Model")
    String model = "";

    @Label("Generated Tokens")
    @Description("Tokens of the answer, thought and tool calls included")
    int generatedTokens;

    @Label("Thinking Tokens")
    @Description("Those of them that belong to the thought")
    int thinkingTokens;

    @Label("Tokens per Second")
    @Description("From the first generated token to the last; 0 with fewer than two")
    double tokensPerSecond;

    @Label("Finish Reason")
    String finishReason = "";

    public void commit(
            String model, int generatedTokens, int thinkingTokens, double tokensPerSecond, String finishReason) {
        this.model = model;
        this.generatedTokens = generatedTokens;
        this.thinkingTokens = thinkingTokens;
        this.tokensPerSecond = tokensPerSecond;
        this.finishReason = finishReason;
        commit();
    }
}
