package kawi.flight;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** A store of states has been asked for one, or has given one up. */
@Name("kawi.Cache")
@Label("Cache")
@Category("Kawi")
@Description(
        "A store of states has been asked for the beginning of a text, or has given one up to stay within its budget")
@StackTrace(false)
public final class CacheEvent extends Event {

    /** What has happened. */
    public enum Outcome {
        HIT,
        MISS,
        EVICTION
    }

    @Label("Store")
    @Description("Which: prefixCache or chat")
    String store = "";

    @Label("Outcome")
    @Description("HIT, MISS or EVICTION")
    String outcome = "";

    @Label("Tokens")
    @Description("Length of the beginning that was found or given up; 0 for a miss")
    int tokens;

    @Label("Entries")
    @Description("States in the store afterwards")
    int entries;

    @Label("Bytes")
    @Description("Memory they take")
    @DataAmount
    long bytes;

    @Label("Budget")
    @Description("Memory they may take")
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
