package kawi.kernels.vector;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;
import kawi.kernels.KvFormat;
import kawi.kernels.KvLayout;
import kawi.kernels.KvPages;

/**
 * The integers of quantized keys, values and queries as floats, for the products of {@link VectorAttentionProducts}:
 * sums of products of integers are exact in f32 too.
 */
final class VectorKvIntegers {

    private static final VectorSpecies<Float> FLOATS = VectorWidth.FLOATS;
    private static final VectorSpecies<Integer> INTS = VectorWidth.INTS;
    private static final int LANES = FLOATS.length();
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();

    /** Eight bytes, and the vectors that they are widened to. */
    private static final VectorSpecies<Byte> EIGHT = ByteVector.SPECIES_64;

    private static final VectorSpecies<Float> WIDENED =
            VectorSpecies.of(float.class, VectorShape.forBitSize(Math.min(FLOATS.vectorBitSize(), 256)));
    private static final int PARTS = EIGHT.length() / WIDENED.length();

    private VectorKvIntegers() {}

    /** Tiles [POSITIONS / TILE][keyDim][TILE] of keys up to the end of the tile that contains position {@code n - 1}. */
    static void widenKeys(MemorySegment page, KvLayout layout, int kvHead, int n, MemorySegment tiles, long tilesAt) {
        int dim = layout.keyDim();
        boolean q8 = layout.keys() == KvFormat.Q8;
        int group = q8 ? 4 : 8;
        int tile = VectorAttentionProducts.TILE;
        int end = (n + tile - 1) & -tile;
        for (int row = 0; row < layout.keyRows(); row++) {
            long from = layout.keysAt(kvHead) + row * layout.keyRowBytes();
            int dims = Math.min(group, dim - row * group);
            for (int j = 0; j < end; j += LANES) {
                IntVector bits = IntVector.fromMemorySegment(INTS, page, from + (long) j * Integer.BYTES, ORDER);
                long to = tilesAt + (long) (j / tile) * tile * dim + j % tile + (long) row * group * tile;
                for (int d = 0; d < dims; d++) {
                    IntVector number = q8
                            ? bits.lanewise(VectorOperators.LSHR, 8 * d)
                                    .and(255)
                                    .sub(128)
                            : bits.lanewise(VectorOperators.LSHR, 8 * (d & 3) + (d & 4))
                                    .and(15)
                                    .mul(2)
                                    .sub(15);
                    ((FloatVector) number.convertShape(VectorOperators.I2F, FLOATS, 0))
                            .intoMemorySegment(tiles, (to + (long) d * tile) * Float.BYTES, ORDER);
                }
            }
        }
    }

    /** {@code n} values from position {@code from} on, [n][valueDim]; some floats after them are overwritten. */
    static void widenValues(
            MemorySegment page, KvLayout layout, int kvHead, int from, int n, MemorySegment out, long outAt) {
        int dim = layout.valueDim();
        boolean q8 = layout.values() == KvFormat.Q8;
        for (int j = 0; j < n; j++) {
            long at = layout.valuesAt(kvHead) + (from + j) * layout.valueRowBytes();
            long to = outAt + (long) j * dim;
            for (int d = 0; d < dim; d += q8 ? 8 : 16) {
                ByteVector bytes = ByteVector.fromMemorySegment(EIGHT, page, at + (q8 ? d : d / 2), ORDER);
                if (q8) {
                    widen(bytes, out, to + d);
                } else {
                    ByteVector low = bytes.and((byte) 15);
                    ByteVector high = bytes.lanewise(VectorOperators.LSHR, 4).and((byte) 15);
                    widen(low.add(low).sub((byte) 15), out, to + d);
                    widen(high.add(high).sub((byte) 15), out, to + d + 8);
                }
            }
        }
    }

    private static void widen(ByteVector bytes, MemorySegment out, long at) {
        for (int part = 0; part < PARTS; part++) {
            ((FloatVector) bytes.convertShape(VectorOperators.B2F, WIDENED, part))
                    .intoMemorySegment(out, (at + (long) part * WIDENED.length()) * Float.BYTES, ORDER);
        }
    }

    /** The integers of a prepared query. */
    static void widenQuery(MemorySegment queries, long query, int dim, MemorySegment out, long outAt) {
        for (int d = 0; d < dim; d++) {
            out.setAtIndex(JAVA_FLOAT, outAt + d, queries.get(JAVA_BYTE, query * Float.BYTES + d));
        }
    }

    /** {@code x[j] = x[j] * factor * scale[j]} for the positions of a page below {@code n}, or some more. */
    static void scale(MemorySegment x, long at, float factor, MemorySegment page, long scalesAt, int n) {
        for (int j = 0; j < Math.min(n, KvPages.POSITIONS); j += LANES) {
            long to = (at + j) * Float.BYTES;
            FloatVector.fromMemorySegment(FLOATS, x, to, ORDER)
                    .mul(factor)
                    .mul(FloatVector.fromMemorySegment(FLOATS, page, scalesAt + (long) j * Float.BYTES, ORDER))
                    .intoMemorySegment(x, to, ORDER);
        }
    }
}
