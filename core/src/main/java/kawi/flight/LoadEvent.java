package kawi.flight;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** A model was loaded. */
@Name("kawi.Load")
@Label("Load")
@Category("Kawi")
@Description("A model was loaded, and downloaded from a hub if necessary")
@StackTrace(false)
public final class LoadEvent extends Event {

    @Label("Model")
    String model = "";

    @Label("Weights")
    @DataAmount
    long weights;

    @Label("Parameters")
    long parameters;

    @Label("Kernels")
    @Description("Kernel tier: scalar, vector or assembled")
    String kernels = "";

    @Label("Keys and Values")
    @Description("Format of cached keys and values: f16, f32, q8, q4, or that of keys and that of values, as in q8:q4")
    String keysAndValues = "";

    @Label("Threads")
    int threads;

    public void commit(String model, long weights, long parameters, String kernels, String keysAndValues, int threads) {
        this.model = model;
        this.weights = weights;
        this.parameters = parameters;
        this.kernels = kernels;
        this.keysAndValues = keysAndValues;
        this.threads = threads;
        commit();
    }
}
