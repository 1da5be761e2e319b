package kawi.kernels;

import java.lang.foreign.Arena;
import kawi.quant.Tensor;

/**
 * Products of weight matrices with rows of activations, {@code y = x W^T}: the numerics contract for one output
 * {@code y[t][r]}.
 *
 * <p>Float weights: {@code acc = 0; for k ascending: acc = fma(w[r][k], x[t][k], acc)}.
 *
 * <p>Quantized weights, in the integer form of {@link kawi.quant.QuantizedFormat}, runs of 16 or 32 weights in
 * ascending k, with {@code xq} and {@code xs} the int8 form of the activations:
 *
 * <pre>
 *    dot = sum q[i] * xq[i]      exact int32
 *    acc = fma((float) dot, scale * xs, acc)
 *    acc = fma(minimum, xs * (float) sum xq[i], acc)      only if the format has minimums
 * </pre>
 *
 * Every operation is an f32 operation rounded to nearest even. All tiers compute exactly this, bit for bit, whatever
 * the number of tokens or the range of rows; lanes run over rows or tokens, never over k. Where a result is NaN its
 * payload is not specified.
 */
public interface MatrixKernel {

    /**
     * Converts a matrix to this tier's execution layout.
     *
     * @param arena owns the packed matrix
     * @param pool the threads for packing in parallel
     */
    PackedMatrix pack(Tensor tensor, Arena arena, WorkerPool pool);

    /**
     * Computes the int8 form of rows {@code [fromRow, toRow)} of {@code x} from their floats, as {@link Activations}
     * defines it.
     */
    void quantize(Activations x, int fromRow, int toRow);

    /**
     * Computes {@code y[t][r]} for tokens {@code t < tokens} and the rows of groups {@code [fromGroup, toGroup)}.
     *
     * @param w packed by this tier, {@code [y.width, x.width]}
     * @param x at least {@code tokens} rows, quantized if {@code w} is
     * @param y receives the products; may be narrower than {@code w} has rows if the rows beyond are not computed
     */
    void multiply(PackedMatrix w, Activations x, int tokens, Activations y, int fromGroup, int toGroup);

    /**
     * The work that threads may do while they wait in or after the products of {@code plan}, which are about to begin.
     * Kernels may learn from the order of the calls which products follow which.
     */
    default WorkerPool.IdleTask idleTask(ProductPlan plan) {
        return WorkerPool.NO_IDLE_TASK;
    }
}
