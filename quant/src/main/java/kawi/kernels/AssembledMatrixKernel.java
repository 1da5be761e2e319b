package kawi.kernels;

import java.lang.foreign.Arena;
import kawi.quant.Tensor;

/** The assembled tier of the matrix product. */
final class AssembledMatrixKernel implements MatrixKernel {

    private final MatrixKernel scalar = new ScalarMatrixKernel();

    AssembledMatrixKernel(AssembledIsa isa, Arena arena) {}

    @Override
    public PackedMatrix pack(Tensor tensor, Arena arena, WorkerPool pool) {
        return scalar.pack(tensor, arena, pool);
    }

    @Override
    public void quantize(Activations x, int fromRow, int toRow) {
        scalar.quantize(x, fromRow, toRow);
    }

    @Override
    public void multiply(PackedMatrix w, Activations x, int tokens, Activations y, int fromGroup, int toGroup) {
        scalar.multiply(w, x, tokens, y, fromGroup, toGroup);
    }
}
