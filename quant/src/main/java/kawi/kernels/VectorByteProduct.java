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
 * Products with weights of 5 to 8 bits, stored as bytes.
 *
 * <p>Two products of int8, at most 2 * 128 * 127 = 32512, fit a lane of 16 bits; the sum {@code D} of the up to 16 such pairs
 * {@code p} of a run does not. It is exact all the same from two sums in 16-bit lanes:
 *
 * <pre>
 *    A = sum p        modulo 2^16
 *    B = sum (p >> 8)                             at most 16 * 127, fits
 *    D = 256 B + ((A - 256 B) modulo 2^16)        because D - 256 B, the sum of the low bytes, is 0 to 16 * 255
 * </pre>
 *
 * <p>That takes 6 instructions for two weights of as many rows as there are shorts; widening every pair to ints takes 8.
 */
final class VectorByteProduct {

    private static final ByteOrder ORDER = ByteOrder.nativeOrder();

    private VectorByteProduct() {}

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

    /** One token. */
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
        int vectors = w.columns() / 2;
        int vectorsPerRun = w.run() / 2;
        int lastOfRun = vectorsPerRun - 1;
        int runShift = Integer.numberOfTrailingZeros(vectorsPerRun);
        // Known to be 8 only at run time: the compiler would load a constant shift count anew for every shift.
        int eight = w.weights().bits();
        ShortVector dot0 = ShortVector.zero(SHORTS);
        ShortVector aboves0 = ShortVector.zero(SHORTS);
        FloatVector low0 = FloatVector.zero(FLOATS);
        FloatVector high0 = FloatVector.zero(FLOATS);
        for (int i = 0; i < vectors; i++) {
            ShortVector two = IntVector.fromMemorySegment(INTS, data, weights + (long) i * BYTES, ORDER)
                    .reinterpretAsShorts();
            ShortVector weight0 = two.lanewise(LSHL, eight).lanewise(ASHR, eight);
            ShortVector weight1 = two.lanewise(ASHR, eight);
            long at = 8L * i;
            ShortVector pair0 = weight0.mul(IntVector.broadcast(INTS, pairs.get(JAVA_INT, x0 + at))
                            .reinterpretAsShorts())
                    .add(weight1.mul(IntVector.broadcast(INTS, pairs.get(JAVA_INT, x0 + at + 4))
                            .reinterpretAsShorts()));
            dot0 = dot0.add(pair0);
            aboves0 = aboves0.add(pair0.lanewise(ASHR, eight));

            if ((i & lastOfRun) == lastOfRun) {
                int run = i >> runShift;
                FloatVector scaleLow = FloatVector.fromArray(FLOATS, scales, run * ROWS);
                FloatVector scaleHigh = FloatVector.fromArray(FLOATS, scales, run * ROWS + HALF);
                long block = run >> blockShift;
                long firstSum = (long) run * sumsPerRun;
                float xScale0 = xScales.getAtIndex(JAVA_FLOAT, block0 + block);
                int xSum0 = xSums.getAtIndex(JAVA_INT, sums0 + firstSum)
                        + (sumsPerRun == 2 ? xSums.getAtIndex(JAVA_INT, sums0 + firstSum + 1) : 0);
                IntVector above0 = aboves0.reinterpretAsInts();
                IntVector below0 = dot0.sub(aboves0.lanewise(LSHL, eight)).reinterpretAsInts();
                low0 = ((FloatVector) above0.lanewise(LSHL, 16)
                                .lanewise(ASHR, 8)
                                .add(below0.and(0xffff))
                                .convert(I2F, 0))
                        .fma(scaleLow.mul(xScale0), low0);
                high0 = ((FloatVector) above0.lanewise(ASHR, 16)
                                .lanewise(LSHL, 8)
                                .add(below0.lanewise(LSHR, 16))
                                .convert(I2F, 0))
                        .fma(scaleHigh.mul(xScale0), high0);
                dot0 = ShortVector.zero(SHORTS);
                aboves0 = ShortVector.zero(SHORTS);
                if (minimums) {
                    FloatVector minimumLow = FloatVector.fromArray(FLOATS, runMinimums, run * ROWS);
                    FloatVector minimumHigh = FloatVector.fromArray(FLOATS, runMinimums, run * ROWS + HALF);
                    low0 = minimumLow.mul(xScale0).fma(FloatVector.broadcast(FLOATS, xSum0), low0);
                    high0 = minimumHigh.mul(xScale0).fma(FloatVector.broadcast(FLOATS, xSum0), high0);
                }
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
        int vectors = w.columns() / 2;
        int vectorsPerRun = w.run() / 2;
        int lastOfRun = vectorsPerRun - 1;
        int runShift = Integer.numberOfTrailingZeros(vectorsPerRun);
        // Known to be 8 only at run time: the compiler would load a constant shift count anew for every shift.
        int eight = w.weights().bits();
        ShortVector dot0 = ShortVector.zero(SHORTS);
        ShortVector aboves0 = ShortVector.zero(SHORTS);
        ShortVector dot1 = ShortVector.zero(SHORTS);
        ShortVector aboves1 = ShortVector.zero(SHORTS);
        ShortVector dot2 = ShortVector.zero(SHORTS);
        ShortVector aboves2 = ShortVector.zero(SHORTS);
        ShortVector dot3 = ShortVector.zero(SHORTS);
        ShortVector aboves3 = ShortVector.zero(SHORTS);
        FloatVector low0 = FloatVector.zero(FLOATS);
        FloatVector high0 = FloatVector.zero(FLOATS);
        FloatVector low1 = FloatVector.zero(FLOATS);
        FloatVector high1 = FloatVector.zero(FLOATS);
        FloatVector low2 = FloatVector.zero(FLOATS);
        FloatVector high2 = FloatVector.zero(FLOATS);
        FloatVector low3 = FloatVector.zero(FLOATS);
        FloatVector high3 = FloatVector.zero(FLOATS);
        for (int i = 0; i < vectors; i++) {
            ShortVector two = IntVector.fromMemorySegment(INTS, data, weights + (long) i * BYTES, ORDER)
                    .reinterpretAsShorts();
            ShortVector weight0 = two.lanewise(LSHL, eight).lanewise(ASHR, eight);
            ShortVector weight1 = two.lanewise(ASHR, eight);
            long at = 8L * i;
            ShortVector pair0 = weight0.mul(IntVector.broadcast(INTS, pairs.get(JAVA_INT, x0 + at))
                            .reinterpretAsShorts())
                    .add(weight1.mul(IntVector.broadcast(INTS, pairs.get(JAVA_INT, x0 + at + 4))
                            .reinterpretAsShorts()));
            dot0 = dot0.add(pair0);
            aboves0 = aboves0.add(pair0.lanewise(ASHR, eight));
            ShortVector pair1 = weight0.mul(IntVector.broadcast(INTS, pairs.get(JAVA_INT, x1 + at))
                            .reinterpretAsShorts())
                    .add(weight1.mul(IntVector.broadcast(INTS, pairs.get(JAVA_INT, x1 + at + 4))
                            .reinterpretAsShorts()));
            dot1 = dot1.add(pair1);
            aboves1 = aboves1.add(pair1.lanewise(ASHR, eight));
            ShortVector pair2 = weight0.mul(IntVector.broadcast(INTS, pairs.get(JAVA_INT, x2 + at))
                            .reinterpretAsShorts())
                    .add(weight1.mul(IntVector.broadcast(INTS, pairs.get(JAVA_INT, x2 + at + 4))
                            .reinterpretAsShorts()));
            dot2 = dot2.add(pair2);
            aboves2 = aboves2.add(pair2.lanewise(ASHR, eight));
            ShortVector pair3 = weight0.mul(IntVector.broadcast(INTS, pairs.get(JAVA_INT, x3 + at))
                            .reinterpretAsShorts())
                    .add(weight1.mul(IntVector.broadcast(INTS, pairs.get(JAVA_INT, x3 + at + 4))
                            .reinterpretAsShorts()));
            dot3 = dot3.add(pair3);
            aboves3 = aboves3.add(pair3.lanewise(ASHR, eight));

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
                IntVector above0 = aboves0.reinterpretAsInts();
                IntVector below0 = dot0.sub(aboves0.lanewise(LSHL, eight)).reinterpretAsInts();
                low0 = ((FloatVector) above0.lanewise(LSHL, 16)
                                .lanewise(ASHR, 8)
                                .add(below0.and(0xffff))
                                .convert(I2F, 0))
                        .fma(scaleLow.mul(xScale0), low0);
                high0 = ((FloatVector) above0.lanewise(ASHR, 16)
                                .lanewise(LSHL, 8)
                                .add(below0.lanewise(LSHR, 16))
                                .convert(I2F, 0))
                        .fma(scaleHigh.mul(xScale0), high0);
                dot0 = ShortVector.zero(SHORTS);
                aboves0 = ShortVector.zero(SHORTS);
                IntVector above1 = aboves1.reinterpretAsInts();
                IntVector below1 = dot1.sub(aboves1.lanewise(LSHL, eight)).reinterpretAsInts();
                low1 = ((FloatVector) above1.lanewise(LSHL, 16)
                                .lanewise(ASHR, 8)
                                .add(below1.and(0xffff))
                                .convert(I2F, 0))
                        .fma(scaleLow.mul(xScale1), low1);
                high1 = ((FloatVector) above1.lanewise(ASHR, 16)
                                .lanewise(LSHL, 8)
                                .add(below1.lanewise(LSHR, 16))
                                .convert(I2F, 0))
                        .fma(scaleHigh.mul(xScale1), high1);
                dot1 = ShortVector.zero(SHORTS);
                aboves1 = ShortVector.zero(SHORTS);
                IntVector above2 = aboves2.reinterpretAsInts();
                IntVector below2 = dot2.sub(aboves2.lanewise(LSHL, eight)).reinterpretAsInts();
                low2 = ((FloatVector) above2.lanewise(LSHL, 16)
                                .lanewise(ASHR, 8)
                                .add(below2.and(0xffff))
                                .convert(I2F, 0))
                        .fma(scaleLow.mul(xScale2), low2);
                high2 = ((FloatVector) above2.lanewise(ASHR, 16)
                                .lanewise(LSHL, 8)
                                .add(below2.lanewise(LSHR, 16))
                                .convert(I2F, 0))
                        .fma(scaleHigh.mul(xScale2), high2);
                dot2 = ShortVector.zero(SHORTS);
                aboves2 = ShortVector.zero(SHORTS);
                IntVector above3 = aboves3.reinterpretAsInts();
                IntVector below3 = dot3.sub(aboves3.lanewise(LSHL, eight)).reinterpretAsInts();
                low3 = ((FloatVector) above3.lanewise(LSHL, 16)
                                .lanewise(ASHR, 8)
                                .add(below3.and(0xffff))
                                .convert(I2F, 0))
                        .fma(scaleLow.mul(xScale3), low3);
                high3 = ((FloatVector) above3.lanewise(ASHR, 16)
                                .lanewise(LSHL, 8)
                                .add(below3.lanewise(LSHR, 16))
                                .convert(I2F, 0))
                        .fma(scaleHigh.mul(xScale3), high3);
                dot3 = ShortVector.zero(SHORTS);
                aboves3 = ShortVector.zero(SHORTS);
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
