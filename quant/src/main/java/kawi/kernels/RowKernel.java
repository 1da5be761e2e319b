package kawi.kernels;

import java.lang.foreign.MemorySegment;
import kawi.quant.Hadamard;

/**
 * The operations on rows of activations between the matrix products. Rows are tokens; every method works on rows {@code
 * [fromRow, toRow)} and is called for disjoint ranges from several threads.
 *
 * <p>Sums over a row use 16 partial sums, element i going to partial sum i mod 16, then added as the tree 8, 4, 2, 1.
 */
public interface RowKernel {

    /**
     * RMS norm: {@code y = (x * (1 / sqrt(sum x^2 / n + eps))) * weight}, the partial sums by {@code fma}.
     *
     * @param weight f32, one per column, including the 1 of zero-centered norms
     */
    void rmsNorm(Activations x, MemorySegment weight, float eps, Activations y, int fromRow, int toRow);

    /** {@code gate = (gate * sigmoid(gate)) * up}, the gated linear unit's middle. */
    void siluTimes(Activations gate, Activations up, int fromRow, int toRow);

    /** {@code x = x + y}. */
    void add(Activations x, Activations y, int fromRow, int toRow);

    /**
     * Layer norm: {@code y = fma((x - m) * (1 / sqrt(sum (x - m)^2 / n + eps)), weight, bias)} with the mean {@code m =
     * sum x / n}, the squares added by {@code fma}.
     *
     * @param weight f32, one per column; {@code bias} likewise
     */
    void layerNorm(
            Activations x, MemorySegment weight, MemorySegment bias, float eps, Activations y, int fromRow, int toRow);

    /**
     * {@code x = x + bias}.
     *
     * @param bias f32, one per column, here and in the methods below
     */
    void addBias(Activations x, MemorySegment bias, int fromRow, int toRow);

    /** {@code x = x + (y + bias)}. */
    void addBiased(Activations x, Activations y, MemorySegment bias, int fromRow, int toRow);

    /** {@code x = geluTanh(x + bias)}, {@link FloatMath#geluTanh}. */
    void geluTanh(Activations x, MemorySegment bias, int fromRow, int toRow);

    /** {@code x = geluErf(x + bias)}, {@link FloatMath#geluErf}. */
    void geluErf(Activations x, MemorySegment bias, int fromRow, int toRow);

    /**
     * Multiplies each run of {@code size} numbers of a row with the orthogonal {@link Hadamard} matrix.
     *
     * @param size a power of two that divides the width
     */
    void hadamard(Activations x, int size, int fromRow, int toRow);

    /** The number of bytes that {@link #sum} adds at a time. */
    int SUMMED_BYTES = 1024;

    /**
     * The sum of the 32-bit integers in memory, modulo 2^32, which measures how fast a thread can read.
     *
     * @param bytes a multiple of {@value #SUMMED_BYTES}, at least that
     */
    int sum(MemorySegment memory, long from, long bytes);
}
