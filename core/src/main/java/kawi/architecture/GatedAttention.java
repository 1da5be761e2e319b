package kawi.architecture;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import kawi.compute.AttentionWork;
import kawi.compute.Compute;
import kawi.kernels.Activations;
import kawi.kernels.AttentionShape;
import kawi.kernels.KvFormat;
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
 * @param kvFormat how keys and values are remembered
 * @param pages the memory of keys and values
 * @param qProj [heads * 2 * headDim, hidden]
 * @param kProj [kvHeads * headDim, hidden]
 * @param vProj [kvHeads * headDim, hidden]
 * @param oProj [hidden, heads * headDim]
 * @param qNorm [headDim], including the 1 of zero-centred norms; {@code kNorm} likewise
 */
record GatedAttention(
        Compute compute,
        AttentionShape shape,
        KvFormat kvFormat,
        PagePool pages,
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
            Activations queryGate, Activations keys, Activations values, Activations attended, AttentionWork work) {

        /** The most bytes that they take, beside what attention needs for itself. */
        static long bytes(int capacity, AttentionShape shape) {
            return Activations.outputBytes(capacity, shape.queryWidth())
                    + Activations.outputBytes(capacity, shape.keyWidth())
                    + Activations.outputBytes(capacity, shape.valueWidth())
                    + Activations.allocatedBytes(capacity, shape.outWidth());
        }

        /**
         * Makes the buffers.
         *
         * @param memory where they are
         * @param arena owns what attention needs for itself
         */
        static Buffers allocate(
                Compute compute,
                SegmentAllocator memory,
                int capacity,
                AttentionShape shape,
                Rotation rotation,
                Arena arena) {
            Activations queryGate = Activations.outputs(memory, capacity, shape.queryWidth());
            Activations keys = Activations.outputs(memory, capacity, shape.keyWidth());
            Activations values = Activations.outputs(memory, capacity, shape.valueWidth());
            Activations attended = Activations.allocate(memory, capacity, shape.outWidth());
            AttentionWork work = compute.attention(shape, queryGate, keys, values, rotation, attended, arena);
            return new Buffers(queryGate, keys, values, attended, work);
        }
    }

    @Override
    public void apply(Activations h, Chunk chunk, LayerState state, Workspace workspace, Activations out) {
        KvPages kv = ((LayerState.Attention) state).kv();
        Buffers b = workspace.attention();
        int tokens = chunk.tokens();
        kv.reserve(chunk.position() + tokens);
        compute.products(h, tokens)
                .with(qProj, b.queryGate)
                .with(kProj, b.keys)
                .with(vProj, b.values)
                .run();
        b.work.begin(qNorm, kNorm, eps).add(kv, chunk.position(), 0, tokens).run();
        compute.products(b.attended, tokens).with(oProj, out).run();
    }

    @Override
    public LayerState newState(Arena arena) {
        return new LayerState.Attention(new KvPages(KvLayout.of(shape, kvFormat), pages));
    }
}
