package kawi.jmh;

import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** What packing gets done in a second. */
@State(Scope.Thread)
@AuxCounters(AuxCounters.Type.OPERATIONS)
public class PackingWork {

    /** Bytes of the file's tensor that were brought into the tier's layout. */
    public long packedBytes;
}
