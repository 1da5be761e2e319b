package kawi.kernels.vector;

import java.lang.foreign.MemorySegment;
import kawi.kernels.Activations;
import kawi.kernels.FloatMath;
import kawi.kernels.RowKernel;

/** The row operations with the Vector API. */
public final class VectorRowKernel implements RowKernel {

    @Override
    public void rmsNorm(Activations x, MemorySegment weight, float eps, Activations y, int fromRow, int toRow) {
        int n = x.width();
        for (int row = fromRow; row < toRow; row++) {
            long at = (long) row * n;
            float inverse = FloatMath.inverseSqrt(VectorSums.ofSquares(x.floats(), at, n) / n + eps);
            VectorFunctions.scale(x.floats(), at, inverse, weight, y.floats(), at, n);
        }
    }

    @Override
    public void siluTimes(Activations gate, Activations up, int fromRow, int toRow) {
        int n = gate.width();
        for (int row = fromRow; row < toRow; row++) {
            long at = (long) row * n;
            VectorFunctions.timesSigmoid(gate.floats(), at, gate.floats(), at, n);
            VectorFunctions.multiply(gate.floats(), at, up.floats(), at, n);
        }
    }

    @Override
    public void add(Activations x, Activations y, int fromRow, int toRow) {
        int n = x.width();
        for (int row = fromRow; row < toRow; row++) {
            long at = (long) row * n;
            VectorFunctions.add(x.floats(), at, y.floats(), at, n);
        }
    }

    @Override
    public int sum(MemorySegment memory, long from, long bytes) {
        return VectorSums.ofInts(memory, from, bytes);
    }
}
