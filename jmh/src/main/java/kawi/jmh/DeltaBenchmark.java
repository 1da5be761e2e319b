package kawi.jmh;

import java.lang.foreign.MemorySegment;
import kawi.compute.Compute;
import kawi.compute.DeltaRecurrence;
import kawi.kernels.Activations;
import kawi.kernels.DeltaShape;
import kawi.kernels.DeltaState;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** The steps of a linear-attention layer of the 0.8B model without its projections. */
public class DeltaBenchmark extends KernelBenchmark {

    private static final DeltaShape SHAPE = new DeltaShape(16, 16, 128, 128, 4, true);
    private static final int VALUES = SHAPE.valueHeads() * SHAPE.valueDim();

    @Param({"1", "64"})
    public int tokens = 1;

    private Compute compute;
    private DeltaState state;
    private Activations u;
    private Activations convolved;
    private Activations y;
    private Activations decay;
    private Activations beta;
    private Activations out;
    private DeltaRecurrence recurrence;
    private Activations normed;
    private Activations z;
    private MemorySegment taps;
    private MemorySegment rate;
    private MemorySegment dtBias;
    private MemorySegment norm;

    @Setup
    public void draw() {
        compute = compute();
        state = DeltaState.allocate(SHAPE, arena);
        taps = uniform(SHAPE.kernel() * SHAPE.channels(), -0.5, 0.5);
        rate = uniform(SHAPE.valueHeads(), -8, -0.05);
        dtBias = uniform(SHAPE.valueHeads(), -5, -1);
        norm = ones(SHAPE.valueDim());
        u = normal(tokens, SHAPE.channels());
        convolved = Activations.allocate(arena, tokens, SHAPE.channels());
        y = normal(tokens, SHAPE.channels());
        decay = normal(tokens, SHAPE.valueHeads());
        beta = normal(tokens, SHAPE.valueHeads());
        out = Activations.allocate(arena, tokens, VALUES);
        recurrence = compute.recurrence(SHAPE, y, decay, beta, out);
        compute.prepareDelta(SHAPE, y, decay, beta, rate, dtBias, tokens);
        // A constant gate, because with other gates repeated in-place calls would amplify a few channels and suppress
        // the rest.
        normed = normal(tokens, VALUES);
        z = filled(tokens, VALUES, () -> 1);
    }

    /** The causal convolution. */
    @Benchmark
    public Activations convolve() {
        compute.convolve(SHAPE, u, taps, state.history(), tokens, convolved);
        return convolved;
    }

    /** Norms of queries and keys, decay and beta. */
    @Benchmark
    public Activations prepare() {
        compute.prepareDelta(SHAPE, y, decay, beta, rate, dtBias, tokens);
        return y;
    }

    /** The delta rule itself. */
    @Benchmark
    public Activations recur(ProductWork work) {
        recurrence.run(state.recurrent(), tokens);
        // Per token and element of the state: decay, two products and one update.
        work.multiplyAdds += 4L * VALUES * SHAPE.keyDim() * tokens;
        work.weightBytes += state.recurrent().byteSize();
        return out;
    }

    @Benchmark
    public Activations gatedNorm() {
        compute.gatedNorm(SHAPE, normed, z, norm, 1e-6f, tokens);
        return normed;
    }
}
