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
 * Products with weights of 4 bits.
 *
 * <pre>
 *    lane r of 16 bits:   dot[r] = sum over a run of (u[r][k] - 8) * xq[k]
 * </pre>
 *
 * <p>With integers from -8 to 7 the sum of 32 products is at most 8 * 127 * 32 = 32512 and fits 16 bits, so a whole run
 * is multiplied and added in 16-bit lanes, one row each, twice as many as there are ints. Arithmetic on them is modulo
 * 2^16: the sum of {@code u * xq} may overflow, and taking 8 times the sum of {@code xq} from it still leaves the exact
 * value. For formats with minimums, whose integers are 0 to 15, that is added again once the dot product has been
 * widened.
 *
 * <p>The 4 weights of a lane are brought to its lowest bits by shifting vectors of ints, because shifts of 16-bit lanes
 * by a constant are slower; the mask removes what crosses lanes.
 *
 * <p>The integer part and the float part are separate methods, and a chunk of columns goes through one and then the
 * other: together they exceed the inlining limits of the compilers, and vectors would become objects.
 */
final class VectorNibbleProduct {

    private static final ByteOrder ORDER = ByteOrder.nativeOrder();

    /** The lowest weight of every 16-bit lane. */
    private static final int LOWEST = 0x000f_000f;

    private static final int OFFSET = 8;

    private VectorNibbleProduct() {}

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

    /** Dot products of one token: {@code [runs][rows]}, as sums of {@code u * xq} modulo 2^16. */
    private static void one(VectorMatrix w, int group, VectorScratch scratch, int token, int column, int columns) {
        MemorySegment data = w.data();
        int[] x = scratch.activations();
        int[] dots = scratch.dots();
        long weights = group * w.groupBytes() + (long) column / 4 * BYTES;
        int vectors = columns / 4;
        int vectorsPerRun = w.run() / 4;
        int lastOfRun = vectorsPerRun - 1;
        int runShift = Integer.numberOfTrailingZeros(vectorsPerRun);
        int x0 = token * w.columns() + column;
        // The latency of a single chain of additions would dominate.
        ShortVector dot0 = ShortVector.zero(SHORTS);
        ShortVector dot1 = ShortVector.zero(SHORTS);
        ShortVector dot2 = ShortVector.zero(SHORTS);
        ShortVector dot3 = ShortVector.zero(SHORTS);
        for (int i = 0; i < vectors; i++) {
            IntVector weight = IntVector.fromMemorySegment(INTS, data, weights + (long) i * BYTES, ORDER);
            int at = x0 + 4 * i;
            dot0 = dot0.add(weight.and(LOWEST)
                    .reinterpretAsShorts()
                    .mul(IntVector.broadcast(INTS, x[at]).reinterpretAsShorts()));
            dot1 = dot1.add(weight.lanewise(LSHR, 4)
                    .and(LOWEST)
                    .reinterpretAsShorts()
                    .mul(IntVector.broadcast(INTS, x[at + 1]).reinterpretAsShorts()));
            dot2 = dot2.add(weight.lanewise(LSHR, 8)
                    .and(LOWEST)
                    .reinterpretAsShorts()
                    .mul(IntVector.broadcast(INTS, x[at + 2]).reinterpretAsShorts()));
            dot3 = dot3.add(weight.lanewise(LSHR, 12)
                    .and(LOWEST)
                    .reinterpretAsShorts()
                    .mul(IntVector.broadcast(INTS, x[at + 3]).reinterpretAsShorts()));
            if ((i & lastOfRun) == lastOfRun) {
                dot0.add(dot1).add(dot2.add(dot3)).reinterpretAsInts().intoArray(dots, (i >> runShift) * HALF);
                dot0 = ShortVector.zero(SHORTS);
                dot1 = ShortVector.zero(SHORTS);
                dot2 = ShortVector.zero(SHORTS);
                dot3 = ShortVector.zero(SHORTS);
            }
        }
    }

    /** The same of four tokens, for which the weights are unpacked once: {@code [runs][4 tokens][rows]}. */
    private static void four(
            VectorMatrix w, int group, VectorScratch scratch, int token, int lastToken, int column, int columns) {
        MemorySegment data = w.data();
        int[] x = scratch.activations();
        int[] dots = scratch.dots();
        long weights = group * w.groupBytes() + (long) column / 4 * BYTES;
        int vectors = columns / 4;
        int vectorsPerRun = w.run() / 4;
        int lastOfRun = vectorsPerRun - 1;
        int runShift = Integer.numberOfTrailingZeros(vectorsPerRun);
        int x0 = token * w.columns() + column;
        int x1 = x0 + w.columns();
        int x2 = x1 + w.columns();
        int x3 = lastToken * w.columns() + column;
        ShortVector dot0 = ShortVector.zero(SHORTS);
        ShortVector dot1 = ShortVector.zero(SHORTS);
        ShortVector dot2 = ShortVector.zero(SHORTS);
        ShortVector dot3 = ShortVector.zero(SHORTS);
        for (int i = 0; i < vectors; i++) {
            IntVector weight = IntVector.fromMemorySegment(INTS, data, weights + (long) i * BYTES, ORDER);
            int at = 4 * i;

            ShortVector weight0 = weight.and(LOWEST).reinterpretAsShorts();
            dot0 = dot0.add(weight0.mul(IntVector.broadcast(INTS, x[x0 + at]).reinterpretAsShorts()));
            dot1 = dot1.add(weight0.mul(IntVector.broadcast(INTS, x[x1 + at]).reinterpretAsShorts()));
            dot2 = dot2.add(weight0.mul(IntVector.broadcast(INTS, x[x2 + at]).reinterpretAsShorts()));
            dot3 = dot3.add(weight0.mul(IntVector.broadcast(INTS, x[x3 + at]).reinterpretAsShorts()));

            ShortVector weight1 = weight.lanewise(LSHR, 4).and(LOWEST).reinterpretAsShorts();
            dot0 = dot0.add(
                    weight1.mul(IntVector.broadcast(INTS, x[x0 + at + 1]).reinterpretAsShorts()));
            dot1 = dot1.add(
                    weight1.mul(IntVector.broadcast(INTS, x[x1 + at + 1]).reinterpretAsShorts()));
            dot2 = dot2.add(
                    weight1.mul(IntVector.broadcast(INTS, x[x2 + at + 1]).reinterpretAsShorts()));
            dot3 = dot3.add(
                    weight1.mul(IntVector.broadcast(INTS, x[x3 + at + 1]).reinterpretAsShorts()));

            ShortVector weight2 = weight.lanewise(LSHR, 8).and(LOWEST).reinterpretAsShorts();
            dot0 = dot0.add(
                    weight2.mul(IntVector.broadcast(INTS, x[x0 + at + 2]).reinterpretAsShorts()));
            dot1 = dot1.add(
                    weight2.mul(IntVector.broadcast(INTS, x[x1 + at + 2]).reinterpretAsShorts()));
            dot2 = dot2.add(
                    weight2.mul(IntVector.broadcast(INTS, x[x2 + at + 2]).reinterpretAsShorts()));
            dot3 = dot3.add(
                    weight2.mul(IntVector.broadcast(INTS, x[x3 + at + 2]).reinterpretAsShorts()));

            ShortVector weight3 = weight.lanewise(LSHR, 12).and(LOWEST).reinterpretAsShorts();
            dot0 = dot0.add(
                    weight3.mul(IntVector.broadcast(INTS, x[x0 + at + 3]).reinterpretAsShorts()));
            dot1 = dot1.add(
                    weight3.mul(IntVector.broadcast(INTS, x[x1 + at + 3]).reinterpretAsShorts()));
            dot2 = dot2.add(
                    weight3.mul(IntVector.broadcast(INTS, x[x2 + at + 3]).reinterpretAsShorts()));
            dot3 = dot3.add(
                    weight3.mul(IntVector.broadcast(INTS, x[x3 + at + 3]).reinterpretAsShorts()));

            if ((i & lastOfRun) == lastOfRun) {
                int to = (i >> runShift) * TILE * HALF;
                dot0.reinterpretAsInts().intoArray(dots, to);
                dot1.reinterpretAsInts().intoArray(dots, to + HALF);
                dot2.reinterpretAsInts().intoArray(dots, to + 2 * HALF);
                dot3.reinterpretAsInts().intoArray(dots, to + 3 * HALF);
                dot0 = ShortVector.zero(SHORTS);
                dot1 = ShortVector.zero(SHORTS);
                dot2 = ShortVector.zero(SHORTS);
                dot3 = ShortVector.zero(SHORTS);
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
        int[] xSums = scratch.activationSums();
        float[] xMinimums = scratch.activationMinimums();
        boolean minimums = w.minimums();
        int runs = columns / w.run();
        int firstRun = column / w.run();
        int firstOfToken = token * w.runs() + firstRun;
        FloatVector low = FloatVector.fromArray(FLOATS, sums, slot * ROWS);
        FloatVector high = FloatVector.fromArray(FLOATS, sums, slot * ROWS + HALF);
        for (int r = 0; r < runs; r++) {
            float xScale = xScales[firstOfToken + r];
            int xSum = xSums[firstOfToken + r];
            ShortVector wrapped =
                    IntVector.fromArray(INTS, dots, (r * tile + slot) * HALF).reinterpretAsShorts();
            IntVector dot = wrapped.sub((short) (OFFSET * xSum)).reinterpretAsInts();
            int again = minimums ? OFFSET * xSum : 0;
            FloatVector dotLow = (FloatVector)
                    dot.lanewise(LSHL, 16).lanewise(ASHR, 16).add(again).convert(I2F, 0);
            FloatVector dotHigh =
                    (FloatVector) dot.lanewise(ASHR, 16).add(again).convert(I2F, 0);
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
