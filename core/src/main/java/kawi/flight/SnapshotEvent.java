package kawi.flight;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** A model state was stored in a cache. */
@Name("kawi.Snapshot")
@Label("Snapshot")
@Category("Kawi")
@Description("The state of a model after a prefix of a token sequence was stored in a cache")
@StackTrace(false)
public final class SnapshotEvent extends Event {

    @Label("Store")
    @Description("The cache: prefixCache or chat")
    String store = "";

    @Label("Tokens")
    int tokens;

    @Label("Bytes")
    @Description("Memory of the state, without memory shared with other states")
    @DataAmount
    long bytes;

    public void commit(String store, int tokens, long bytes) {
        this.store = store;
        this.tokens = tokens;
        this.bytes = bytes;
        commit();
    }
}
