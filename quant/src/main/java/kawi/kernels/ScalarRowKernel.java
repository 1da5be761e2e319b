package kawi.kernels;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.MemorySegment;
import kawi.quant.Hadamard;

/** The definition of the row operations. */
public final class ScalarRowKernel implements RowKernel {

    @Override
    public void rmsNorm(Activations x, MemorySegment weight, float eps, Activations y, int fromRow, int toRow) {
        int n = x.width();
        for (int row = fromRow; row < toRow; row++) {
            long at = (long) row * n;
            float inverse = FloatMath.inverseSqrt(sumOfSquares(x.floats(), at, n) / n + eps);
            for (int i = 0; i < n; i++) {
                float normed = x.floats().getAtIndex(JAVA_FLOAT, at + i) * inverse;
                y.floats().setAtIndex(JAVA_FLOAT, at + i, normed * weight.getAtIndex(JAVA_FLOAT, i));
            }
        }
    }

    @Override
    public void siluTimes(Activations gate, Activations up, int fromRow, int toRow) {
        long end = (long) toRow * gate.width();
        for (long i = (long) fromRow * gate.width(); i < end; i++) {
            float g = gate.floats().getAtIndex(JAVA_FLOAT, i);
            gate.floats()
                    .setAtIndex(JAVA_FLOAT, i, FloatMath.silu(g) * up.floats().getAtIndex(JAVA_FLOAT, i));
        }
    }

    @Override
    public void add(Activations x, Activations y, int fromRow, int toRow) {
        long end = (long) toRow * x.width();
        for (long i = (long) fromRow * x.width(); i < end; i++) {
            float sum = x.floats().getAtIndex(JAVA_FLOAT, i) + y.floats().getAtIndex(JAVA_FLOAT, i);
            x.floats().setAtIndex(JAVA_FLOAT, i, sum);
        }
    }

    @Override
    public void layerNorm(
            Activations x, MemorySegment weight, MemorySegment bias, float eps, Activations y, int fromRow, int toRow) {
        int n = x.width();
        for (int row = fromRow; row < toRow; row++) {
            long at = (long) row * n;
            float mean = sum(x.floats(), at, n) / n;
            float[] partial = new float[16];
            for (int i = 0; i < n; i++) {
                float centred = x.floats().getAtIndex(JAVA_FLOAT, at + i) - mean;
                partial[i & 15] = Math.fma(centred, centred, partial[i & 15]);
            }
            float inverse = FloatMath.inverseSqrt(tree(partial) / n + eps);
            for (int i = 0; i < n; i++) {
                float normed = (x.floats().getAtIndex(JAVA_FLOAT, at + i) - mean) * inverse;
                float w = weight.getAtIndex(JAVA_FLOAT, i);
                y.floats().setAtIndex(JAVA_FLOAT, at + i, Math.fma(normed, w, bias.getAtIndex(JAVA_FLOAT, i)));
            }
        }
    }

    @Override
    public void addBias(Activations x, MemorySegment bias, int fromRow, int toRow) {
        biased(x, bias, fromRow, toRow, sum -> sum);
    }

    @Override
    public void addBiased(Activations x, Activations y, MemorySegment bias, int fromRow, int toRow) {
        int n = x.width();
        for (int row = fromRow; row < toRow; row++) {
            for (int i = 0; i < n; i++) {
                float biased = y.get(row, i) + bias.getAtIndex(JAVA_FLOAT, i);
                x.set(row, i, x.get(row, i) + biased);
            }
        }
    }

    @Override
    public void geluTanh(Activations x, MemorySegment bias, int fromRow, int toRow) {
        biased(x, bias, fromRow, toRow, FloatMath::geluTanh);
    }

    @Override
    public void geluErf(Activations x, MemorySegment bias, int fromRow, int toRow) {
        biased(x, bias, fromRow, toRow, FloatMath::geluErf);
    }

    private interface Function {
        float of(float x);
    }

    private static void biased(Activations x, MemorySegment bias, int fromRow, int toRow, Function function) {
        int n = x.width();
        for (int row = fromRow; row < toRow; row++) {
            for (int i = 0; i < n; i++) {
                x.set(row, i, function.of(x.get(row, i) + bias.getAtIndex(JAVA_FLOAT, i)));
            }
        }
    }

    @Override
    public void hadamard(Activations x, int size, int fromRow, int toRow) {
        for (int row = fromRow; row < toRow; row++) {
            Hadamard.rotate(x.floats(), (long) row * x.width(), x.width(), size);
        }
    }

    @Override
    public int sum(MemorySegment memory, long from, long bytes) {
        // The JVM makes vector instructions of loops that count with an int.
        int count = Math.toIntExact(bytes / Integer.BYTES);
        int sum = 0;
        for (int i = 0; i < count; i++) {
            sum += memory.get(JAVA_INT, from + (long) i * Integer.BYTES);
        }
        return sum;
    }

    /** The sum of {@code n} floats from element {@code at} on, in the contract's order. */
    private static float sum(MemorySegment x, long at, int n) {
        float[] partial = new float[16];
        for (int i = 0; i < n; i++) {
            partial[i & 15] += x.getAtIndex(JAVA_FLOAT, at + i);
        }
        return tree(partial);
    }

    /** The sum of squares of {@code n} floats from element {@code at} on, in the contract's order. */
    static float sumOfSquares(MemorySegment x, long at, int n) {
        float[] partial = new float[16];
        for (int i = 0; i < n; i++) {
            float v = x.getAtIndex(JAVA_FLOAT, at + i);
            partial[i & 15] = Math.fma(v, v, partial[i & 15]);
        }
        return tree(partial);
    }

    /** Adds 16 partial sums as the tree 8, 4, 2, 1; the array is overwritten. */
    public static float tree(float[] partial) {
        for (int half = 8; half > 0; half >>= 1) {
            for (int i = 0; i < half; i++) {
                partial[i] += partial[i + half];
            }
        }
        return partial[0];
    }
}
