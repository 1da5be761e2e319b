package kawi.kernels.vector;

import java.lang.foreign.Arena;
import kawi.kernels.Activations;
import kawi.kernels.MatrixKernel;
import kawi.kernels.PackedMatrix;
import kawi.kernels.ProductShapes;
import kawi.kernels.WorkerPool;
import kawi.quant.Tensor;

/**
 * The vector tier of the matrix product, with {@code jdk.incubator.vector}: lanes are rows, and weights are repacked so
 * that the rows of a lane group are adjacent ({@link VectorMatrix}).
 *
 * <pre>
 *    for each block of 32 tokens          their activations stay in the second-level cache
 *      for each group of rows             its scales are unpacked once
 *        for each 4 tokens                the weights are unpacked once; sums stay in registers
 * </pre>
 *
 * One token and many tokens use the same layout and arithmetic; neither produces garbage.
 */
public final class VectorMatrixKernel implements MatrixKernel {

    private static final int TOKEN_BLOCK = 32;

    @Override
    public PackedMatrix pack(Tensor tensor, Arena arena, WorkerPool pool) {
        return VectorPacking.pack(tensor, arena, pool);
    }

    @Override
    public void quantize(Activations x, int fromRow, int toRow) {
        ProductShapes.checkRows(x, fromRow, toRow);
        for (int row = fromRow; row < toRow; row++) {
            VectorQuantizing.quantize(x, row);
        }
    }

    @Override
    public void multiply(PackedMatrix w, Activations x, int tokens, Activations y, int fromGroup, int toGroup) {
        ProductShapes.check(w, x, tokens, y, fromGroup, toGroup);
        if (!(w instanceof VectorMatrix matrix)) {
            throw ProductShapes.foreign(w, "vector");
        }
        VectorScratch scratch = VectorScratch.borrow(matrix, matrix.quantized() ? Math.min(tokens, TOKEN_BLOCK) : 0);
        try {
            multiply(matrix, scratch, x, tokens, y, fromGroup, toGroup);
        } finally {
            scratch.giveBack();
        }
    }

    private static void multiply(
            VectorMatrix w,
            VectorScratch scratch,
            Activations x,
            int tokens,
            Activations y,
            int fromGroup,
            int toGroup) {
        for (int from = 0; from < tokens; from += TOKEN_BLOCK) {
            int count = Math.min(TOKEN_BLOCK, tokens - from);
            if (w.quantized()) {
                scratch.copy(w, x, from, from + count);
            }
            for (int group = fromGroup; group < toGroup; group++) {
                if (w.quantized()) {
                    VectorScales.read(w, group, scratch);
                }
                switch (w.weights()) {
                    case NIBBLES -> VectorNibbleProduct.multiply(w, group, scratch, count, y, from);
                    case BYTES -> VectorByteProduct.multiply(w, group, scratch, count, y, from);
                    case F16, BF16, F32 -> VectorFloatProduct.multiply(w, group, scratch, x, from, from + count, y);
                }
            }
        }
    }
}
