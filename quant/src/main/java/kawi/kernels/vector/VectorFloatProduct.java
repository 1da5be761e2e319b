package kawi.kernels.vector;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static kawi.kernels.vector.VectorScratch.TILE;
import static kawi.kernels.vector.VectorWidth.BYTES;
import static kawi.kernels.vector.VectorWidth.FLOATS;
import static kawi.kernels.vector.VectorWidth.HALF;
import static kawi.kernels.vector.VectorWidth.INTS;
import static kawi.kernels.vector.VectorWidth.ROWS;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import kawi.kernels.Activations;

/**
 * Products with weights that are floats of 16 or 32 bits.
 *
 * <pre>
 *    lane r:   acc[r] = fma(w[r][k], x[k], acc[r])        k ascending
 * </pre>
 *
 * <p>A bf16 is the upper half of an f32. An f16 whose bits are moved to the sign, exponent and mantissa of an f32 is
 * too small by a factor of 2^112, including subnormal ones, and a multiplication corrects this exactly; infinities and
 * NaN are not stored in this form, see {@link VectorPacking}.
 */
final class VectorFloatProduct {

    private static final ByteOrder ORDER = ByteOrder.nativeOrder();

    private static final int BF16_HIGH = 0xffff_0000;
    private static final int F16_SIGN_AND_MAGNITUDE = 0x8fff_e000;
    private static final float F16_TO_F32 = 0x1p112f;

    private VectorFloatProduct() {}

    /** Multiplies one group of rows with tokens {@code [from, to)}. */
    static void multiply(
            VectorMatrix w, int group, VectorScratch scratch, Activations x, int from, int to, Activations y) {
        int token = from;
        while (token < to) {
            // Three tokens are processed as four, with the last one twice, which is still faster than one by one.
            int tile = to - token > 2 ? Math.min(TILE, to - token) : 1;
            if (tile == 1) {
                switch (w.weights()) {
                    case F32 -> oneF32(w, group, scratch.sums(), x, token);
                    case F16 -> oneF16(w, group, scratch.sums(), x, token);
                    default -> oneBF16(w, group, scratch.sums(), x, token);
                }
            } else {
                int last = token + tile - 1;
                switch (w.weights()) {
                    case F32 -> fourF32(w, group, scratch.sums(), x, token, last);
                    case F16 -> fourF16(w, group, scratch.sums(), x, token, last);
                    default -> fourBF16(w, group, scratch.sums(), x, token, last);
                }
            }
            for (int t = 0; t < tile; t++) {
                scratch.store(t, y, token + t, group * ROWS);
            }
            token += tile;
        }
    }

    private static void oneF32(VectorMatrix w, int group, float[] sums, Activations x, int token) {
        MemorySegment data = w.data();
        MemorySegment floats = x.floats();
        int columns = w.columns();
        long weights = group * w.groupBytes();
        long x0 = (long) token * columns * Float.BYTES;
        FloatVector low0 = FloatVector.zero(FLOATS);
        FloatVector high0 = FloatVector.zero(FLOATS);
        for (int k = 0; k < columns; k++) {
            long at = weights + (long) k * 2 * BYTES;
            FloatVector weightLow = FloatVector.fromMemorySegment(FLOATS, data, at, ORDER);
            FloatVector weightHigh = FloatVector.fromMemorySegment(FLOATS, data, at + BYTES, ORDER);
            FloatVector activation0 = FloatVector.broadcast(FLOATS, floats.get(JAVA_FLOAT, x0 + 4L * k));
            low0 = weightLow.fma(activation0, low0);
            high0 = weightHigh.fma(activation0, high0);
        }
        low0.intoArray(sums, 0);
        high0.intoArray(sums, HALF);
    }

    private static void fourF32(VectorMatrix w, int group, float[] sums, Activations x, int token, int lastToken) {
        MemorySegment data = w.data();
        MemorySegment floats = x.floats();
        int columns = w.columns();
        long weights = group * w.groupBytes();
        long rowBytes = (long) columns * Float.BYTES;
        long x0 = token * rowBytes;
        long x1 = x0 + rowBytes;
        long x2 = x1 + rowBytes;
        long x3 = lastToken * rowBytes;
        FloatVector low0 = FloatVector.zero(FLOATS);
        FloatVector high0 = FloatVector.zero(FLOATS);
        FloatVector low1 = FloatVector.zero(FLOATS);
        FloatVector high1 = FloatVector.zero(FLOATS);
        FloatVector low2 = FloatVector.zero(FLOATS);
        FloatVector high2 = FloatVector.zero(FLOATS);
        FloatVector low3 = FloatVector.zero(FLOATS);
        FloatVector high3 = FloatVector.zero(FLOATS);
        for (int k = 0; k < columns; k++) {
            long at = weights + (long) k * 2 * BYTES;
            FloatVector weightLow = FloatVector.fromMemorySegment(FLOATS, data, at, ORDER);
            FloatVector weightHigh = FloatVector.fromMemorySegment(FLOATS, data, at + BYTES, ORDER);
            FloatVector activation0 = FloatVector.broadcast(FLOATS, floats.get(JAVA_FLOAT, x0 + 4L * k));
            low0 = weightLow.fma(activation0, low0);
            high0 = weightHigh.fma(activation0, high0);
            FloatVector activation1 = FloatVector.broadcast(FLOATS, floats.get(JAVA_FLOAT, x1 + 4L * k));
            low1 = weightLow.fma(activation1, low1);
            high1 = weightHigh.fma(activation1, high1);
            FloatVector activation2 = FloatVector.broadcast(FLOATS, floats.get(JAVA_FLOAT, x2 + 4L * k));
            low2 = weightLow.fma(activation2, low2);
            high2 = weightHigh.fma(activation2, high2);
            FloatVector activation3 = FloatVector.broadcast(FLOATS, floats.get(JAVA_FLOAT, x3 + 4L * k));
            low3 = weightLow.fma(activation3, low3);
            high3 = weightHigh.fma(activation3, high3);
        }
        low0.intoArray(sums, 0);
        high0.intoArray(sums, HALF);
        low1.intoArray(sums, ROWS);
        high1.intoArray(sums, ROWS + HALF);
        low2.intoArray(sums, 2 * ROWS);
        high2.intoArray(sums, 2 * ROWS + HALF);
        low3.intoArray(sums, 3 * ROWS);
        high3.intoArray(sums, 3 * ROWS + HALF);
    }

    private static void oneF16(VectorMatrix w, int group, float[] sums, Activations x, int token) {
        MemorySegment data = w.data();
        MemorySegment floats = x.floats();
        int columns = w.columns();
        long weights = group * w.groupBytes();
        long x0 = (long) token * columns * Float.BYTES;
        FloatVector low0 = FloatVector.zero(FLOATS);
        FloatVector high0 = FloatVector.zero(FLOATS);
        for (int k = 0; k < columns; k++) {
            IntVector both = IntVector.fromMemorySegment(INTS, data, weights + (long) k * BYTES, ORDER);
            FloatVector weightLow = both.lanewise(LSHL, 16)
                    .lanewise(ASHR, 3)
                    .and(F16_SIGN_AND_MAGNITUDE)
                    .reinterpretAsFloats()
                    .mul(F16_TO_F32);
            FloatVector weightHigh = both.lanewise(ASHR, 3)
                    .and(F16_SIGN_AND_MAGNITUDE)
                    .reinterpretAsFloats()
                    .mul(F16_TO_F32);
            FloatVector activation0 = FloatVector.broadcast(FLOATS, floats.get(JAVA_FLOAT, x0 + 4L * k));
            low0 = weightLow.fma(activation0, low0);
            high0 = weightHigh.fma(activation0, high0);
        }
        low0.intoArray(sums, 0);
        high0.intoArray(sums, HALF);
    }

    private static void fourF16(VectorMatrix w, int group, float[] sums, Activations x, int token, int lastToken) {
        MemorySegment data = w.data();
        MemorySegment floats = x.floats();
        int columns = w.columns();
        long weights = group * w.groupBytes();
        long rowBytes = (long) columns * Float.BYTES;
        long x0 = token * rowBytes;
        long x1 = x0 + rowBytes;
        long x2 = x1 + rowBytes;
        long x3 = lastToken * rowBytes;
        FloatVector low0 = FloatVector.zero(FLOATS);
        FloatVector high0 = FloatVector.zero(FLOATS);
        FloatVector low1 = FloatVector.zero(FLOATS);
        FloatVector high1 = FloatVector.zero(FLOATS);
        FloatVector low2 = FloatVector.zero(FLOATS);
        FloatVector high2 = FloatVector.zero(FLOATS);
        FloatVector low3 = FloatVector.zero(FLOATS);
        FloatVector high3 = FloatVector.zero(FLOATS);
        for (int k = 0; k < columns; k++) {
            IntVector both = IntVector.fromMemorySegment(INTS, data, weights + (long) k * BYTES, ORDER);
            FloatVector weightLow = both.lanewise(LSHL, 16)
                    .lanewise(ASHR, 3)
                    .and(F16_SIGN_AND_MAGNITUDE)
                    .reinterpretAsFloats()
                    .mul(F16_TO_F32);
            FloatVector weightHigh = both.lanewise(ASHR, 3)
                    .and(F16_SIGN_AND_MAGNITUDE)
                    .reinterpretAsFloats()
                    .mul(F16_TO_F32);
            FloatVector activation0 = FloatVector.broadcast(FLOATS, floats.get(JAVA_FLOAT, x0 + 4L * k));
            low0 = weightLow.fma(activation0, low0);
            high0 = weightHigh.fma(activation0, high0);
            FloatVector activation1 = FloatVector.broadcast(FLOATS, floats.get(JAVA_FLOAT, x1 + 4L * k));
            low1 = weightLow.fma(activation1, low1);
            high1 = weightHigh.fma(activation1, high1);
            FloatVector activation2 = FloatVector.broadcast(FLOATS, floats.get(JAVA_FLOAT, x2 + 4L * k));
            low2 = weightLow.fma(activation2, low2);
            high2 = weightHigh.fma(activation2, high2);
            FloatVector activation3 = FloatVector.broadcast(FLOATS, floats.get(JAVA_FLOAT, x3 + 4L * k));
            low3 = weightLow.fma(activation3, low3);
            high3 = weightHigh.fma(activation3, high3);
        }
        low0.intoArray(sums, 0);
        high0.intoArray(sums, HALF);
        low1.intoArray(sums, ROWS);
        high1.intoArray(sums, ROWS + HALF);
        low2.intoArray(sums, 2 * ROWS);
        high2.intoArray(sums, 2 * ROWS + HALF);
        low3.intoArray(sums, 3 * ROWS);
        high3.intoArray(sums, 3 * ROWS + HALF);
    }

    private static void oneBF16(VectorMatrix w, int group, float[] sums, Activations x, int token) {
        MemorySegment data = w.data();
        MemorySegment floats = x.floats();
        int columns = w.columns();
        long weights = group * w.groupBytes();
        long x0 = (long) token * columns * Float.BYTES;
        FloatVector low0 = FloatVector.zero(FLOATS);
        FloatVector high0 = FloatVector.zero(FLOATS);
        for (int k = 0; k < columns; k++) {
            IntVector both = IntVector.fromMemorySegment(INTS, data, weights + (long) k * BYTES, ORDER);
            FloatVector weightLow = both.lanewise(LSHL, 16).reinterpretAsFloats();
            FloatVector weightHigh = both.and(BF16_HIGH).reinterpretAsFloats();
            FloatVector activation0 = FloatVector.broadcast(FLOATS, floats.get(JAVA_FLOAT, x0 + 4L * k));
            low0 = weightLow.fma(activation0, low0);
            high0 = weightHigh.fma(activation0, high0);
        }
        low0.intoArray(sums, 0);
        high0.intoArray(sums, HALF);
    }

    private static void fourBF16(VectorMatrix w, int group, float[] sums, Activations x, int token, int lastToken) {
        MemorySegment data = w.data();
        MemorySegment floats = x.floats();
        int columns = w.columns();
        long weights = group * w.groupBytes();
        long rowBytes = (long) columns * Float.BYTES;
        long x0 = token * rowBytes;
        long x1 = x0 + rowBytes;
        long x2 = x1 + rowBytes;
        long x3 = lastToken * rowBytes;
        FloatVector low0 = FloatVector.zero(FLOATS);
        FloatVector high0 = FloatVector.zero(FLOATS);
        FloatVector low1 = FloatVector.zero(FLOATS);
        FloatVector high1 = FloatVector.zero(FLOATS);
        FloatVector low2 = FloatVector.zero(FLOATS);
        FloatVector high2 = FloatVector.zero(FLOATS);
        FloatVector low3 = FloatVector.zero(FLOATS);
        FloatVector high3 = FloatVector.zero(FLOATS);
        for (int k = 0; k < columns; k++) {
            IntVector both = IntVector.fromMemorySegment(INTS, data, weights + (long) k * BYTES, ORDER);
            FloatVector weightLow = both.lanewise(LSHL, 16).reinterpretAsFloats();
            FloatVector weightHigh = both.and(BF16_HIGH).reinterpretAsFloats();
            FloatVector activation0 = FloatVector.broadcast(FLOATS, floats.get(JAVA_FLOAT, x0 + 4L * k));
            low0 = weightLow.fma(activation0, low0);
            high0 = weightHigh.fma(activation0, high0);
            FloatVector activation1 = FloatVector.broadcast(FLOATS, floats.get(JAVA_FLOAT, x1 + 4L * k));
            low1 = weightLow.fma(activation1, low1);
            high1 = weightHigh.fma(activation1, high1);
            FloatVector activation2 = FloatVector.broadcast(FLOATS, floats.get(JAVA_FLOAT, x2 + 4L * k));
            low2 = weightLow.fma(activation2, low2);
            high2 = weightHigh.fma(activation2, high2);
            FloatVector activation3 = FloatVector.broadcast(FLOATS, floats.get(JAVA_FLOAT, x3 + 4L * k));
            low3 = weightLow.fma(activation3, low3);
            high3 = weightHigh.fma(activation3, high3);
        }
        low0.intoArray(sums, 0);
        high0.intoArray(sums, HALF);
        low1.intoArray(sums, ROWS);
        high1.intoArray(sums, ROWS + HALF);
        low2.intoArray(sums, 2 * ROWS);
        high2.intoArray(sums, 2 * ROWS + HALF);
        low3.intoArray(sums, 3 * ROWS);
        high3.intoArray(sums, 3 * ROWS + HALF);
    }
}
