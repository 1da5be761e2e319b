package kawi.architecture.kimilinear;

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
 * Kimi Delta Attention (Kimi Linear, section 3): the gated delta rule with a decay for each channel of a key.
 *
 * <pre>
 *    q, k, v = silu(causal convolutions of h qProj^T, h kProj^T, h vProj^T)        q and k normalised per head
 *    beta = sigmoid(h bProj^T)
 *    decay = exp(rate * softplus(h fAProj^T fBProj^T + dtBias))                    per head and key channel
 *    S = diag(decay) S;  S = S + k (beta (v - S^T k))^T;  o = S^T q                per head and row
 *    out = (norm(o, oNorm) * sigmoid(h gAProj^T gBProj^T)) oProj^T
 * </pre>
 *
 * @param qProj [heads * headDim, hidden]; {@code kProj} and {@code vProj} likewise
 * @param bProj [heads, hidden]
 * @param fAProj [headDim, hidden]; {@code gAProj} likewise
 * @param fBProj [heads * headDim, headDim]; {@code gBProj} likewise
 * @param oProj [hidden, heads * headDim]
 * @param conv1d of queries, keys and values, [kernel][channels]
 * @param rate {@code -exp(A_log)}, [heads]
 * @param dtBias [heads * headDim]
 * @param oNorm [headDim], plain
 */
record KimiDeltaAttention(
        Compute compute,
        Space workspace,
        float eps,
        PackedMatrix qProj,
        PackedMatrix kProj,
        PackedMatrix vProj,
        PackedMatrix bProj,
        PackedMatrix fAProj,
        PackedMatrix fBProj,
        PackedMatrix gAProj,
        PackedMatrix gBProj,
        PackedMatrix oProj,
        MemorySegment conv1d,
        MemorySegment rate,
        MemorySegment dtBias,
        MemorySegment oNorm)
        implements Mixer {

    /** Role buffers, and the delta rule over them. */
    record Buffers(
            Activations q,
            Activations k,
            Activations v,
            Activations u,
            Activations beta,
            Activations forget,
            Activations decay,
            Activations gate,
            Activations z,
            Activations o,
            DeltaWork work) {}

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
            int width = shape.outWidth();
            return 3 * Activations.outputBytes(rows, width)
                    + 2 * Activations.outputBytes(rows, shape.channels())
                    + Activations.outputBytes(rows, shape.valueHeads())
                    + 2 * Activations.allocatedBytes(rows, shape.valueDim())
                    + 2 * Activations.outputBytes(rows, width)
                    + Activations.allocatedBytes(rows, width);
        }

        @Override
        protected Buffers allocate(int rows, SegmentAllocator shared, Arena arena) {
            int width = shape.outWidth();
            Activations u = Activations.outputs(shared, rows, shape.channels());
            Activations y = Activations.outputs(shared, rows, shape.channels());
            Activations beta = Activations.outputs(shared, rows, shape.valueHeads());
            Activations decay = Activations.outputs(shared, rows, width);
            Activations o = Activations.allocate(shared, rows, width);
            return new Buffers(
                    Activations.outputs(shared, rows, width),
                    Activations.outputs(shared, rows, width),
                    Activations.outputs(shared, rows, width),
                    u,
                    beta,
                    Activations.allocate(shared, rows, shape.valueDim()),
                    decay,
                    Activations.allocate(shared, rows, shape.valueDim()),
                    Activations.outputs(shared, rows, width),
                    o,
                    compute.delta(shape, u, y, decay, beta, o));
        }
    }

    @Override
    public void apply(Activations h, Batch batch, int layer, Activations out) {
        Buffers b = workspace.buffers();
        int rows = batch.rows();
        compute.products(h, rows)
                .with(qProj, b.q)
                .with(kProj, b.k)
                .with(vProj, b.v)
                .with(bProj, b.beta)
                .run();
        compute.products(h, rows).with(fAProj, b.forget).with(gAProj, b.gate).run();
        compute.products(b.forget, rows).with(fBProj, b.decay).run();
        compute.products(b.gate, rows).with(gBProj, b.z).run();
        joinChannels(b, rows);
        b.work.begin(conv1d, rate, dtBias);
        for (int span = 0; span < batch.spans(); span++) {
            DeltaState state = ((LayerState.Delta) batch.state(span, layer)).state();
            b.work.add(state, batch.firstRow(span), batch.rows(span), batch.revocable(span));
        }
        b.work.run();
        compute.gatedNorm(workspace.shape, b.o, b.z, oNorm, eps, Gate.SIGMOID, rows);
        compute.products(b.o, rows).with(oProj, out).run();
    }

    /** Concatenates queries, keys and values as channels of one convolution. */
    private static void joinChannels(Buffers b, int rows) {
        long part = (long) b.q.width() * Float.BYTES;
        MemorySegment u = b.u.floats();
        for (int row = 0; row < rows; row++) {
            long to = 3L * row * part;
            MemorySegment.copy(b.q.floats(), row * part, u, to, part);
            MemorySegment.copy(b.k.floats(), row * part, u, to + part, part);
            MemorySegment.copy(b.v.floats(), row * part, u, to + 2 * part, part);
        }
    }

    @Override
    public LayerState newState(Arena arena, PagePool pages) {
        return new LayerState.Delta(DeltaState.allocate(workspace.shape, arena, pages));
    }
}
