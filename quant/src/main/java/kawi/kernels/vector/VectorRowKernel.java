package kawi.kernels.vector;

import java.lang.foreign.MemorySegment;
import kawi.kernels.Activations;
import kawi.kernels.FloatMath;
import kawi.kernels.RowKernel;
import kawi.kernels.ScalarRowKernel;

/** The row operations with the Vector API. */
public final class VectorRowKernel implements RowKernel {

    private final RowKernel scalar = new ScalarRowKernel();

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
    public void layerNorm(
            Activations x,
            MemorySegment weight,
            MemorySegment bias,
            float eps,
            Activations y,
            int fromRow,
            int toRow) {
        scalar.layerNorm(x, weight, bias, eps, y, fromRow, toRow);
    }

    @Override
    public void addBias(Activations x, MemorySegment bias, int fromRow, int toRow) {
        scalar.addBias(x, bias, fromRow, toRow);
    }

    @Override
    public void addBiased(Activations x, Activations y, MemorySegment bias, int fromRow, int toRow) {
        scalar.addBiased(x, y, bias, fromRow, toRow);
    }

    @Override
    public void geluTanh(Activations x, MemorySegment bias, int fromRow, int toRow) {
        scalar.geluTanh(x, bias, fromRow, toRow);
    }

    @Override
    public void geluErf(Activations x, MemorySegment bias, int fromRow, int toRow) {
        scalar.geluErf(x, bias, fromRow, toRow);
    }

    @Override
    public int sum(MemorySegment memory, long from, long bytes) {
        return VectorSums.ofInts(memory, from, bytes);
    }
}
