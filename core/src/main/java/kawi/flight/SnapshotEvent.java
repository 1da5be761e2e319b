package kawi.flight;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** A state has been kept. */
@Name("kawi.Snapshot")
@Label("Snapshot")
@Category("Kawi")
@Description("What a model remembers of the beginning of a text has been kept, to be continued")
@StackTrace(false)
public final class SnapshotEvent extends Event {

    @Label("Store")
    @Description("Where: prefixCache or chat")
    String store = "";

    @Label("Tokens")
    int tokens;

    @Label("Bytes")
    @Description("Memory that it takes beside what it shares with others")
    @DataAmount
    long bytes;

    public void commit(String store, int tokens, long bytes) {
        this.store = store;
        this.tokens = tokens;
        this.bytes = bytes;
        commit();
    }
}
