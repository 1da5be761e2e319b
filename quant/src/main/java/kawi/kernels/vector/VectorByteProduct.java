package kawi.kernels.vector;

import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.I2F;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static kawi.kernels.vector.VectorScratch.CHUNK;
import static kawi.kernels.vector.VectorScratch.TILE;
import static kawi.kernels.vector.VectorWidth.BYTES;
import static kawi.kernels.vector.VectorWidth.FLOATS;
import static kawi.kernels.vector.VectorWidth.HALF;
import static kawi.kernels.vector.VectorWidth.INTS;
import static kawi.kernels.vector.VectorWidth.ROWS;
import static kawi.kernels.vector.VectorWidth.SHORTS;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import kawi.kernels.Activations;

/**
 * Products with weights of 5 to 8 bits, stored as bytes.
 *
 * <p>Two products of int8, at most 2 * 128 * 127 = 32512, fit a lane of 16 bits; the sum {@code D} of the up to 16 such
 * pairs {@code p} of a run does not. It is exact all the same from two sums in 16-bit lanes:
 *
 * <pre>
 *    A = sum p                                    modulo 2^16
 *    B = sum (p >> 8)                             at most 16 * 127, fits
 *    D = 256 B + ((A - 256 B) modulo 2^16)        because D - 256 B, the sum of the low bytes, is 0 to 16 * 255
 * </pre>
 *
 * <p>That takes 6 instructions for two weights of as many rows as there are shorts; widening every pair to ints takes
 * 8. For the division into methods see {@link VectorNibbleProduct}.
 */
final class VectorByteProduct {

    private static final ByteOrder ORDER = ByteOrder.nativeOrder();

    private VectorByteProduct() {}

    /** Multiplies one group of rows, whose scales are in {@code scratch}, with the {@code tokens} in it. */
    static void multiply(VectorMatrix w, int group, VectorScratch scratch, int tokens, Activations y, int firstToken) {
        int token = 0;
        while (token < tokens) {
            // Three tokens are processed as four, with the last one twice, which is still faster than one by one.
            int tile = tokens - token > 2 ? Math.min(TILE, tokens - token) : 1;
            scratch.clearSums();
            for (int column = 0; column < w.columns(); column += CHUNK) {
                int columns = Math.min(CHUNK, w.columns() - column);
                if (tile == 1) {
                    one(w, group, scratch, token, column, columns);
                } else {
                    four(w, group, scratch, token, token + tile - 1, column, columns);
                }
                for (int t = 0; t < tile; t++) {
                    accumulate(w, scratch, token + t, t, tile == 1 ? 1 : TILE, column, columns);
                }
            }
            for (int t = 0; t < tile; t++) {
                scratch.store(t, y, firstToken + token + t, group * ROWS);
            }
            token += tile;
        }
    }

    /** Dot products of one token: {@code [runs][A, B][rows]}. */
    private static void one(VectorMatrix w, int group, VectorScratch scratch, int token, int column, int columns) {
        MemorySegment data = w.data();
        int[] x = scratch.activations();
        int[] dots = scratch.dots();
        long weights = group * w.groupBytes() + (long) column / 2 * BYTES;
        int vectors = columns / 2;
        int vectorsPerRun = w.run() / 2;
        int lastOfRun = vectorsPerRun - 1;
        int runShift = Integer.numberOfTrailingZeros(vectorsPerRun);
        int x0 = token * w.columns() + column;
        // The shift count is known to be 8 only at run time: the compiler would reload a constant count for every
        // shift.
        int eight = w.weights().bits();
        ShortVector a0 = ShortVector.zero(SHORTS);
        ShortVector b0 = ShortVector.zero(SHORTS);
        for (int i = 0; i < vectors; i++) {
            ShortVector both = IntVector.fromMemorySegment(INTS, data, weights + (long) i * BYTES, ORDER)
                    .reinterpretAsShorts();
            ShortVector weight0 = both.lanewise(LSHL, eight).lanewise(ASHR, eight);
            ShortVector weight1 = both.lanewise(ASHR, eight);
            int at = 2 * i;
            ShortVector pair0 = weight0.mul(
                            IntVector.broadcast(INTS, x[x0 + at]).reinterpretAsShorts())
                    .add(weight1.mul(IntVector.broadcast(INTS, x[x0 + at + 1]).reinterpretAsShorts()));
            a0 = a0.add(pair0);
            b0 = b0.add(pair0.lanewise(ASHR, eight));

            if ((i & lastOfRun) == lastOfRun) {
                int to = (i >> runShift) * 2 * HALF;
                a0.reinterpretAsInts().intoArray(dots, to);
                b0.reinterpretAsInts().intoArray(dots, to + HALF);
                a0 = ShortVector.zero(SHORTS);
                b0 = ShortVector.zero(SHORTS);
            }
        }
    }

    /** The same of four tokens, for which the weights are unpacked once: {@code [runs][4 tokens][A, B][rows]}. */
    private static void four(
            VectorMatrix w, int group, VectorScratch scratch, int token, int lastToken, int column, int columns) {
        MemorySegment data = w.data();
        int[] x = scratch.activations();
        int[] dots = scratch.dots();
        long weights = group * w.groupBytes() + (long) column / 2 * BYTES;
        int vectors = columns / 2;
        int vectorsPerRun = w.run() / 2;
        int lastOfRun = vectorsPerRun - 1;
        int runShift = Integer.numberOfTrailingZeros(vectorsPerRun);
        int x0 = token * w.columns() + column;
        int x1 = x0 + w.columns();
        int x2 = x1 + w.columns();
        int x3 = lastToken * w.columns() + column;
        // The shift count is known to be 8 only at run time: the compiler would reload a constant count for every
        // shift.
        int eight = w.weights().bits();
        ShortVector a0 = ShortVector.zero(SHORTS);
        ShortVector b0 = ShortVector.zero(SHORTS);
        ShortVector a1 = ShortVector.zero(SHORTS);
        ShortVector b1 = ShortVector.zero(SHORTS);
        ShortVector a2 = ShortVector.zero(SHORTS);
        ShortVector b2 = ShortVector.zero(SHORTS);
        ShortVector a3 = ShortVector.zero(SHORTS);
        ShortVector b3 = ShortVector.zero(SHORTS);
        for (int i = 0; i < vectors; i++) {
            ShortVector both = IntVector.fromMemorySegment(INTS, data, weights + (long) i * BYTES, ORDER)
                    .reinterpretAsShorts();
            ShortVector weight0 = both.lanewise(LSHL, eight).lanewise(ASHR, eight);
            ShortVector weight1 = both.lanewise(ASHR, eight);
            int at = 2 * i;
            ShortVector pair0 = weight0.mul(
                            IntVector.broadcast(INTS, x[x0 + at]).reinterpretAsShorts())
                    .add(weight1.mul(IntVector.broadcast(INTS, x[x0 + at + 1]).reinterpretAsShorts()));
            a0 = a0.add(pair0);
            b0 = b0.add(pair0.lanewise(ASHR, eight));
            ShortVector pair1 = weight0.mul(
                            IntVector.broadcast(INTS, x[x1 + at]).reinterpretAsShorts())
                    .add(weight1.mul(IntVector.broadcast(INTS, x[x1 + at + 1]).reinterpretAsShorts()));
            a1 = a1.add(pair1);
            b1 = b1.add(pair1.lanewise(ASHR, eight));
            ShortVector pair2 = weight0.mul(
                            IntVector.broadcast(INTS, x[x2 + at]).reinterpretAsShorts())
                    .add(weight1.mul(IntVector.broadcast(INTS, x[x2 + at + 1]).reinterpretAsShorts()));
            a2 = a2.add(pair2);
            b2 = b2.add(pair2.lanewise(ASHR, eight));
            ShortVector pair3 = weight0.mul(
                            IntVector.broadcast(INTS, x[x3 + at]).reinterpretAsShorts())
                    .add(weight1.mul(IntVector.broadcast(INTS, x[x3 + at + 1]).reinterpretAsShorts()));
            a3 = a3.add(pair3);
            b3 = b3.add(pair3.lanewise(ASHR, eight));

            if ((i & lastOfRun) == lastOfRun) {
                int to = (i >> runShift) * TILE * 2 * HALF;
                a0.reinterpretAsInts().intoArray(dots, to);
                b0.reinterpretAsInts().intoArray(dots, to + HALF);
                a1.reinterpretAsInts().intoArray(dots, to + 2 * HALF);
                b1.reinterpretAsInts().intoArray(dots, to + 3 * HALF);
                a2.reinterpretAsInts().intoArray(dots, to + 4 * HALF);
                b2.reinterpretAsInts().intoArray(dots, to + 5 * HALF);
                a3.reinterpretAsInts().intoArray(dots, to + 6 * HALF);
                b3.reinterpretAsInts().intoArray(dots, to + 7 * HALF);
                a0 = ShortVector.zero(SHORTS);
                b0 = ShortVector.zero(SHORTS);
                a1 = ShortVector.zero(SHORTS);
                b1 = ShortVector.zero(SHORTS);
                a2 = ShortVector.zero(SHORTS);
                b2 = ShortVector.zero(SHORTS);
                a3 = ShortVector.zero(SHORTS);
                b3 = ShortVector.zero(SHORTS);
            }
        }
    }

    /**
     * Adds the runs of a chunk to the sums of one token, which is number {@code slot} of the {@code tile} in the dot
     * products.
     */
    private static void accumulate(
            VectorMatrix w, VectorScratch scratch, int token, int slot, int tile, int column, int columns) {
        int[] dots = scratch.dots();
        float[] sums = scratch.sums();
        float[] scales = scratch.scales();
        float[] minimumScales = scratch.minimums();
        float[] xScales = scratch.activationScales();
        float[] xMinimums = scratch.activationMinimums();
        boolean minimums = w.minimums();
        int runs = columns / w.run();
        int firstRun = column / w.run();
        int firstOfToken = token * w.runs() + firstRun;
        // The shift count is known to be 8 only at run time: the compiler would reload a constant count for every
        // shift.
        int eight = w.weights().bits();
        FloatVector low = FloatVector.fromArray(FLOATS, sums, slot * ROWS);
        FloatVector high = FloatVector.fromArray(FLOATS, sums, slot * ROWS + HALF);
        for (int r = 0; r < runs; r++) {
            float xScale = xScales[firstOfToken + r];
            int from = (r * tile + slot) * 2 * HALF;
            ShortVector a = IntVector.fromArray(INTS, dots, from).reinterpretAsShorts();
            IntVector b = IntVector.fromArray(INTS, dots, from + HALF);
            IntVector rest =
                    a.sub(b.reinterpretAsShorts().lanewise(LSHL, eight)).reinterpretAsInts();
            FloatVector dotLow = (FloatVector)
                    b.lanewise(LSHL, 16).lanewise(ASHR, 8).add(rest.and(0xffff)).convert(I2F, 0);
            FloatVector dotHigh = (FloatVector) b.lanewise(ASHR, 16)
                    .lanewise(LSHL, 8)
                    .add(rest.lanewise(LSHR, 16))
                    .convert(I2F, 0);
            int at = (firstRun + r) * ROWS;
            low = dotLow.fma(FloatVector.fromArray(FLOATS, scales, at).mul(xScale), low);
            high = dotHigh.fma(FloatVector.fromArray(FLOATS, scales, at + HALF).mul(xScale), high);
            if (minimums) {
                FloatVector xMinimum = FloatVector.broadcast(FLOATS, xMinimums[firstOfToken + r]);
                low = FloatVector.fromArray(FLOATS, minimumScales, at).fma(xMinimum, low);
                high = FloatVector.fromArray(FLOATS, minimumScales, at + HALF).fma(xMinimum, high);
            }
        }
        low.intoArray(sums, slot * ROWS);
        high.intoArray(sums, slot * ROWS + HALF);
    }
}
