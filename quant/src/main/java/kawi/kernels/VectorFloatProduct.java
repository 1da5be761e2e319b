package kawi.kernels;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static kawi.kernels.VectorWidth.BYTES;
import static kawi.kernels.VectorWidth.FLOATS;
import static kawi.kernels.VectorWidth.HALF;
import static kawi.kernels.VectorWidth.INTS;
import static kawi.kernels.VectorWidth.ROWS;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;

/**
 * Products with weights of 16 or 32 bits that are numbers by themselves.
 *
 * <pre>
 *    lane r:   acc[r] = fma(w[r][k], x[k], acc[r])        k ascending
 * </pre>
 *
 * <p>A bf16 is the upper half of an f32. An f16 whose bits are moved to where an f32 has sign, exponent and mantissa is 2^112
 * times too small, subnormal ones included, and a multiplication puts that right exactly; infinities and NaN are not stored
 * that way, see {@link VectorPacking}.
 */
final class VectorFloatProduct {

    private static final ByteOrder ORDER = ByteOrder.nativeOrder();

    private static final int BF16_HIGH = 0xffff_0000;
    private static final int F16_SIGN_AND_MAGNITUDE = 0x8fff_e000;
    private static final float F16_TO_F32 = 0x1p112f;

    private VectorFloatProduct() {}

    /** Multiplies one group of rows with tokens {@code [from, to)}. */
    static void multiply(VectorMatrix w, int group, Activations x, int from, int to, Activations y) {
        int token = from;
        for (; token + 2 < to; token += 4) {
            // Three tokens are four with the last one twice: still cheaper than one by one.
            int last = Math.min(token + 3, to - 1);
            switch (w.weights()) {
                case F32 -> fourF32(w, group, x, token, token + 1, token + 2, last, y);
                case F16 -> fourF16(w, group, x, token, token + 1, token + 2, last, y);
                default -> fourBF16(w, group, x, token, token + 1, token + 2, last, y);
            }
        }
        for (; token < to; token++) {
            switch (w.weights()) {
                case F32 -> oneF32(w, group, x, token, y);
                case F16 -> oneF16(w, group, x, token, y);
                default -> oneBF16(w, group, x, token, y);
            }
        }
    }

    private static void oneF32(VectorMatrix w, int group, Activations x, int token, Activations y) {
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

        MemorySegment out = y.floats();
        int row = group * ROWS;
        long y0 = ((long) token * w.rows() + row) * Float.BYTES;

        int left = w.rows() - row;
        if (left >= ROWS) {
            low0.intoMemorySegment(out, y0, ORDER);
            high0.intoMemorySegment(out, y0 + BYTES, ORDER);
        } else {
            VectorMask<Float> lowRows = FLOATS.indexInRange(0, left);
            low0.intoMemorySegment(out, y0, ORDER, lowRows);
            if (left > HALF) {
                VectorMask<Float> highRows = FLOATS.indexInRange(HALF, left);
                high0.intoMemorySegment(out, y0 + BYTES, ORDER, highRows);
            }
        }
    }

    private static void fourF32(
            VectorMatrix w, int group, Activations x, int token0, int token1, int token2, int token3, Activations y) {
        MemorySegment data = w.data();
        MemorySegment floats = x.floats();
        int columns = w.columns();
        long weights = group * w.groupBytes();
        long x0 = (long) token0 * columns * Float.BYTES;
        long x1 = (long) token1 * columns * Float.BYTES;
        long x2 = (long) token2 * columns * Float.BYTES;
        long x3 = (long) token3 * columns * Float.BYTES;
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

        MemorySegment out = y.floats();
        int row = group * ROWS;
        long y0 = ((long) token0 * w.rows() + row) * Float.BYTES;
        long y1 = ((long) token1 * w.rows() + row) * Float.BYTES;
        long y2 = ((long) token2 * w.rows() + row) * Float.BYTES;
        long y3 = ((long) token3 * w.rows() + row) * Float.BYTES;

        int left = w.rows() - row;
        if (left >= ROWS) {
            low0.intoMemorySegment(out, y0, ORDER);
            high0.intoMemorySegment(out, y0 + BYTES, ORDER);
            low1.intoMemorySegment(out, y1, ORDER);
            high1.intoMemorySegment(out, y1 + BYTES, ORDER);
            low2.intoMemorySegment(out, y2, ORDER);
            high2.intoMemorySegment(out, y2 + BYTES, ORDER);
            low3.intoMemorySegment(out, y3, ORDER);
            high3.intoMemorySegment(out, y3 + BYTES, ORDER);
        } else {
            VectorMask<Float> lowRows = FLOATS.indexInRange(0, left);
            low0.intoMemorySegment(out, y0, ORDER, lowRows);
            low1.intoMemorySegment(out, y1, ORDER, lowRows);
            low2.intoMemorySegment(out, y2, ORDER, lowRows);
            low3.intoMemorySegment(out, y3, ORDER, lowRows);
            if (left > HALF) {
                VectorMask<Float> highRows = FLOATS.indexInRange(HALF, left);
                high0.intoMemorySegment(out, y0 + BYTES, ORDER, highRows);
                high1.intoMemorySegment(out, y1 + BYTES, ORDER, highRows);
                high2.intoMemorySegment(out, y2 + BYTES, ORDER, highRows);
                high3.intoMemorySegment(out, y3 + BYTES, ORDER, highRows);
            }
        }
    }

    private static void oneF16(VectorMatrix w, int group, Activations x, int token, Activations y) {
        MemorySegment data = w.data();
        MemorySegment floats = x.floats();
        int columns = w.columns();
        long weights = group * w.groupBytes();
        long x0 = (long) token * columns * Float.BYTES;
        FloatVector low0 = FloatVector.zero(FLOATS);
        FloatVector high0 = FloatVector.zero(FLOATS);
        for (int k = 0; k < columns; k++) {
            IntVector two = IntVector.fromMemorySegment(INTS, data, weights + (long) k * BYTES, ORDER);
            FloatVector weightLow = two.lanewise(LSHL, 16)
                    .lanewise(ASHR, 3)
                    .and(F16_SIGN_AND_MAGNITUDE)
                    .reinterpretAsFloats()
                    .mul(F16_TO_F32);
            FloatVector weightHigh = two.lanewise(ASHR, 3)
                    .and(F16_SIGN_AND_MAGNITUDE)
                    .reinterpretAsFloats()
                    .mul(F16_TO_F32);
            FloatVector activation0 = FloatVector.broadcast(FLOATS, floats.get(JAVA_FLOAT, x0 + 4L * k));
            low0 = weightLow.fma(activation0, low0);
            high0 = weightHigh.fma(activation0, high0);
        }

        MemorySegment out = y.floats();
        int row = group * ROWS;
        long y0 = ((long) token * w.rows() + row) * Float.BYTES;

        int left = w.rows() - row;
        if (left >= ROWS) {
            low0.intoMemorySegment(out, y0, ORDER);
            high0.intoMemorySegment(out, y0 + BYTES, ORDER);
        } else {
            VectorMask<Float> lowRows = FLOATS.indexInRange(0, left);
            low0.intoMemorySegment(out, y0, ORDER, lowRows);
            if (left > HALF) {
                VectorMask<Float> highRows = FLOATS.indexInRange(HALF, left);
                high0.intoMemorySegment(out, y0 + BYTES, ORDER, highRows);
            }
        }
    }

    private static void fourF16(
            VectorMatrix w, int group, Activations x, int token0, int token1, int token2, int token3, Activations y) {
        MemorySegment data = w.data();
        MemorySegment floats = x.floats();
        int columns = w.columns();
        long weights = group * w.groupBytes();
        long x0 = (long) token0 * columns * Float.BYTES;
        long x1 = (long) token1 * columns * Float.BYTES;
        long x2 = (long) token2 * columns * Float.BYTES;
        long x3 = (long) token3 * columns * Float.BYTES;
        FloatVector low0 = FloatVector.zero(FLOATS);
        FloatVector high0 = FloatVector.zero(FLOATS);
        FloatVector low1 = FloatVector.zero(FLOATS);
        FloatVector high1 = FloatVector.zero(FLOATS);
        FloatVector low2 = FloatVector.zero(FLOATS);
        FloatVector high2 = FloatVector.zero(FLOATS);
        FloatVector low3 = FloatVector.zero(FLOATS);
        FloatVector high3 = FloatVector.zero(FLOATS);
        for (int k = 0; k < columns; k++) {
            IntVector two = IntVector.fromMemorySegment(INTS, data, weights + (long) k * BYTES, ORDER);
            FloatVector weightLow = two.lanewise(LSHL, 16)
                    .lanewise(ASHR, 3)
                    .and(F16_SIGN_AND_MAGNITUDE)
                    .reinterpretAsFloats()
                    .mul(F16_TO_F32);
            FloatVector weightHigh = two.lanewise(ASHR, 3)
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

        MemorySegment out = y.floats();
        int row = group * ROWS;
        long y0 = ((long) token0 * w.rows() + row) * Float.BYTES;
        long y1 = ((long) token1 * w.rows() + row) * Float.BYTES;
        long y2 = ((long) token2 * w.rows() + row) * Float.BYTES;
        long y3 = ((long) token3 * w.rows() + row) * Float.BYTES;

        int left = w.rows() - row;
        if (left >= ROWS) {
            low0.intoMemorySegment(out, y0, ORDER);
            high0.intoMemorySegment(out, y0 + BYTES, ORDER);
            low1.intoMemorySegment(out, y1, ORDER);
            high1.intoMemorySegment(out, y1 + BYTES, ORDER);
            low2.intoMemorySegment(out, y2, ORDER);
            high2.intoMemorySegment(out, y2 + BYTES, ORDER);
            low3.intoMemorySegment(out, y3, ORDER);
            high3.intoMemorySegment(out, y3 + BYTES, ORDER);
        } else {
            VectorMask<Float> lowRows = FLOATS.indexInRange(0, left);
            low0.intoMemorySegment(out, y0, ORDER, lowRows);
            low1.intoMemorySegment(out, y1, ORDER, lowRows);
            low2.intoMemorySegment(out, y2, ORDER, lowRows);
            low3.intoMemorySegment(out, y3, ORDER, lowRows);
            if (left > HALF) {
                VectorMask<Float> highRows = FLOATS.indexInRange(HALF, left);
                high0.intoMemorySegment(out, y0 + BYTES, ORDER, highRows);
                high1.intoMemorySegment(out, y1 + BYTES, ORDER, highRows);
                high2.intoMemorySegment(out, y2 + BYTES, ORDER, highRows);
                high3.intoMemorySegment(out, y3 + BYTES, ORDER, highRows);
            }
        }
    }

    private static void oneBF16(VectorMatrix w, int group, Activations x, int token, Activations y) {
        MemorySegment data = w.data();
        MemorySegment floats = x.floats();
        int columns = w.columns();
        long weights = group * w.groupBytes();
        long x0 = (long) token * columns * Float.BYTES;
        FloatVector low0 = FloatVector.zero(FLOATS);
        FloatVector high0 = FloatVector.zero(FLOATS);
        for (int k = 0; k < columns; k++) {
            IntVector two = IntVector.fromMemorySegment(INTS, data, weights + (long) k * BYTES, ORDER);
            FloatVector weightLow = two.lanewise(LSHL, 16).reinterpretAsFloats();
            FloatVector weightHigh = two.and(BF16_HIGH).reinterpretAsFloats();
            FloatVector activation0 = FloatVector.broadcast(FLOATS, floats.get(JAVA_FLOAT, x0 + 4L * k));
            low0 = weightLow.fma(activation0, low0);
            high0 = weightHigh.fma(activation0, high0);
        }

        MemorySegment out = y.floats();
        int row = group * ROWS;
        long y0 = ((long) token * w.rows() + row) * Float.BYTES;

        int left = w.rows() - row;
        if (left >= ROWS) {
            low0.intoMemorySegment(out, y0, ORDER);
            high0.intoMemorySegment(out, y0 + BYTES, ORDER);
        } else {
            VectorMask<Float> lowRows = FLOATS.indexInRange(0, left);
            low0.intoMemorySegment(out, y0, ORDER, lowRows);
            if (left > HALF) {
                VectorMask<Float> highRows = FLOATS.indexInRange(HALF, left);
                high0.intoMemorySegment(out, y0 + BYTES, ORDER, highRows);
            }
        }
    }

    private static void fourBF16(
            VectorMatrix w, int group, Activations x, int token0, int token1, int token2, int token3, Activations y) {
        MemorySegment data = w.data();
        MemorySegment floats = x.floats();
        int columns = w.columns();
        long weights = group * w.groupBytes();
        long x0 = (long) token0 * columns * Float.BYTES;
        long x1 = (long) token1 * columns * Float.BYTES;
        long x2 = (long) token2 * columns * Float.BYTES;
        long x3 = (long) token3 * columns * Float.BYTES;
        FloatVector low0 = FloatVector.zero(FLOATS);
        FloatVector high0 = FloatVector.zero(FLOATS);
        FloatVector low1 = FloatVector.zero(FLOATS);
        FloatVector high1 = FloatVector.zero(FLOATS);
        FloatVector low2 = FloatVector.zero(FLOATS);
        FloatVector high2 = FloatVector.zero(FLOATS);
        FloatVector low3 = FloatVector.zero(FLOATS);
        FloatVector high3 = FloatVector.zero(FLOATS);
        for (int k = 0; k < columns; k++) {
            IntVector two = IntVector.fromMemorySegment(INTS, data, weights + (long) k * BYTES, ORDER);
            FloatVector weightLow = two.lanewise(LSHL, 16).reinterpretAsFloats();
            FloatVector weightHigh = two.and(BF16_HIGH).reinterpretAsFloats();
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

        MemorySegment out = y.floats();
        int row = group * ROWS;
        long y0 = ((long) token0 * w.rows() + row) * Float.BYTES;
        long y1 = ((long) token1 * w.rows() + row) * Float.BYTES;
        long y2 = ((long) token2 * w.rows() + row) * Float.BYTES;
        long y3 = ((long) token3 * w.rows() + row) * Float.BYTES;

        int left = w.rows() - row;
        if (left >= ROWS) {
            low0.intoMemorySegment(out, y0, ORDER);
            high0.intoMemorySegment(out, y0 + BYTES, ORDER);
            low1.intoMemorySegment(out, y1, ORDER);
            high1.intoMemorySegment(out, y1 + BYTES, ORDER);
            low2.intoMemorySegment(out, y2, ORDER);
            high2.intoMemorySegment(out, y2 + BYTES, ORDER);
            low3.intoMemorySegment(out, y3, ORDER);
            high3.intoMemorySegment(out, y3 + BYTES, ORDER);
        } else {
            VectorMask<Float> lowRows = FLOATS.indexInRange(0, left);
            low0.intoMemorySegment(out, y0, ORDER, lowRows);
            low1.intoMemorySegment(out, y1, ORDER, lowRows);
            low2.intoMemorySegment(out, y2, ORDER, lowRows);
            low3.intoMemorySegment(out, y3, ORDER, lowRows);
            if (left > HALF) {
                VectorMask<Float> highRows = FLOATS.indexInRange(HALF, left);
                high0.intoMemorySegment(out, y0 + BYTES, ORDER, highRows);
                high1.intoMemorySegment(out, y1 + BYTES, ORDER, highRows);
                high2.intoMemorySegment(out, y2 + BYTES, ORDER, highRows);
                high3.intoMemorySegment(out, y3 + BYTES, ORDER, highRows);
            }
        }
    }
}
