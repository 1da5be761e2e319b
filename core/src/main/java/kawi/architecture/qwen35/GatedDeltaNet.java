package kawi.architecture.qwen35;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import kawi.architecture.Batch;
import kawi.architecture.LayerState;
import kawi.architecture.Mixer;
import kawi.architecture.Workspace;
import kawi.compute.Compute;
import kawi.compute.DeltaWork;
import kawi.kernels.Activations;
import kawi.kernels.DeltaShape;
import kawi.kernels.DeltaState;
import kawi.kernels.Gate;
import kawi.kernels.PackedMatrix;
import kawi.kernels.PagePool;

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
        Space workspace,
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
    record Buffers(Activations u, Activations z, Activations b, Activations a, Activations o, DeltaWork work) {}

    /** The workspace of layers of one shape. */
    static final class Space extends Workspace<Buffers> {

        private final Compute compute;
        private final DeltaShape shape;

        Space(Compute compute, DeltaShape shape) {
            this.compute = compute;
            this.shape = shape;
        }

        @Override
        protected long bytes(int rows) {
            return 2 * Activations.outputBytes(rows, shape.channels())
                    + 2 * Activations.outputBytes(rows, shape.valueHeads())
                    + Activations.outputBytes(rows, shape.outWidth())
                    + Activations.allocatedBytes(rows, shape.outWidth());
        }

        @Override
        protected Buffers allocate(int rows, SegmentAllocator shared, Arena arena) {
            Activations u = Activations.outputs(shared, rows, shape.channels());
            Activations y = Activations.outputs(shared, rows, shape.channels());
            Activations z = Activations.outputs(shared, rows, shape.outWidth());
            Activations b = Activations.outputs(shared, rows, shape.valueHeads());
            Activations a = Activations.outputs(shared, rows, shape.valueHeads());
            Activations o = Activations.allocate(shared, rows, shape.outWidth());
            return new Buffers(u, z, b, a, o, compute.delta(shape, u, y, a, b, o));
        }
    }

    @Override
    public void apply(Activations h, Batch batch, int layer, Activations out) {
        Buffers b = workspace.buffers();
        int rows = batch.rows();
        compute.products(h, rows)
                .with(inProjQkv, b.u)
                .with(inProjZ, b.z)
                .with(inProjB, b.b)
                .with(inProjA, b.a)
                .run();
        b.work.begin(conv1d, rate, dtBias);
        for (int span = 0; span < batch.spans(); span++) {
            DeltaState state = ((LayerState.Delta) batch.state(span, layer)).state();
            b.work.add(state, batch.firstRow(span), batch.rows(span), batch.revocable(span));
        }
        b.work.run();
        compute.gatedNorm(workspace.shape, b.o, b.z, norm, eps, Gate.SILU, rows);
        compute.products(b.o, rows).with(outProj, out).run();
    }

    @Override
    public LayerState newState(Arena arena, PagePool pages) {
        return new LayerState.Delta(DeltaState.allocate(workspace.shape, arena, pages));
    }
}
