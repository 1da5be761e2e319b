package kawi.architecture.vision;

import java.lang.foreign.Arena;
import kawi.compute.AttentionWork;
import kawi.compute.Compute;
import kawi.kernels.Activations;
import kawi.kernels.AttentionShape;
import kawi.kernels.KvFormat;
import kawi.kernels.KvLayout;
import kawi.kernels.KvPages;
import kawi.kernels.PagePool;
import kawi.kernels.Rotation;

/**
 * The working memory of encoding one grid of patches. Keys become attended rows: attention copies the keys to pages
 * before it writes its output.
 */
final class VisionBuffers {

    private static final double THETA = 10_000;

    private final int chunk;

    // All patches.
    private final Activations x;
    private final Activations q;
    private final Activations k;
    private final Activations v;
    private final KvPages keysAndValues;
    private final Rotation rotation;
    private final AttentionWork attention;

    // A chunk.
    private final Activations patches;
    private final Activations h;
    private final Activations inner;
    private final Activations projected;
    private final Activations mergedInner;
    private final Activations out;

    /**
     * @param arena owns all memory but that of the keys and values
     * @param pool owns the keys and values
     */
    VisionBuffers(Compute compute, VisionConfig config, int rows, int chunk, Arena arena, PagePool pool) {
        this.chunk = chunk;
        int hidden = config.hiddenSize();
        int merged = chunk / config.merged();
        x = Activations.outputs(arena, rows, hidden);
        q = Activations.outputs(arena, rows, hidden);
        k = Activations.outputs(arena, rows, hidden);
        v = Activations.outputs(arena, rows, hidden);
        AttentionShape shape = shape(config);
        keysAndValues = new KvPages(KvLayout.of(shape, KvFormat.F32), pool);
        keysAndValues.reserve(rows);
        rotation = Rotation.inPlane(config.headDim(), THETA, rows, arena);
        attention = compute.attention(shape, q, k, v, rotation, k, arena);
        patches = Activations.allocate(arena, chunk, config.patchWidth());
        h = Activations.allocate(arena, chunk, hidden);
        inner = Activations.allocate(arena, chunk, config.intermediateSize());
        projected = Activations.outputs(arena, chunk, hidden);
        mergedInner = Activations.allocate(arena, merged, config.mergedWidth());
        out = Activations.outputs(arena, merged, config.outHiddenSize());
    }

    private static AttentionShape shape(VisionConfig config) {
        int heads = config.numHeads();
        int dim = config.headDim();
        return new AttentionShape(heads, heads, dim, dim, dim, false, false, false);
    }

    /** The number of bytes for {@code rows} patches, without the few that attention needs for each thread. */
    static long bytes(VisionConfig config, int rows, int chunk) {
        int hidden = config.hiddenSize();
        int merged = chunk / config.merged();
        long pages = Math.ceilDiv(rows, KvPages.POSITIONS);
        return 4 * Activations.outputBytes(rows, hidden)
                + pages * KvLayout.of(shape(config), KvFormat.F32).pageBytes()
                + (long) rows * config.headDim() * Float.BYTES
                + Activations.allocatedBytes(chunk, config.patchWidth())
                + Activations.allocatedBytes(chunk, hidden)
                + Activations.allocatedBytes(chunk, config.intermediateSize())
                + Activations.outputBytes(chunk, hidden)
                + Activations.allocatedBytes(merged, config.mergedWidth())
                + Activations.outputBytes(merged, config.outHiddenSize());
    }

    /** Patches per chunk. */
    int chunk() {
        return chunk;
    }

    /** The residual stream, [patches, hidden]. */
    Activations x() {
        return x;
    }

    /** Queries, [patches, hidden]. */
    Activations q() {
        return q;
    }

    /** Keys, [patches, hidden]; after attention {@link #attended}. */
    Activations k() {
        return k;
    }

    /** Values, [patches, hidden]. */
    Activations v() {
        return v;
    }

    /** The output of attention, [patches, hidden]. */
    Activations attended() {
        return k;
    }

    KvPages keysAndValues() {
        return keysAndValues;
    }

    Rotation rotation() {
        return rotation;
    }

    AttentionWork attention() {
        return attention;
    }

    /** Pixels, [chunk, patch width]. */
    Activations patches() {
        return patches;
    }

    /** The output of a norm, [chunk, hidden]. */
    Activations h() {
        return h;
    }

    /** The same as rows of the merger, [chunk / merged, merged * hidden]. */
    Activations merged() {
        return new Activations(h.floats(), h.int8(), mergedInner.capacity(), mergedInner.width());
    }

    /** Inside a feed-forward network, [chunk, intermediate]. */
    Activations inner() {
        return inner;
    }

    /** The output of a linear layer before it is added to the residual stream, [chunk, hidden]. */
    Activations projected() {
        return projected;
    }

    /** Inside the merger, [chunk / merged, merged * hidden]. */
    Activations mergedInner() {
        return mergedInner;
    }

    /** The output of the merger, [chunk / merged, out hidden]. */
    Activations out() {
        return out;
    }
}
