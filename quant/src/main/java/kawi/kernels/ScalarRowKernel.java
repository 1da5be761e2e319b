package kawi.kernels;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.MemorySegment;

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
    public int sum(MemorySegment memory, long from, long bytes) {
        // The JVM makes vector instructions of loops that count with an int.
        int count = Math.toIntExact(bytes / Integer.BYTES);
        int sum = 0;
        for (int i = 0; i < count; i++) {
            sum += memory.get(JAVA_INT, from + (long) i * Integer.BYTES);
        }
        return sum;
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
