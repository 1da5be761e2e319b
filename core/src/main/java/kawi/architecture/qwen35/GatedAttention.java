package kawi.architecture.qwen35;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import kawi.architecture.Batch;
import kawi.architecture.LayerState;
import kawi.architecture.Mixer;
import kawi.architecture.Workspace;
import kawi.compute.AttentionWork;
import kawi.compute.Compute;
import kawi.kernels.Activations;
import kawi.kernels.AttentionShape;
import kawi.kernels.KvFormats;
import kawi.kernels.KvLayout;
import kawi.kernels.KvPages;
import kawi.kernels.PackedMatrix;
import kawi.kernels.PagePool;
import kawi.kernels.Rotation;

/**
 * Full attention with an output gate (Qwen3.5 specification, section 2.3).
 *
 * <pre>
 *    q, gate = h qProj^T          per head: headDim values of q, then headDim of the gate
 *    k = h kProj^T,  v = h vProj^T
 *    q = rope(norm(q)),  k = rope(norm(k))
 *    out = (softmax(q k^T / sqrt(headDim), causal) v * sigmoid(gate)) oProj^T
 * </pre>
 *
 * @param qProj [heads * 2 * headDim, hidden]
 * @param kProj [kvHeads * headDim, hidden]
 * @param vProj [kvHeads * headDim, hidden]
 * @param oProj [hidden, heads * headDim]
 * @param qNorm [headDim], including the 1 of zero-centred norms; {@code kNorm} likewise
 */
record GatedAttention(
        Compute compute,
        Space workspace,
        float eps,
        PackedMatrix qProj,
        PackedMatrix kProj,
        PackedMatrix vProj,
        PackedMatrix oProj,
        MemorySegment qNorm,
        MemorySegment kNorm)
        implements Mixer {

    /** Role buffers, and attention over them. */
    record Buffers(
            Activations queryGate,
            Activations keys,
            Activations values,
            Activations attended,
            Rotation rotation,
            AttentionWork work) {}

    /** The workspace of layers of one shape. */
    static final class Space extends Workspace<Buffers> {

        private final Compute compute;
        private final Qwen35Config config;
        private final AttentionShape shape;
        private final KvLayout layout;

        /** @param kvFormat the format of keys and values */
        Space(Compute compute, Qwen35Config config, KvFormats kvFormat) {
            this.compute = compute;
            this.config = config;
            this.shape = config.attentionShape();
            this.layout = KvLayout.of(shape, kvFormat);
        }

        @Override
        protected long bytes(int rows) {
            return Activations.outputBytes(rows, shape.queryWidth())
                    + Activations.outputBytes(rows, shape.keyWidth())
                    + Activations.outputBytes(rows, shape.valueWidth())
                    + Activations.allocatedBytes(rows, shape.outWidth());
        }

        @Override
        protected Buffers allocate(int rows, SegmentAllocator shared, Arena arena) {
            Rotation rotation = new Rotation(
                    config.ropeScaling().frequencies(shape.rotaryDims(), config.ropeTheta()),
                    config.ropeScaling().magnitude(),
                    rows,
                    arena,
                    config.ropeSections().get(1),
                    config.ropeSections().get(2));
            Activations queryGate = Activations.outputs(shared, rows, shape.queryWidth());
            Activations keys = Activations.outputs(shared, rows, shape.keyWidth());
            Activations values = Activations.outputs(shared, rows, shape.valueWidth());
            Activations attended = Activations.allocate(shared, rows, shape.outWidth());
            AttentionWork work = compute.attention(shape, queryGate, keys, values, rotation, attended, arena);
            return new Buffers(queryGate, keys, values, attended, rotation, work);
        }

        @Override
        protected void begin(Batch batch) {
            Rotation rotation = buffers().rotation;
            for (int row = 0; row < batch.rows(); row++) {
                rotation.fill(row, batch.position(row, 0), batch.position(row, 1), batch.position(row, 2));
            }
        }
    }

    @Override
    public void apply(Activations h, Batch batch, int layer, Activations out) {
        Buffers b = workspace.buffers();
        int rows = batch.rows();
        compute.products(h, rows)
                .with(qProj, b.queryGate)
                .with(kProj, b.keys)
                .with(vProj, b.values)
                .run();
        begin(b, batch, layer);
        b.work.run();
        compute.products(b.attended, rows).with(oProj, out).run();
    }

    @Override
    public void store(Activations h, Batch batch, int layer, Activations scratch) {
        Buffers b = workspace.buffers();
        compute.products(h, batch.rows())
                .with(kProj, b.keys)
                .with(vProj, b.values)
                .run();
        begin(b, batch, layer);
        b.work.prepare();
    }

    private void begin(Buffers b, Batch batch, int layer) {
        b.work.begin(qNorm, kNorm, eps);
        for (int span = 0; span < batch.spans(); span++) {
            KvPages kv = ((LayerState.Attention) batch.state(span, layer)).kv();
            kv.reserve(batch.slot(span) + batch.rows(span));
            b.work.add(kv, batch.slot(span), batch.firstRow(span), batch.rows(span));
        }
    }

    @Override
    public LayerState newState(Arena arena, PagePool pages) {
        return new LayerState.Attention(new KvPages(workspace.layout, pages));
    }
}
