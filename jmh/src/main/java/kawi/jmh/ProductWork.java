package kawi.jmh;

import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** The auxiliary counters of products. */
@State(Scope.Thread)
@AuxCounters(AuxCounters.Type.OPERATIONS)
public class ProductWork {

    /** The number of multiply-adds: weights, or elements of keys and values, times tokens. */
    public long multiplyAdds;

    /** Bytes of weights, or of keys and values, read in one pass. */
    public long weightBytes;
}
