package kawi.architecture;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import kawi.kernels.Activations;
import kawi.kernels.AttentionKernel;
import kawi.kernels.AttentionShape;
import kawi.kernels.Compute;
import kawi.kernels.KvPages;
import kawi.kernels.PackedMatrix;

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
        AttentionShape shape,
        float eps,
        PackedMatrix qProj,
        PackedMatrix kProj,
        PackedMatrix vProj,
        PackedMatrix oProj,
        MemorySegment qNorm,
        MemorySegment kNorm)
        implements Mixer {

    /** Role buffers. */
    record Buffers(
            Activations queryGate, Activations keys, Activations values, Activations attended, MemorySegment scratch) {

        static Buffers allocate(Arena arena, int capacity, AttentionShape shape) {
            int kvWidth = shape.kvHeads() * shape.headDim();
            long scratch = (long) shape.heads() * AttentionKernel.scratchFloats(shape) * Float.BYTES;
            return new Buffers(
                    Activations.allocate(arena, capacity, shape.heads() * 2 * shape.headDim()),
                    Activations.allocate(arena, capacity, kvWidth),
                    Activations.allocate(arena, capacity, kvWidth),
                    Activations.allocate(arena, capacity, shape.heads() * shape.headDim()),
                    arena.allocate(scratch, 64));
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
        compute.prepareAttention(
                shape,
                b.queryGate,
                b.keys,
                b.values,
                qNorm,
                kNorm,
                eps,
                workspace.rotation(),
                kv,
                chunk.position(),
                tokens);
        compute.attend(shape, b.queryGate, kv, chunk.position(), tokens, b.scratch, b.attended);
        compute.products(b.attended, tokens).with(oProj, out).run();
    }

    @Override
    public LayerState newState(Arena arena) {
        return new LayerState.Attention(new KvPages(shape, arena));
    }
}
