package kawi.kernels.vector;

import static jdk.incubator.vector.VectorOperators.I2B;
import static jdk.incubator.vector.VectorOperators.MAX;
import static kawi.kernels.vector.VectorWidth.FLOATS;
import static kawi.kernels.vector.VectorWidth.HALF;
import static kawi.kernels.vector.VectorWidth.INTS;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;
import kawi.kernels.Activations;
import kawi.kernels.ScalarMatrixKernel;

/**
 * The int8 form of activations, bit-identical to that of {@link ScalarMatrixKernel#quantizeBlock}.
 *
 * <p>Without their signs, floats are ordered like the ints of the same bits, NaN above infinity: the largest magnitude
 * of a block is an integer maximum. Adding 1.5 * 2^23 to a small float rounds it to an integer, half to even, and
 * leaves that in the lowest bits.
 */
final class VectorQuantizing {

    private static final ByteOrder ORDER = ByteOrder.nativeOrder();
    private static final int MAGNITUDE = 0x7fff_ffff;
    private static final float ROUNDING = 0x1.8p23f;

    /** Vectors of bytes have at least 64 bits, so as many bytes as there are ints in 128 bits have to go one by one. */
    private static final boolean BYTE_VECTORS = INTS.vectorBitSize() >= 256;

    private static final VectorSpecies<Byte> QUARTER =
            VectorSpecies.of(byte.class, VectorShape.forBitSize(BYTE_VECTORS ? INTS.vectorBitSize() / 4 : 64));

    private VectorQuantizing() {}

    static void quantize(Activations x, int row) {
        int whole = x.width() / Activations.BLOCK;
        long floats = (long) row * x.width() * Float.BYTES;
        for (int block = 0; block < whole; block++) {
            quantizeBlock(x, floats + (long) block * Activations.BLOCK * Float.BYTES, x.blockAt(row, block));
        }
        if (whole < x.blocks()) {
            ScalarMatrixKernel.quantizeBlock(x, row, whole);
        }
    }

    private static void quantizeBlock(Activations x, long from, long block) {
        MemorySegment floats = x.floats();
        IntVector magnitudes = IntVector.zero(INTS);
        for (int i = 0; i < Activations.BLOCK; i += HALF) {
            magnitudes = magnitudes.max(IntVector.fromMemorySegment(INTS, floats, from + 4L * i, ORDER)
                    .and(MAGNITUDE));
        }
        float scale = Float.intBitsToFloat(magnitudes.reduceLanes(MAX)) / 127;
        boolean usable = scale > 0 && scale < Float.POSITIVE_INFINITY;
        // If the scale is unusable, the numbers are masked, regardless of the result of the division.
        int mask = usable ? -1 : 0;
        float divisor = usable ? scale : 1;

        MemorySegment to = x.int8();
        int first = 0;
        int sum = 0;
        for (int run = 0; run < Activations.BLOCK; run += Activations.SUM_RUN) {
            first = sum;
            IntVector sums = IntVector.zero(INTS);
            for (int i = run; i < run + Activations.SUM_RUN; i += HALF) {
                IntVector quants = FloatVector.fromMemorySegment(FLOATS, floats, from + 4L * i, ORDER)
                        .div(divisor)
                        .add(ROUNDING)
                        .reinterpretAsInts()
                        .sub(Float.floatToRawIntBits(ROUNDING))
                        .max(-127)
                        .min(127)
                        .and(mask);
                sums = sums.add(quants);
                if (BYTE_VECTORS) {
                    quants.convertShape(I2B, QUARTER, 0).intoMemorySegment(to, block + i, ORDER);
                } else {
                    for (int j = 0; j < HALF; j++) {
                        to.set(ValueLayout.JAVA_BYTE, block + i + j, (byte) quants.lane(j));
                    }
                }
            }
            sum = sums.reduceLanes(VectorOperators.ADD);
        }
        x.setScaleAndSums(block, scale, first, sum);
    }
}
