package kawi.architecture;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import kawi.compute.Compute;
import kawi.compute.DeltaWork;
import kawi.kernels.Activations;
import kawi.kernels.DeltaShape;
import kawi.kernels.DeltaState;
import kawi.kernels.Gate;
import kawi.kernels.PackedMatrix;

/**
 * Gated DeltaNet (Qwen3.5 specification, section 2.5).
 *
 * <pre>
 *    u = h inProjQkv^T,  z = h inProjZ^T,  b = h inProjB^T,  a = h inProjA^T
 *    q, k, v = silu(causal convolution of u)        q and k normalised per head
 *    beta = sigmoid(b),  decay = exp(rate * softplus(a + dtBias))
 *    S = decay S;  S = S + k (beta (v - S^T k))^T;  o = S^T q          per value head and token
 *    out = (norm(o) * silu(z)) outProj^T
 * </pre>
 *
 * @param inProjQkv [channels, hidden]
 * @param inProjZ [valueHeads * valueDim, hidden]
 * @param inProjB [valueHeads, hidden]; {@code inProjA} likewise
 * @param outProj [hidden, valueHeads * valueDim]
 * @param conv1d [kernel][channels]
 * @param rate {@code -exp(A_log)}, [valueHeads]
 * @param dtBias [valueHeads]
 * @param norm [valueDim], plain
 */
record GatedDeltaNet(
        Compute compute,
        DeltaShape shape,
        float eps,
        PackedMatrix inProjQkv,
        PackedMatrix inProjZ,
        PackedMatrix inProjB,
        PackedMatrix inProjA,
        PackedMatrix outProj,
        MemorySegment conv1d,
        MemorySegment rate,
        MemorySegment dtBias,
        MemorySegment norm)
        implements Mixer {

    /** Role buffers. */
    record Buffers(
            Activations u, Activations y, Activations z, Activations b, Activations a, Activations o, DeltaWork work) {

        /** The most bytes that they take. */
        static long bytes(int capacity, DeltaShape shape) {
            int valueWidth = shape.valueHeads() * shape.valueDim();
            return 2 * Activations.outputBytes(capacity, shape.channels())
                    + 2 * Activations.outputBytes(capacity, shape.valueHeads())
                    + Activations.outputBytes(capacity, valueWidth)
                    + Activations.allocatedBytes(capacity, valueWidth);
        }

        /**
         * Makes the buffers.
         *
         * @param memory where they are
         * @param arena owns what the delta rule needs for itself
         */
        static Buffers allocate(Compute compute, SegmentAllocator memory, int capacity, DeltaShape shape, Arena arena) {
            int valueWidth = shape.valueHeads() * shape.valueDim();
            Activations u = Activations.outputs(memory, capacity, shape.channels());
            Activations y = Activations.outputs(memory, capacity, shape.channels());
            Activations b = Activations.outputs(memory, capacity, shape.valueHeads());
            Activations a = Activations.outputs(memory, capacity, shape.valueHeads());
            Activations o = Activations.allocate(memory, capacity, valueWidth);
            return new Buffers(
                    u,
                    y,
                    Activations.outputs(memory, capacity, valueWidth),
                    b,
                    a,
                    o,
                    compute.delta(shape, u, y, a, b, o, arena));
        }
    }

    @Override
    public void apply(Activations h, Chunk chunk, LayerState state, Workspace workspace, Activations out) {
        DeltaState delta = ((LayerState.Delta) state).state();
        Buffers b = workspace.delta();
        int tokens = chunk.tokens();
        compute.products(h, tokens)
                .with(inProjQkv, b.u)
                .with(inProjZ, b.z)
                .with(inProjB, b.b)
                .with(inProjA, b.a)
                .run();
        b.work.begin(conv1d, rate, dtBias).add(delta, 0, tokens, 0).run();
        compute.gatedNorm(shape, b.o, b.z, norm, eps, Gate.SILU, tokens);
        compute.products(b.o, tokens).with(outProj, out).run();
    }

    @Override
    public LayerState newState(Arena arena) {
        return new LayerState.Delta(DeltaState.allocate(shape, arena));
    }
}
