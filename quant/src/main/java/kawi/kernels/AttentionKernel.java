package kawi.kernels;

import java.lang.foreign.MemorySegment;

/**
 * Gated attention with normalised queries and keys and partial rotary embedding (Qwen3.5 full-attention layers).
 *
 * <p>Scores are float dot products in increasing dimension, one {@code fma} each. The softmax runs over the key blocks of {@link KvPages},
 * which are aligned to absolute positions: inside block b with scores s, {@code m_b = max s}, {@code p = exp(s - m_b)},
 * {@code l_b = sum p} (16 partial sums by in-block position mod 16, tree 8, 4, 2, 1) and {@code o_b = sum p v}, positions increasing, one
 * {@code fma} each. Blocks are combined in order:
 *
 * <pre>
 *    m' = max(m, m_b);  a = exp(m - m');  b = exp(m_b - m')
 *    l  = fma(l_b, b, l * a);   o = fma(o_b, b, o * a);   m = m'
 * </pre>
 *
 * starting from the first block as it is; the result is {@code (o * (1 / l)) * sigmoid(gate)}.
 */
public interface AttentionKernel {

    /**
     * Prepares tokens {@code [fromToken, toToken)}: normalises and rotates their queries and keys, scales the queries by
     * {@code 1 / sqrt(headDim)}, and stores keys and values in {@code kv}, which must have room.
     *
     * @param queryGate [tokens, heads * 2 * headDim], per head the query and then the gate; the query half is overwritten by the
     *     prepared query
     * @param keys [tokens, kvHeads * headDim]
     * @param values [tokens, kvHeads * headDim]
     * @param queryNorm weight of the query norm, f32 [headDim]
     * @param keyNorm weight of the key norm, f32 [headDim]
     * @param rotation cosines and sines of the tokens
     * @param position position of token 0
     */
    void prepare(
            AttentionShape shape,
            Activations queryGate,
            Activations keys,
            Activations values,
            MemorySegment queryNorm,
            MemorySegment keyNorm,
            float eps,
            Rotation rotation,
            KvPages kv,
            int position,
            int fromToken,
            int toToken);

    /**
     * Attends for one query head of tokens {@code [fromToken, toToken)}, each to all positions up to its own.
     *
     * @param queryGate prepared by {@link #prepare}
     * @param position position of token 0
     * @param scratch at least {@link #scratchFloats} floats that no other call uses meanwhile
     * @param out [tokens, heads * headDim]
     */
    void attend(
            AttentionShape shape,
            Activations queryGate,
            KvPages kv,
            int position,
            int head,
            int fromToken,
            int toToken,
            MemorySegment scratch,
            Activations out);

    /** Floats of scratch that {@link #attend} needs. */
    static int scratchFloats(AttentionShape shape) {
        return KvPages.POSITIONS + shape.headDim();
    }
}
