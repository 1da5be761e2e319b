package kawi.flight;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** A prompt has been read. */
@Name("kawi.Prefill")
@Label("Prefill")
@Category("Kawi")
@Description("A prompt has been read; what was still known of it is not read again")
@StackTrace(false)
public final class PrefillEvent extends Event {

    @Label("Model")
    String model = "";

    @Label("Prompt Tokens")
    int promptTokens;

    @Label("Prefilled Tokens")
    @Description("Tokens that the model had to read")
    int prefilledTokens;

    @Label("Reused Tokens")
    @Description("Tokens whose state was still known")
    int reusedTokens;

    @Label("Read Ahead")
    @Description("Whether this happened in the background, in preparation for the next message")
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
