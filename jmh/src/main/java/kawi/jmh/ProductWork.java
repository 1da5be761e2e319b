package kawi.jmh;

import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** What a product gets done in a second, beside its calls. */
@State(Scope.Thread)
@AuxCounters(AuxCounters.Type.OPERATIONS)
public class ProductWork {

    /** Weights, or keys and values, times tokens. */
    public long multiplyAdds;

    /** Bytes of weights, or of keys and values, that one pass over them reads. */
    public long weightBytes;
}
