package kawi.kernels;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.I2F;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static kawi.kernels.VectorWidth.BYTES;
import static kawi.kernels.VectorWidth.FLOATS;
import static kawi.kernels.VectorWidth.HALF;
import static kawi.kernels.VectorWidth.INTS;
import static kawi.kernels.VectorWidth.ROWS;
import static kawi.kernels.VectorWidth.SHORTS;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorMask;

/**
 * Products with weights of 4 bits.
 *
 * <pre>
 *    lane r of 16 bits:   dot[r] = sum over a run of (u[r][k] - 8) * xq[k]
 * </pre>
 *
 * <p>With integers from -8 to 7 the sum of 32 products is at most 8 * 127 * 32 = 32512 and fits 16 bits, so a whole run is
 * multiplied and added in 16-bit lanes, one row each, twice as many as there are ints. Arithmetic on them is modulo 2^16:
 * the sum of {@code u * xq} may overflow, and taking 8 times the sum of {@code xq} from it still leaves the exact value. For
 * formats with minimums, whose integers are 0 to 15, that is added again once the dot product has been widened.
 *
 * <p>4 weights are unpacked by shifting vectors of ints, because shifts of 16-bit lanes by a constant are slower; the masks
 * remove what crosses lanes.
 */
final class VectorNibbleProduct {

    private static final ByteOrder ORDER = ByteOrder.nativeOrder();

    /** The lowest weight of every 16-bit lane. */
    private static final int LOWEST = 0x000f_000f;

    private static final int OFFSET = 8;

    private VectorNibbleProduct() {}

    /** Multiplies one group of rows with tokens {@code [from, to)}. */
    static void multiply(
            VectorMatrix w, int group, VectorScales scales, Activations x, int from, int to, Activations y) {
        int token = from;
        for (; token + 2 < to; token += 4) {
            // Three tokens are four with the last one twice: still cheaper than one by one.
            four(w, group, scales, x, token, token + 1, token + 2, Math.min(token + 3, to - 1), y);
        }
        for (; token < to; token++) {
            one(w, group, scales, x, token, y);
        }
    }

    /** One token. The additions of a run form four chains, because one would be slower than everything around it. */
    private static void one(
            VectorMatrix w, int group, VectorScales groupScales, Activations x, int token, Activations y) {
        MemorySegment data = w.data();
        MemorySegment pairs = x.pairs();
        MemorySegment xScales = x.scales();
        MemorySegment xSums = x.sums();
        float[] scales = groupScales.scales();
        float[] runMinimums = groupScales.minimums();
        boolean minimums = w.minimums();
        int sumsPerRun = w.run() / Activations.SUM_RUN;
        int blockShift = sumsPerRun == 1 ? 1 : 0;
        long block0 = (long) token * x.blocks();
        long sums0 = block0 * Activations.BLOCK / Activations.SUM_RUN;
        long x0 = block0 * Activations.BLOCK * Integer.BYTES;
        MemorySegment out = y.floats();
        int row = group * ROWS;
        long y0 = ((long) token * w.rows() + row) * Float.BYTES;
        long weights = group * w.groupBytes();
        int vectors = w.columns() / 4;
        int vectorsPerRun = w.run() / 4;
        int lastOfRun = vectorsPerRun - 1;
        int runShift = Integer.numberOfTrailingZeros(vectorsPerRun);
        ShortVector dot0 = ShortVector.zero(SHORTS);
        ShortVector dot1 = ShortVector.zero(SHORTS);
        ShortVector dot2 = ShortVector.zero(SHORTS);
        ShortVector dot3 = ShortVector.zero(SHORTS);
        FloatVector low0 = FloatVector.zero(FLOATS);
        FloatVector high0 = FloatVector.zero(FLOATS);
        for (int i = 0; i < vectors; i++) {
            IntVector four = IntVector.fromMemorySegment(INTS, data, weights + (long) i * BYTES, ORDER);
            long at = x0 + 16L * i;
            dot0 = dot0.add(four.and(LOWEST)
                    .reinterpretAsShorts()
                    .mul(IntVector.broadcast(INTS, pairs.get(JAVA_INT, at)).reinterpretAsShorts()));
            dot1 = dot1.add(four.lanewise(LSHR, 4)
                    .and(LOWEST)
                    .reinterpretAsShorts()
                    .mul(IntVector.broadcast(INTS, pairs.get(JAVA_INT, at + 4)).reinterpretAsShorts()));
            dot2 = dot2.add(four.lanewise(LSHR, 8)
                    .and(LOWEST)
                    .reinterpretAsShorts()
                    .mul(IntVector.broadcast(INTS, pairs.get(JAVA_INT, at + 8)).reinterpretAsShorts()));
            dot3 = dot3.add(four.lanewise(LSHR, 12)
                    .and(LOWEST)
                    .reinterpretAsShorts()
                    .mul(IntVector.broadcast(INTS, pairs.get(JAVA_INT, at + 12)).reinterpretAsShorts()));
            if ((i & lastOfRun) == lastOfRun) {
                int run = i >> runShift;
                FloatVector scaleLow = FloatVector.fromArray(FLOATS, scales, run * ROWS);
                FloatVector scaleHigh = FloatVector.fromArray(FLOATS, scales, run * ROWS + HALF);
                long block = run >> blockShift;
                long firstSum = (long) run * sumsPerRun;
                float xScale0 = xScales.getAtIndex(JAVA_FLOAT, block0 + block);
                int xSum0 = xSums.getAtIndex(JAVA_INT, sums0 + firstSum)
                        + (sumsPerRun == 2 ? xSums.getAtIndex(JAVA_INT, sums0 + firstSum + 1) : 0);
                IntVector dot = dot0.add(dot1)
                        .add(dot2.add(dot3))
                        .sub((short) (OFFSET * xSum0))
                        .reinterpretAsInts();
                int again = minimums ? OFFSET * xSum0 : 0;
                low0 = ((FloatVector) dot.lanewise(LSHL, 16)
                                .lanewise(ASHR, 16)
                                .add(again)
                                .convert(I2F, 0))
                        .fma(scaleLow.mul(xScale0), low0);
                high0 = ((FloatVector) dot.lanewise(ASHR, 16).add(again).convert(I2F, 0))
                        .fma(scaleHigh.mul(xScale0), high0);
                if (minimums) {
                    FloatVector minimumLow = FloatVector.fromArray(FLOATS, runMinimums, run * ROWS);
                    FloatVector minimumHigh = FloatVector.fromArray(FLOATS, runMinimums, run * ROWS + HALF);
                    low0 = minimumLow.mul(xScale0).fma(FloatVector.broadcast(FLOATS, xSum0), low0);
                    high0 = minimumHigh.mul(xScale0).fma(FloatVector.broadcast(FLOATS, xSum0), high0);
                }
                dot0 = ShortVector.zero(SHORTS);
                dot1 = ShortVector.zero(SHORTS);
                dot2 = ShortVector.zero(SHORTS);
                dot3 = ShortVector.zero(SHORTS);
            }
        }

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

    /** Four tokens, for which the weights are unpacked once. */
    private static void four(
            VectorMatrix w,
            int group,
            VectorScales groupScales,
            Activations x,
            int token0,
            int token1,
            int token2,
            int token3,
            Activations y) {
        MemorySegment data = w.data();
        MemorySegment pairs = x.pairs();
        MemorySegment xScales = x.scales();
        MemorySegment xSums = x.sums();
        float[] scales = groupScales.scales();
        float[] runMinimums = groupScales.minimums();
        boolean minimums = w.minimums();
        int sumsPerRun = w.run() / Activations.SUM_RUN;
        int blockShift = sumsPerRun == 1 ? 1 : 0;
        long block0 = (long) token0 * x.blocks();
        long sums0 = block0 * Activations.BLOCK / Activations.SUM_RUN;
        long x0 = block0 * Activations.BLOCK * Integer.BYTES;
        long block1 = (long) token1 * x.blocks();
        long sums1 = block1 * Activations.BLOCK / Activations.SUM_RUN;
        long x1 = block1 * Activations.BLOCK * Integer.BYTES;
        long block2 = (long) token2 * x.blocks();
        long sums2 = block2 * Activations.BLOCK / Activations.SUM_RUN;
        long x2 = block2 * Activations.BLOCK * Integer.BYTES;
        long block3 = (long) token3 * x.blocks();
        long sums3 = block3 * Activations.BLOCK / Activations.SUM_RUN;
        long x3 = block3 * Activations.BLOCK * Integer.BYTES;
        MemorySegment out = y.floats();
        int row = group * ROWS;
        long y0 = ((long) token0 * w.rows() + row) * Float.BYTES;
        long y1 = ((long) token1 * w.rows() + row) * Float.BYTES;
        long y2 = ((long) token2 * w.rows() + row) * Float.BYTES;
        long y3 = ((long) token3 * w.rows() + row) * Float.BYTES;
        long weights = group * w.groupBytes();
        int vectors = w.columns() / 4;
        int vectorsPerRun = w.run() / 4;
        int lastOfRun = vectorsPerRun - 1;
        int runShift = Integer.numberOfTrailingZeros(vectorsPerRun);
        ShortVector dot0 = ShortVector.zero(SHORTS);
        ShortVector dot1 = ShortVector.zero(SHORTS);
        ShortVector dot2 = ShortVector.zero(SHORTS);
        ShortVector dot3 = ShortVector.zero(SHORTS);
        FloatVector low0 = FloatVector.zero(FLOATS);
        FloatVector high0 = FloatVector.zero(FLOATS);
        FloatVector low1 = FloatVector.zero(FLOATS);
        FloatVector high1 = FloatVector.zero(FLOATS);
        FloatVector low2 = FloatVector.zero(FLOATS);
        FloatVector high2 = FloatVector.zero(FLOATS);
        FloatVector low3 = FloatVector.zero(FLOATS);
        FloatVector high3 = FloatVector.zero(FLOATS);
        for (int i = 0; i < vectors; i++) {
            IntVector four = IntVector.fromMemorySegment(INTS, data, weights + (long) i * BYTES, ORDER);
            long at = 16L * i;

            ShortVector weight0 = four.and(LOWEST).reinterpretAsShorts();
            dot0 = dot0.add(weight0.mul(
                    IntVector.broadcast(INTS, pairs.get(JAVA_INT, x0 + at)).reinterpretAsShorts()));
            dot1 = dot1.add(weight0.mul(
                    IntVector.broadcast(INTS, pairs.get(JAVA_INT, x1 + at)).reinterpretAsShorts()));
            dot2 = dot2.add(weight0.mul(
                    IntVector.broadcast(INTS, pairs.get(JAVA_INT, x2 + at)).reinterpretAsShorts()));
            dot3 = dot3.add(weight0.mul(
                    IntVector.broadcast(INTS, pairs.get(JAVA_INT, x3 + at)).reinterpretAsShorts()));

            ShortVector weight1 = four.lanewise(LSHR, 4).and(LOWEST).reinterpretAsShorts();
            dot0 = dot0.add(weight1.mul(
                    IntVector.broadcast(INTS, pairs.get(JAVA_INT, x0 + at + 4)).reinterpretAsShorts()));
            dot1 = dot1.add(weight1.mul(
                    IntVector.broadcast(INTS, pairs.get(JAVA_INT, x1 + at + 4)).reinterpretAsShorts()));
            dot2 = dot2.add(weight1.mul(
                    IntVector.broadcast(INTS, pairs.get(JAVA_INT, x2 + at + 4)).reinterpretAsShorts()));
            dot3 = dot3.add(weight1.mul(
                    IntVector.broadcast(INTS, pairs.get(JAVA_INT, x3 + at + 4)).reinterpretAsShorts()));

            ShortVector weight2 = four.lanewise(LSHR, 8).and(LOWEST).reinterpretAsShorts();
            dot0 = dot0.add(weight2.mul(
                    IntVector.broadcast(INTS, pairs.get(JAVA_INT, x0 + at + 8)).reinterpretAsShorts()));
            dot1 = dot1.add(weight2.mul(
                    IntVector.broadcast(INTS, pairs.get(JAVA_INT, x1 + at + 8)).reinterpretAsShorts()));
            dot2 = dot2.add(weight2.mul(
                    IntVector.broadcast(INTS, pairs.get(JAVA_INT, x2 + at + 8)).reinterpretAsShorts()));
            dot3 = dot3.add(weight2.mul(
                    IntVector.broadcast(INTS, pairs.get(JAVA_INT, x3 + at + 8)).reinterpretAsShorts()));

            ShortVector weight3 = four.lanewise(LSHR, 12).and(LOWEST).reinterpretAsShorts();
            dot0 = dot0.add(weight3.mul(
                    IntVector.broadcast(INTS, pairs.get(JAVA_INT, x0 + at + 12)).reinterpretAsShorts()));
            dot1 = dot1.add(weight3.mul(
                    IntVector.broadcast(INTS, pairs.get(JAVA_INT, x1 + at + 12)).reinterpretAsShorts()));
            dot2 = dot2.add(weight3.mul(
                    IntVector.broadcast(INTS, pairs.get(JAVA_INT, x2 + at + 12)).reinterpretAsShorts()));
            dot3 = dot3.add(weight3.mul(
                    IntVector.broadcast(INTS, pairs.get(JAVA_INT, x3 + at + 12)).reinterpretAsShorts()));

            if ((i & lastOfRun) == lastOfRun) {
                int run = i >> runShift;
                FloatVector scaleLow = FloatVector.fromArray(FLOATS, scales, run * ROWS);
                FloatVector scaleHigh = FloatVector.fromArray(FLOATS, scales, run * ROWS + HALF);
                long block = run >> blockShift;
                long firstSum = (long) run * sumsPerRun;
                float xScale0 = xScales.getAtIndex(JAVA_FLOAT, block0 + block);
                int xSum0 = xSums.getAtIndex(JAVA_INT, sums0 + firstSum)
                        + (sumsPerRun == 2 ? xSums.getAtIndex(JAVA_INT, sums0 + firstSum + 1) : 0);
                float xScale1 = xScales.getAtIndex(JAVA_FLOAT, block1 + block);
                int xSum1 = xSums.getAtIndex(JAVA_INT, sums1 + firstSum)
                        + (sumsPerRun == 2 ? xSums.getAtIndex(JAVA_INT, sums1 + firstSum + 1) : 0);
                float xScale2 = xScales.getAtIndex(JAVA_FLOAT, block2 + block);
                int xSum2 = xSums.getAtIndex(JAVA_INT, sums2 + firstSum)
                        + (sumsPerRun == 2 ? xSums.getAtIndex(JAVA_INT, sums2 + firstSum + 1) : 0);
                float xScale3 = xScales.getAtIndex(JAVA_FLOAT, block3 + block);
                int xSum3 = xSums.getAtIndex(JAVA_INT, sums3 + firstSum)
                        + (sumsPerRun == 2 ? xSums.getAtIndex(JAVA_INT, sums3 + firstSum + 1) : 0);
                IntVector dots0 = dot0.sub((short) (OFFSET * xSum0)).reinterpretAsInts();
                int again0 = minimums ? OFFSET * xSum0 : 0;
                low0 = ((FloatVector) dots0.lanewise(LSHL, 16)
                                .lanewise(ASHR, 16)
                                .add(again0)
                                .convert(I2F, 0))
                        .fma(scaleLow.mul(xScale0), low0);
                high0 = ((FloatVector) dots0.lanewise(ASHR, 16).add(again0).convert(I2F, 0))
                        .fma(scaleHigh.mul(xScale0), high0);
                dot0 = ShortVector.zero(SHORTS);
                IntVector dots1 = dot1.sub((short) (OFFSET * xSum1)).reinterpretAsInts();
                int again1 = minimums ? OFFSET * xSum1 : 0;
                low1 = ((FloatVector) dots1.lanewise(LSHL, 16)
                                .lanewise(ASHR, 16)
                                .add(again1)
                                .convert(I2F, 0))
                        .fma(scaleLow.mul(xScale1), low1);
                high1 = ((FloatVector) dots1.lanewise(ASHR, 16).add(again1).convert(I2F, 0))
                        .fma(scaleHigh.mul(xScale1), high1);
                dot1 = ShortVector.zero(SHORTS);
                IntVector dots2 = dot2.sub((short) (OFFSET * xSum2)).reinterpretAsInts();
                int again2 = minimums ? OFFSET * xSum2 : 0;
                low2 = ((FloatVector) dots2.lanewise(LSHL, 16)
                                .lanewise(ASHR, 16)
                                .add(again2)
                                .convert(I2F, 0))
                        .fma(scaleLow.mul(xScale2), low2);
                high2 = ((FloatVector) dots2.lanewise(ASHR, 16).add(again2).convert(I2F, 0))
                        .fma(scaleHigh.mul(xScale2), high2);
                dot2 = ShortVector.zero(SHORTS);
                IntVector dots3 = dot3.sub((short) (OFFSET * xSum3)).reinterpretAsInts();
                int again3 = minimums ? OFFSET * xSum3 : 0;
                low3 = ((FloatVector) dots3.lanewise(LSHL, 16)
                                .lanewise(ASHR, 16)
                                .add(again3)
                                .convert(I2F, 0))
                        .fma(scaleLow.mul(xScale3), low3);
                high3 = ((FloatVector) dots3.lanewise(ASHR, 16).add(again3).convert(I2F, 0))
                        .fma(scaleHigh.mul(xScale3), high3);
                dot3 = ShortVector.zero(SHORTS);
                if (minimums) {
                    FloatVector minimumLow = FloatVector.fromArray(FLOATS, runMinimums, run * ROWS);
                    FloatVector minimumHigh = FloatVector.fromArray(FLOATS, runMinimums, run * ROWS + HALF);
                    low0 = minimumLow.mul(xScale0).fma(FloatVector.broadcast(FLOATS, xSum0), low0);
                    high0 = minimumHigh.mul(xScale0).fma(FloatVector.broadcast(FLOATS, xSum0), high0);
                    low1 = minimumLow.mul(xScale1).fma(FloatVector.broadcast(FLOATS, xSum1), low1);
                    high1 = minimumHigh.mul(xScale1).fma(FloatVector.broadcast(FLOATS, xSum1), high1);
                    low2 = minimumLow.mul(xScale2).fma(FloatVector.broadcast(FLOATS, xSum2), low2);
                    high2 = minimumHigh.mul(xScale2).fma(FloatVector.broadcast(FLOATS, xSum2), high2);
                    low3 = minimumLow.mul(xScale3).fma(FloatVector.broadcast(FLOATS, xSum3), low3);
                    high3 = minimumHigh.mul(xScale3).fma(FloatVector.broadcast(FLOATS, xSum3), high3);
                }
            }
        }

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
