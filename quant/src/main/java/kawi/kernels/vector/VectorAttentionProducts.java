package kawi.kernels.vector;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;
import kawi.kernels.KvPages;

/**
 * The two products of attention, over f32 keys and values in a page or in a tile: four rows at a time, so that a vector
 * of keys or values that has been read serves four sums, and one row at a time for what remains. Offsets and strides
 * count floats.
 *
 * <p>A tile holds widened numbers of {@value #TILE} positions, {@code keys [headDim][TILE]} or {@code values
 * [TILE][headDim]}: 32 KiB for heads of 256, which fits a core's first-level cache while all rows use it.
 */
public final class VectorAttentionProducts {

    private static final VectorSpecies<Float> FLOATS = VectorWidth.FLOATS;
    private static final VectorSpecies<Integer> INTS = VectorWidth.INTS;
    private static final VectorSpecies<Short> HALVES =
            VectorSpecies.of(short.class, VectorShape.forBitSize(FLOATS.vectorBitSize() / 2));
    private static final int LANES = FLOATS.length();
    private static final long VECTOR_BYTES = (long) LANES * Float.BYTES;
    private static final int PAIR = 2 * LANES;
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();

    private static final int HALF_INFINITY = 0x7c00;
    private static final int INFINITY = 0x7f80_0000;

    /** The difference between the exponent biases of f32 and f16. */
    private static final float REBIAS = 0x1p112f;

    /** Positions per tile; a page is a whole number of tiles. */
    static final int TILE = 32;

    private VectorAttentionProducts() {}

    /**
     * Widens keys [dim][POSITIONS], up to the end of the tile that contains position {@code n - 1}, to tiles [POSITIONS
     * / TILE][dim][TILE]. The page is read sequentially.
     */
    static void widenKeys(MemorySegment keys, long keysAt, int dim, int n, MemorySegment tiles, long tilesAt) {
        for (int d = 0; d < dim; d++) {
            long from = keysAt + (long) d * KvPages.POSITIONS;
            for (int j = 0; j < n; j += TILE) {
                widen(keys, from + j, TILE, tiles, tilesAt + ((long) j * dim + (long) d * TILE));
            }
        }
    }

    /**
     * Widens {@code n} numbers in half precision, a multiple of 16, exactly: with exponent and fraction moved to their
     * positions in f32, a number is too small by a factor of 2^112, including subnormal ones; infinities and NaN get
     * the exponent they must have.
     */
    public static void widen(MemorySegment halves, long at, int n, MemorySegment floats, long to) {
        long source = at * Short.BYTES;
        long target = to * Float.BYTES;
        for (int i = 0; i < n; i += LANES) {
            IntVector bits =
                    (IntVector) ShortVector.fromMemorySegment(HALVES, halves, source + (long) i * Short.BYTES, ORDER)
                            .convertShape(VectorOperators.S2I, INTS, 0);
            IntVector magnitude = bits.and(0x7fff);
            IntVector number = magnitude
                    .lanewise(VectorOperators.LSHL, 13)
                    .reinterpretAsFloats()
                    .mul(REBIAS)
                    .reinterpretAsInts();
            number.lanewise(VectorOperators.OR, INFINITY, magnitude.compare(VectorOperators.GE, HALF_INFINITY))
                    .or(bits.and(Integer.MIN_VALUE))
                    .reinterpretAsFloats()
                    .intoMemorySegment(floats, target + (long) i * Float.BYTES, ORDER);
        }
    }

    /**
     * Scores of four queries, in rows of {@link KvPages#POSITIONS} from {@code scoreAt} on. Whole pairs of vectors of
     * positions are computed, of which the first {@code n} count.
     */
    static void scores(
            MemorySegment q,
            long q0,
            long q1,
            long q2,
            long q3,
            int dim,
            MemorySegment keys,
            long keysAt,
            int stride,
            MemorySegment score,
            long scoreAt,
            int n) {
        for (int j = 0; j < n; j += PAIR) {
            FloatVector s00 = FloatVector.zero(FLOATS);
            FloatVector s01 = s00;
            FloatVector s10 = s00;
            FloatVector s11 = s00;
            FloatVector s20 = s00;
            FloatVector s21 = s00;
            FloatVector s30 = s00;
            FloatVector s31 = s00;
            for (int d = 0; d < dim; d++) {
                long k = (keysAt + j + (long) d * stride) * Float.BYTES;
                FloatVector k0 = FloatVector.fromMemorySegment(FLOATS, keys, k, ORDER);
                FloatVector k1 = FloatVector.fromMemorySegment(FLOATS, keys, k + VECTOR_BYTES, ORDER);
                FloatVector f0 = FloatVector.broadcast(FLOATS, q.getAtIndex(JAVA_FLOAT, q0 + d));
                s00 = k0.fma(f0, s00);
                s01 = k1.fma(f0, s01);
                FloatVector f1 = FloatVector.broadcast(FLOATS, q.getAtIndex(JAVA_FLOAT, q1 + d));
                s10 = k0.fma(f1, s10);
                s11 = k1.fma(f1, s11);
                FloatVector f2 = FloatVector.broadcast(FLOATS, q.getAtIndex(JAVA_FLOAT, q2 + d));
                s20 = k0.fma(f2, s20);
                s21 = k1.fma(f2, s21);
                FloatVector f3 = FloatVector.broadcast(FLOATS, q.getAtIndex(JAVA_FLOAT, q3 + d));
                s30 = k0.fma(f3, s30);
                s31 = k1.fma(f3, s31);
            }
            long to = (scoreAt + j) * Float.BYTES;
            long row = (long) KvPages.POSITIONS * Float.BYTES;
            s00.intoMemorySegment(score, to, ORDER);
            s01.intoMemorySegment(score, to + VECTOR_BYTES, ORDER);
            s10.intoMemorySegment(score, to + row, ORDER);
            s11.intoMemorySegment(score, to + row + VECTOR_BYTES, ORDER);
            s20.intoMemorySegment(score, to + 2 * row, ORDER);
            s21.intoMemorySegment(score, to + 2 * row + VECTOR_BYTES, ORDER);
            s30.intoMemorySegment(score, to + 3 * row, ORDER);
            s31.intoMemorySegment(score, to + 3 * row + VECTOR_BYTES, ORDER);
        }
    }

    /** Scores of one query. */
    static void scores(
            MemorySegment q,
            long query,
            int dim,
            MemorySegment keys,
            long keysAt,
            int stride,
            MemorySegment score,
            long scoreAt,
            int n) {
        int j = 0;
        for (; n - j > PAIR; j += 2 * PAIR) {
            FloatVector s0 = FloatVector.zero(FLOATS);
            FloatVector s1 = s0;
            FloatVector s2 = s0;
            FloatVector s3 = s0;
            for (int d = 0; d < dim; d++) {
                long k = (keysAt + j + (long) d * stride) * Float.BYTES;
                FloatVector f = FloatVector.broadcast(FLOATS, q.getAtIndex(JAVA_FLOAT, query + d));
                s0 = f.fma(FloatVector.fromMemorySegment(FLOATS, keys, k, ORDER), s0);
                s1 = f.fma(FloatVector.fromMemorySegment(FLOATS, keys, k + VECTOR_BYTES, ORDER), s1);
                s2 = f.fma(FloatVector.fromMemorySegment(FLOATS, keys, k + 2 * VECTOR_BYTES, ORDER), s2);
                s3 = f.fma(FloatVector.fromMemorySegment(FLOATS, keys, k + 3 * VECTOR_BYTES, ORDER), s3);
            }
            long to = (scoreAt + j) * Float.BYTES;
            s0.intoMemorySegment(score, to, ORDER);
            s1.intoMemorySegment(score, to + VECTOR_BYTES, ORDER);
            s2.intoMemorySegment(score, to + 2 * VECTOR_BYTES, ORDER);
            s3.intoMemorySegment(score, to + 3 * VECTOR_BYTES, ORDER);
        }
        if (j < n) {
            FloatVector s0 = FloatVector.zero(FLOATS);
            FloatVector s1 = s0;
            for (int d = 0; d < dim; d++) {
                long k = (keysAt + j + (long) d * stride) * Float.BYTES;
                FloatVector f = FloatVector.broadcast(FLOATS, q.getAtIndex(JAVA_FLOAT, query + d));
                s0 = f.fma(FloatVector.fromMemorySegment(FLOATS, keys, k, ORDER), s0);
                s1 = f.fma(FloatVector.fromMemorySegment(FLOATS, keys, k + VECTOR_BYTES, ORDER), s1);
            }
            long to = (scoreAt + j) * Float.BYTES;
            s0.intoMemorySegment(score, to, ORDER);
            s1.intoMemorySegment(score, to + VECTOR_BYTES, ORDER);
        }
    }

    /**
     * Adds {@code n} values, weighted by rows of {@link KvPages#POSITIONS} from {@code pAt} on, to four rows of
     * {@code rowFloats}.
     *
     * @return the number of leading dimensions that have been added
     */
    static int values(
            MemorySegment p,
            long pAt,
            int n,
            MemorySegment values,
            long valuesAt,
            int dim,
            MemorySegment out,
            long outAt,
            int rowFloats) {
        long row = (long) rowFloats * Float.BYTES;
        int d = 0;
        for (; d <= dim - PAIR; d += PAIR) {
            long to = (outAt + d) * Float.BYTES;
            FloatVector o00 = FloatVector.fromMemorySegment(FLOATS, out, to, ORDER);
            FloatVector o01 = FloatVector.fromMemorySegment(FLOATS, out, to + VECTOR_BYTES, ORDER);
            FloatVector o10 = FloatVector.fromMemorySegment(FLOATS, out, to + row, ORDER);
            FloatVector o11 = FloatVector.fromMemorySegment(FLOATS, out, to + row + VECTOR_BYTES, ORDER);
            FloatVector o20 = FloatVector.fromMemorySegment(FLOATS, out, to + 2 * row, ORDER);
            FloatVector o21 = FloatVector.fromMemorySegment(FLOATS, out, to + 2 * row + VECTOR_BYTES, ORDER);
            FloatVector o30 = FloatVector.fromMemorySegment(FLOATS, out, to + 3 * row, ORDER);
            FloatVector o31 = FloatVector.fromMemorySegment(FLOATS, out, to + 3 * row + VECTOR_BYTES, ORDER);
            for (int j = 0; j < n; j++) {
                long v = (valuesAt + d + (long) j * dim) * Float.BYTES;
                FloatVector v0 = FloatVector.fromMemorySegment(FLOATS, values, v, ORDER);
                FloatVector v1 = FloatVector.fromMemorySegment(FLOATS, values, v + VECTOR_BYTES, ORDER);
                FloatVector f0 = FloatVector.broadcast(FLOATS, p.getAtIndex(JAVA_FLOAT, pAt + j));
                o00 = v0.fma(f0, o00);
                o01 = v1.fma(f0, o01);
                FloatVector f1 = FloatVector.broadcast(FLOATS, p.getAtIndex(JAVA_FLOAT, pAt + KvPages.POSITIONS + j));
                o10 = v0.fma(f1, o10);
                o11 = v1.fma(f1, o11);
                FloatVector f2 =
                        FloatVector.broadcast(FLOATS, p.getAtIndex(JAVA_FLOAT, pAt + 2L * KvPages.POSITIONS + j));
                o20 = v0.fma(f2, o20);
                o21 = v1.fma(f2, o21);
                FloatVector f3 =
                        FloatVector.broadcast(FLOATS, p.getAtIndex(JAVA_FLOAT, pAt + 3L * KvPages.POSITIONS + j));
                o30 = v0.fma(f3, o30);
                o31 = v1.fma(f3, o31);
            }
            o00.intoMemorySegment(out, to, ORDER);
            o01.intoMemorySegment(out, to + VECTOR_BYTES, ORDER);
            o10.intoMemorySegment(out, to + row, ORDER);
            o11.intoMemorySegment(out, to + row + VECTOR_BYTES, ORDER);
            o20.intoMemorySegment(out, to + 2 * row, ORDER);
            o21.intoMemorySegment(out, to + 2 * row + VECTOR_BYTES, ORDER);
            o30.intoMemorySegment(out, to + 3 * row, ORDER);
            o31.intoMemorySegment(out, to + 3 * row + VECTOR_BYTES, ORDER);
        }
        return d;
    }

    /** Adds values {@code [from, n)} to one row, in dimensions from {@code d} on. */
    static void values(
            MemorySegment p,
            long pAt,
            int from,
            int n,
            MemorySegment values,
            long valuesAt,
            int dim,
            int fromDim,
            MemorySegment out,
            long outAt) {
        int d = fromDim;
        for (; d <= dim - 2 * PAIR; d += 2 * PAIR) {
            long to = (outAt + d) * Float.BYTES;
            FloatVector o0 = FloatVector.fromMemorySegment(FLOATS, out, to, ORDER);
            FloatVector o1 = FloatVector.fromMemorySegment(FLOATS, out, to + VECTOR_BYTES, ORDER);
            FloatVector o2 = FloatVector.fromMemorySegment(FLOATS, out, to + 2 * VECTOR_BYTES, ORDER);
            FloatVector o3 = FloatVector.fromMemorySegment(FLOATS, out, to + 3 * VECTOR_BYTES, ORDER);
            for (int j = from; j < n; j++) {
                long v = (valuesAt + d + (long) j * dim) * Float.BYTES;
                FloatVector f = FloatVector.broadcast(FLOATS, p.getAtIndex(JAVA_FLOAT, pAt + j));
                o0 = f.fma(FloatVector.fromMemorySegment(FLOATS, values, v, ORDER), o0);
                o1 = f.fma(FloatVector.fromMemorySegment(FLOATS, values, v + VECTOR_BYTES, ORDER), o1);
                o2 = f.fma(FloatVector.fromMemorySegment(FLOATS, values, v + 2 * VECTOR_BYTES, ORDER), o2);
                o3 = f.fma(FloatVector.fromMemorySegment(FLOATS, values, v + 3 * VECTOR_BYTES, ORDER), o3);
            }
            o0.intoMemorySegment(out, to, ORDER);
            o1.intoMemorySegment(out, to + VECTOR_BYTES, ORDER);
            o2.intoMemorySegment(out, to + 2 * VECTOR_BYTES, ORDER);
            o3.intoMemorySegment(out, to + 3 * VECTOR_BYTES, ORDER);
        }
        for (; d <= dim - LANES; d += LANES) {
            long to = (outAt + d) * Float.BYTES;
            FloatVector o = FloatVector.fromMemorySegment(FLOATS, out, to, ORDER);
            for (int j = from; j < n; j++) {
                long v = (valuesAt + d + (long) j * dim) * Float.BYTES;
                o = FloatVector.broadcast(FLOATS, p.getAtIndex(JAVA_FLOAT, pAt + j))
                        .fma(FloatVector.fromMemorySegment(FLOATS, values, v, ORDER), o);
            }
            o.intoMemorySegment(out, to, ORDER);
        }
        for (; d < dim; d++) {
            float o = out.getAtIndex(JAVA_FLOAT, outAt + d);
            for (int j = from; j < n; j++) {
                long v = valuesAt + d + (long) j * dim;
                o = Math.fma(p.getAtIndex(JAVA_FLOAT, pAt + j), values.getAtIndex(JAVA_FLOAT, v), o);
            }
            out.setAtIndex(JAVA_FLOAT, outAt + d, o);
        }
    }
}
