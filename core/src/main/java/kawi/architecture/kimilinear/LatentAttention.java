package kawi.architecture.kimilinear;

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
import org.jspecify.annotations.Nullable;

/**
 * Multi-head latent attention without positions (DeepSeek-V2, section 2.1; Kimi Linear, section 3). Keys and values of
 * all heads are computed from one latent vector of low rank; a part of each key is shared by all heads.
 *
 * <pre>
 *    q = h qProj^T                                per head: own part, shared part
 *    c = norm(h latentProj^T)
 *    k = c keyProj^T | h sharedKeyProj^T          per head: own part | shared part
 *    v = c valueProj^T
 *    out = softmax(q k^T / sqrt(own + shared), causal) v oProj^T
 * </pre>
 *
 * The expanded keys and values are cached. This takes more memory than caching the latents, but no arithmetic: latents,
 * or else queries and outputs, would have to be multiplied by {@code keyProj} and {@code valueProj} again in every
 * step.
 *
 * @param qProj [heads * (own + shared), hidden]
 * @param latentProj [rank, hidden], the first rows of {@code kv_a_proj_with_mqa}
 * @param sharedKeyProj [shared, hidden], its other rows; null if there are none
 * @param latentNorm [rank]
 * @param keyProj [heads * own, rank], the rows of {@code kv_b_proj} that compute keys; {@code valueProj} [heads *
 *     valueDim, rank] the others
 * @param oProj [hidden, heads * valueDim]
 */
record LatentAttention(
        Compute compute,
        Space workspace,
        PackedMatrix qProj,
        PackedMatrix latentProj,
        @Nullable PackedMatrix sharedKeyProj,
        MemorySegment latentNorm,
        PackedMatrix keyProj,
        PackedMatrix valueProj,
        PackedMatrix oProj)
        implements Mixer {

    /**
     * The epsilon of the latent's norm: the reference implementation uses the default, regardless of the configuration.
     */
    private static final float EPS = 1e-6f;

    /** Role buffers, and attention over them. */
    record Buffers(
            Activations queries,
            Activations latent,
            Activations normed,
            Activations ownKeys,
            Activations sharedKeys,
            Activations keys,
            Activations values,
            Activations attended,
            AttentionWork work) {}

    /** The workspace of layers of one shape. */
    static final class Space extends Workspace<Buffers> {

        private final Compute compute;
        private final AttentionShape shape;
        private final KvLayout layout;
        private final int rank;
        private final int own;
        private final int shared;

        Space(Compute compute, KimiLinearConfig config, KvFormats kvFormat) {
            this.compute = compute;
            this.shape = config.attentionShape();
            this.layout = KvLayout.of(shape, kvFormat);
            this.rank = config.kvLoraRank();
            this.own = config.qkNopeHeadDim();
            this.shared = config.qkRopeHeadDim();
        }

        @Override
        protected long bytes(int rows) {
            return Activations.outputBytes(rows, shape.queryWidth())
                    + Activations.outputBytes(rows, rank)
                    + Activations.allocatedBytes(rows, rank)
                    + Activations.outputBytes(rows, shape.heads() * own)
                    + Activations.outputBytes(rows, shared)
                    + Activations.outputBytes(rows, shape.keyWidth())
                    + Activations.outputBytes(rows, shape.valueWidth())
                    + Activations.allocatedBytes(rows, shape.outWidth());
        }

        @Override
        protected Buffers allocate(int rows, SegmentAllocator memory, Arena arena) {
            Activations queries = Activations.outputs(memory, rows, shape.queryWidth());
            Activations keys = Activations.outputs(memory, rows, shape.keyWidth());
            Activations values = Activations.outputs(memory, rows, shape.valueWidth());
            Activations attended = Activations.allocate(memory, rows, shape.outWidth());
            Rotation none = new Rotation(0, 1, 0, arena);
            return new Buffers(
                    queries,
                    Activations.outputs(memory, rows, rank),
                    Activations.allocate(memory, rows, rank),
                    Activations.outputs(memory, rows, shape.heads() * own),
                    Activations.outputs(memory, rows, shared),
                    keys,
                    values,
                    attended,
                    compute.attention(shape, queries, keys, values, none, attended, arena));
        }
    }

    @Override
    public void apply(Activations h, Batch batch, int layer, Activations out) {
        Buffers b = workspace.buffers();
        int rows = batch.rows();
        var products = compute.products(h, rows).with(qProj, b.queries).with(latentProj, b.latent);
        if (sharedKeyProj != null) {
            products.with(sharedKeyProj, b.sharedKeys);
        }
        products.run();
        compute.rmsNorm(b.latent, latentNorm, EPS, b.normed, rows);
        compute.products(b.normed, rows)
                .with(keyProj, b.ownKeys)
                .with(valueProj, b.values)
                .run();
        joinKeys(b, rows);
        b.work.begin(MemorySegment.NULL, MemorySegment.NULL, 0);
        for (int span = 0; span < batch.spans(); span++) {
            KvPages kv = ((LayerState.Attention) batch.state(span, layer)).kv();
            kv.reserve(batch.slot(span) + batch.rows(span));
            b.work.add(kv, batch.slot(span), batch.firstRow(span), batch.rows(span));
        }
        b.work.run();
        compute.products(b.attended, rows).with(oProj, out).run();
    }

    /** Concatenates each head's own part of the key and the shared part. */
    private void joinKeys(Buffers b, int rows) {
        long own = workspace.own * (long) Float.BYTES;
        long shared = workspace.shared * (long) Float.BYTES;
        long to = 0;
        for (int row = 0; row < rows; row++) {
            for (int head = 0; head < workspace.shape.heads(); head++) {
                long from = ((long) row * workspace.shape.heads() + head) * own;
                MemorySegment.copy(b.ownKeys.floats(), from, b.keys.floats(), to, own);
                MemorySegment.copy(b.sharedKeys.floats(), row * shared, b.keys.floats(), to + own, shared);
                to += own + shared;
            }
        }
    }

    @Override
    public LayerState newState(Arena arena, PagePool pages) {
        return new LayerState.Attention(new KvPages(workspace.layout, pages));
    }
}
