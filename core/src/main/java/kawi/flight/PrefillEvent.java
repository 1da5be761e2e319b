package kawi.flight;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** A prompt was processed. */
@Name("kawi.Prefill")
@Label("Prefill")
@Category("Kawi")
@Description("A prompt was processed; tokens with a cached state are reused")
@StackTrace(false)
public final class PrefillEvent extends Event {

    @Label("Model")
    String model = "";

    @Label("Prompt Tokens")
    int promptTokens;

    @Label("Prefilled Tokens")
    @Description("Number of tokens that the model processed")
    int prefilledTokens;

    @Label("Reused Tokens")
    @Description("Number of tokens whose state was cached")
    int reusedTokens;

    @Label("Read Ahead")
    @Description("Whether the prompt was processed in the background, before the next message")
    boolean readAhead;

    public void commit(String model, int prefilledTokens, int reusedTokens, boolean readAhead) {
        this.model = model;
        this.promptTokens = prefilledTokens + reusedTokens;
        this.prefilledTokens = prefilledTokens;
        this.reusedTokens = reusedTokens;
        this.readAhead = readAhead;
        commit();
    }
}
