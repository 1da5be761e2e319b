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
    public void layerNorm(
            Activations x, MemorySegment weight, MemorySegment bias, float eps, Activations y, int fromRow, int toRow) {
        int n = x.width();
        for (int row = fromRow; row < toRow; row++) {
            long at = (long) row * n;
            float mean = VectorSums.of(x.floats(), at, n) / n;
            VectorBiases.subtract(x.floats(), at, mean, y.floats(), n);
            float inverse = FloatMath.inverseSqrt(VectorSums.ofSquares(y.floats(), at, n) / n + eps);
            VectorBiases.scale(y.floats(), at, inverse, weight, bias, n);
        }
    }

    @Override
    public void addBias(Activations x, MemorySegment bias, int fromRow, int toRow) {
        int n = x.width();
        for (int row = fromRow; row < toRow; row++) {
            VectorFunctions.add(x.floats(), (long) row * n, bias, 0, n);
        }
    }

    @Override
    public void addBiased(Activations x, Activations y, MemorySegment bias, int fromRow, int toRow) {
        int n = x.width();
        for (int row = fromRow; row < toRow; row++) {
            VectorBiases.addBiased(x.floats(), y.floats(), (long) row * n, bias, n);
        }
    }

    @Override
    public void geluTanh(Activations x, MemorySegment bias, int fromRow, int toRow) {
        int n = x.width();
        VectorGelu gelu = VectorGelu.borrow();
        for (int row = fromRow; row < toRow; row++) {
            VectorFunctions.add(x.floats(), (long) row * n, bias, 0, n);
            gelu.tanh(x.floats(), (long) row * n, n);
        }
        gelu.giveBack();
    }

    @Override
    public void geluErf(Activations x, MemorySegment bias, int fromRow, int toRow) {
        int n = x.width();
        VectorGelu gelu = VectorGelu.borrow();
        for (int row = fromRow; row < toRow; row++) {
            VectorFunctions.add(x.floats(), (long) row * n, bias, 0, n);
            gelu.erf(x.floats(), (long) row * n, n);
        }
        gelu.giveBack();
    }

    @Override
    public void hadamard(Activations x, int size, int fromRow, int toRow) {
        for (int row = fromRow; row < toRow; row++) {
            VectorHadamard.rotate(x.floats(), (long) row * x.width(), x.width(), size);
        }
    }

    @Override
    public int sum(MemorySegment memory, long from, long bytes) {
        return VectorSums.ofInts(memory, from, bytes);
    }
}
