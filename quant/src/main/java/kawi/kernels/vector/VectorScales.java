package kawi.kernels.vector;

import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.GE;
import static jdk.incubator.vector.VectorOperators.I2F;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.OR;
import static kawi.kernels.vector.VectorWidth.BYTES;
import static kawi.kernels.vector.VectorWidth.FLOATS;
import static kawi.kernels.vector.VectorWidth.HALF;
import static kawi.kernels.vector.VectorWidth.INTS;
import static kawi.kernels.vector.VectorWidth.ROWS;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/**
 * The scales and minimums of one group as floats, {@code [runs][rows]} each, as the products need them, regardless of
 * their form in {@link VectorMatrix}.
 */
final class VectorScales {

    private static final ByteOrder ORDER = ByteOrder.nativeOrder();

    private static final int F16_SIGN_AND_MAGNITUDE = 0x8fff_e000;
    private static final int F16_INFINITE = 0x0f80_0000;
    private static final int F32_INFINITE = 0x7f80_0000;
    private static final int MAGNITUDE = 0x7fff_ffff;
    private static final float F16_TO_F32 = 0x1p112f;

    private VectorScales() {}

    /** Reads the scales and minimums of a group into {@code scratch}. */
    static void read(VectorMatrix w, int group, VectorScratch scratch) {
        long at = group * w.groupBytes();
        read(w, at + w.scalesAt(), scratch.scales());
        if (w.minimums()) {
            read(w, at + w.minimumsAt(), scratch.minimums());
        }
    }

    private static void read(VectorMatrix w, long at, float[] out) {
        switch (w.scales()) {
            case FACTORED -> readFactored(w.data(), at, at + w.factorsOffset(), w.runs(), w.run(), out);
            case HALF -> readHalf(w.data(), at, w.runs(), out);
            case PLAIN -> MemorySegment.copy(w.data(), ValueLayout.JAVA_FLOAT, at, out, 0, w.runs() * ROWS);
        }
    }

    private static void readFactored(
            MemorySegment data, long multipliers, long factors, int runs, int run, float[] out) {
        int pairsPerFactor = VectorMatrix.FACTOR_RUN / run / 2;
        for (int i = 0; i < runs / 2; i++) {
            IntVector pairs = IntVector.fromMemorySegment(INTS, data, multipliers + (long) i * BYTES, ORDER);
            long factor = factors + (long) (i / pairsPerFactor) * 2 * BYTES;
            FloatVector low = FloatVector.fromMemorySegment(FLOATS, data, factor, ORDER);
            FloatVector high = FloatVector.fromMemorySegment(FLOATS, data, factor + BYTES, ORDER);
            int to = 2 * i * ROWS;
            ((FloatVector) pairs.lanewise(LSHL, 24).lanewise(ASHR, 24).convert(I2F, 0))
                    .mul(low)
                    .intoArray(out, to);
            ((FloatVector) pairs.lanewise(LSHL, 8).lanewise(ASHR, 24).convert(I2F, 0))
                    .mul(high)
                    .intoArray(out, to + HALF);
            ((FloatVector) pairs.lanewise(LSHL, 16).lanewise(ASHR, 24).convert(I2F, 0))
                    .mul(low)
                    .intoArray(out, to + ROWS);
            ((FloatVector) pairs.lanewise(ASHR, 24).convert(I2F, 0)).mul(high).intoArray(out, to + ROWS + HALF);
        }
    }

    /*
     * An f16 whose bits are moved to the sign, exponent and mantissa of an f32 is too small by a factor of 2^112,
     * including subnormal ones, and a multiplication corrects this exactly. Only the largest exponent is special.
     */
    private static void readHalf(MemorySegment data, long at, int runs, float[] out) {
        for (int r = 0; r < runs; r++) {
            IntVector pairs = IntVector.fromMemorySegment(INTS, data, at + (long) r * BYTES, ORDER);
            IntVector low = pairs.lanewise(LSHL, 16).lanewise(ASHR, 3).and(F16_SIGN_AND_MAGNITUDE);
            IntVector high = pairs.lanewise(ASHR, 3).and(F16_SIGN_AND_MAGNITUDE);
            low.reinterpretAsFloats()
                    .mul(F16_TO_F32)
                    .reinterpretAsInts()
                    .lanewise(OR, F32_INFINITE, low.and(MAGNITUDE).compare(GE, F16_INFINITE))
                    .reinterpretAsFloats()
                    .intoArray(out, r * ROWS);
            high.reinterpretAsFloats()
                    .mul(F16_TO_F32)
                    .reinterpretAsInts()
                    .lanewise(OR, F32_INFINITE, high.and(MAGNITUDE).compare(GE, F16_INFINITE))
                    .reinterpretAsFloats()
                    .intoArray(out, r * ROWS + HALF);
        }
    }
}
