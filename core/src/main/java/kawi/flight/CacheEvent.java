package kawi.flight;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** A cache of model states was searched, or has evicted a state. */
@Name("kawi.Cache")
@Label("Cache")
@Category("Kawi")
@Description("A cache of model states was searched for a prefix of a token sequence, or has"
        + " evicted a state to stay within its limit")
@StackTrace(false)
public final class CacheEvent extends Event {

    /** The kind of event. */
    public enum Outcome {
        HIT,
        MISS,
        EVICTION
    }

    @Label("Store")
    @Description("The cache: prefixCache or chat")
    String store = "";

    @Label("Outcome")
    @Description("HIT, MISS or EVICTION")
    String outcome = "";

    @Label("Tokens")
    @Description("Length of the prefix that was found or evicted; 0 for a miss")
    int tokens;

    @Label("Entries")
    @Description("Number of states in the cache after the event")
    int entries;

    @Label("Bytes")
    @Description("Memory used by the cache after the event")
    @DataAmount
    long bytes;

    @Label("Budget")
    @Description("Maximum memory of the cache")
    @DataAmount
    long budget;

    public void commit(String store, Outcome outcome, int tokens, int entries, long bytes, long budget) {
        this.store = store;
        this.outcome = outcome.name();
        this.tokens = tokens;
        this.entries = entries;
        this.bytes = bytes;
        this.budget = budget;
        commit();
    }
}
