package kawi.jmh;

import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** The auxiliary counter of packing. */
@State(Scope.Thread)
@AuxCounters(AuxCounters.Type.OPERATIONS)
public class PackingWork {

    /** Bytes of the tensor in the file that were packed. */
    public long packedBytes;
}
