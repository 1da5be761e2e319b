package kawi.kernels;

import java.lang.foreign.MemorySegment;

/**
 * Gated DeltaNet between its projections (Yang et al., "Gated Delta Networks", equation 10; Qwen3.5 linear-attention layers).
 *
 * <p>For a value head with state S [keyDim, valueDim], and every token in order:
 *
 * <pre>
 *    S = decay * S;   r = S^T k;   d = beta * (v - r);   S = S + k d^T;   o = S^T q
 * </pre>
 *
 * all in f32. Sums over the key dimension run in increasing order with one {@code fma} each; lanes run over value channels, which are
 * independent of one another.
 */
public interface DeltaKernel {

    /**
     * Causal depthwise convolution and SiLU: {@code y[t][c] = silu(sum_j weight[j][c] * u[t - kernel + 1 + j][c])}, j increasing, one {@code fma}
     * each from zero; rows before token 0 come from {@code history}, which afterwards holds the last {@code kernel - 1} rows.
     *
     * @param weight f32 [kernel][channels]
     */
    void convolve(
            DeltaShape shape,
            Activations u,
            MemorySegment weight,
            MemorySegment history,
            int tokens,
            int fromChannel,
            int toChannel,
            Activations y);

    /**
     * Per token: queries and keys of {@code y} are divided by {@code sqrt(sum of squares + 1e-6)} (multiplied by its reciprocal), queries then
     * multiplied by {@code 1 / sqrt(keyDim)}; {@code a} becomes the decay {@code exp(rate * softplus(a + dtBias))} and {@code b} becomes
     * {@code sigmoid(b)}.
     *
     * @param rate {@code -exp(A_log)}, f32 [valueHeads]
     * @param dtBias f32 [valueHeads]
     */
    void prepare(
            DeltaShape shape,
            Activations y,
            Activations a,
            Activations b,
            MemorySegment rate,
            MemorySegment dtBias,
            int fromToken,
            int toToken);

    /**
     * Runs the recurrence over tokens 0 to {@code tokens - 1} for some value channels of one value head and updates their state.
     *
     * @param fromChannel first value channel within the head; {@code toChannel} is the one after the last
     */
    void recur(
            DeltaShape shape,
            Activations y,
            Activations decay,
            Activations beta,
            MemorySegment recurrent,
            int valueHead,
            int fromChannel,
            int toChannel,
            int tokens,
            Activations out);

    /** Gated norm per value head: {@code o = ((o * (1 / sqrt(sum o^2 / valueDim + eps))) * weight) * silu(z)}. */
    void gatedNorm(
            DeltaShape shape,
            Activations o,
            Activations z,
            MemorySegment weight,
            float eps,
            int fromToken,
            int toToken);
}
