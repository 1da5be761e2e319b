package kawi.jmh;

import java.lang.foreign.MemorySegment;
import kawi.compute.Compute;
import kawi.compute.DeltaWork;
import kawi.kernels.Activations;
import kawi.kernels.DeltaShape;
import kawi.kernels.DeltaState;
import kawi.kernels.Gate;
import kawi.kernels.PagePool;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;

/** The steps of a linear-attention layer of the 0.8B model without its projections. */
public class DeltaBenchmark extends KernelBenchmark {

    private static final DeltaShape SHAPE = new DeltaShape(16, 16, 128, 128, 4, true, false);
    private static final int VALUES = SHAPE.valueHeads() * SHAPE.valueDim();

    @Param({"1", "64"})
    public int tokens = 1;

    private Compute compute;
    private final PagePool statePages = new PagePool();
    private DeltaState state;
    private Activations u;
    private Activations convolved;
    private Activations y;
    private Activations decay;
    private Activations beta;
    private Activations out;
    private DeltaWork convolution;
    private DeltaWork recurrence;
    private Activations normed;
    private Activations z;
    private MemorySegment taps;
    private MemorySegment rate;
    private MemorySegment dtBias;
    private MemorySegment norm;

    @TearDown
    public void releaseState() {
        statePages.close();
    }

    @Setup
    public void draw() {
        compute = compute();
        state = DeltaState.allocate(SHAPE, arena, statePages);
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
        convolution = compute.delta(SHAPE, u, convolved, decay, beta, out);
        recurrence = compute.delta(SHAPE, u, y, decay, beta, out);
        begin(recurrence).prepare();
        // A constant gate, because with other gates repeated in-place calls would amplify a few channels and suppress
        // the rest.
        normed = normal(tokens, VALUES);
        z = filled(tokens, VALUES, () -> 1);
    }

    private DeltaWork begin(DeltaWork work) {
        return work.begin(taps, rate, dtBias).add(state, 0, tokens, 0);
    }

    /** The causal convolution. */
    @Benchmark
    public Activations convolve() {
        begin(convolution).convolve();
        return convolved;
    }

    /** Norms of queries and keys, decay and beta. */
    @Benchmark
    public Activations prepare() {
        begin(recurrence).prepare();
        return y;
    }

    /** The delta rule itself. */
    @Benchmark
    public Activations recur(ProductWork work) {
        begin(recurrence).recur();
        // Per token and element of the state: decay, two products and one update.
        work.multiplyAdds += 4L * VALUES * SHAPE.keyDim() * tokens;
        work.weightBytes += state.recurrent().byteSize();
        return out;
    }

    @Benchmark
    public Activations gatedNorm() {
        compute.gatedNorm(SHAPE, normed, z, norm, 1e-6f, Gate.SILU, tokens);
        return normed;
    }
}
