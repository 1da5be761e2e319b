package kawi.kernels;

import java.lang.foreign.MemorySegment;

/**
 * Gated DeltaNet between its projections (Yang et al., "Gated Delta Networks", equation 10; Qwen3.5 linear-attention
 * layers), also with a decay per key channel (Kimi Delta Attention).
 *
 * <p>For a value head with state S [keyDim, valueDim], and every token in order:
 *
 * <pre>
 *    S = decay * S;   r = S^T k;   d = beta * (v - r);   S = S + k d^T;   o = S^T q
 * </pre>
 *
 * all in f32, {@code decay} being one number, or one per row of S. Sums over the key dimension run in increasing order
 * with one {@code fma} each; lanes run over value channels, which are independent of one another.
 */
public interface DeltaKernel {

    /**
     * Causal depthwise convolution and SiLU: {@code y[r][c] = silu(sum_j weight[j][c] * u[r - kernel + 1 + j][c])}, j
     * increasing, one {@code fma} each from zero, for channels {@code [fromChannel, toChannel)} of a span; rows before
     * row 0 come from its history.
     */
    void convolve(ConvolutionCall call, int fromChannel, int toChannel);

    /**
     * For rows {@code [fromRow, toRow)} of a pass: queries and keys of {@code y} are divided by
     * {@code sqrt(sum of squares + 1e-6)} (multiplied by its reciprocal), queries then multiplied by
     * {@code 1 / sqrt(keyDim)}; {@code a} becomes the decay {@code exp(rate * softplus(a + dtBias))} and {@code b}
     * becomes {@code sigmoid(b)}.
     *
     * @param a [rows, decayWidth]
     * @param b [rows, valueHeads]
     * @param rate {@code -exp(A_log)}, f32 [valueHeads]
     * @param dtBias f32 [decayWidth]
     */
    void prepare(
            DeltaShape shape,
            Activations y,
            Activations a,
            Activations b,
            MemorySegment rate,
            MemorySegment dtBias,
            int fromRow,
            int toRow);

    /**
     * Runs the recurrence over the rows of a span for some value channels of one value head and updates their state;
     * see {@link DeltaCall} for revocable rows.
     *
     * @param fromChannel first value channel within the head; {@code toChannel} is the one after the last
     */
    void recur(DeltaCall call, int valueHead, int fromChannel, int toChannel);

    /**
     * Gated norm per value head of rows {@code [fromRow, toRow)} of a pass:
     * {@code o = ((o * (1 / sqrt(sum o^2 / valueDim + eps))) * weight) * gate(z)}. What is in {@code z} is lost.
     */
    void gatedNorm(
            DeltaShape shape,
            Activations o,
            Activations z,
            MemorySegment weight,
            float eps,
            Gate gate,
            int fromRow,
            int toRow);
}
