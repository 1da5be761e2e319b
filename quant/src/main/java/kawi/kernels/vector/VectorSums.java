package kawi.kernels.vector;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import kawi.kernels.ScalarRowKernel;

/**
 * Sums in the order of the numerics contract: element i goes to partial sum i mod 16. One to four vectors hold the 16
 * partial sums, depending on the width of the machine; the branches on {@link #PARTS} are constant.
 */
final class VectorSums {

    private static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Integer> INTS = IntVector.SPECIES_PREFERRED;
    private static final int LANES = FLOATS.length();
    private static final long VECTOR_BYTES = (long) LANES * Float.BYTES;
    private static final int PARTIALS = 16;
    private static final int PARTS = PARTIALS / LANES;
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();

    private VectorSums() {}

    /** The sum of squares of {@code n} floats from element {@code at} on. */
    static float ofSquares(MemorySegment x, long at, int n) {
        FloatVector sum0 = FloatVector.zero(FLOATS);
        FloatVector sum1 = sum0;
        FloatVector sum2 = sum0;
        FloatVector sum3 = sum0;
        int i = 0;
        for (; i <= n - PARTIALS; i += PARTIALS) {
            long bytes = (at + i) * Float.BYTES;
            FloatVector v0 = FloatVector.fromMemorySegment(FLOATS, x, bytes, ORDER);
            sum0 = v0.fma(v0, sum0);
            if (PARTS > 1) {
                FloatVector v1 = FloatVector.fromMemorySegment(FLOATS, x, bytes + VECTOR_BYTES, ORDER);
                sum1 = v1.fma(v1, sum1);
            }
            if (PARTS > 2) {
                FloatVector v2 = FloatVector.fromMemorySegment(FLOATS, x, bytes + 2 * VECTOR_BYTES, ORDER);
                sum2 = v2.fma(v2, sum2);
                FloatVector v3 = FloatVector.fromMemorySegment(FLOATS, x, bytes + 3 * VECTOR_BYTES, ORDER);
                sum3 = v3.fma(v3, sum3);
            }
        }
        float[] partial = new float[PARTIALS];
        sum0.intoArray(partial, 0);
        if (PARTS > 1) {
            sum1.intoArray(partial, LANES);
        }
        if (PARTS > 2) {
            sum2.intoArray(partial, 2 * LANES);
            sum3.intoArray(partial, 3 * LANES);
        }
        for (; i < n; i++) {
            float v = x.getAtIndex(JAVA_FLOAT, at + i);
            partial[i & (PARTIALS - 1)] = Math.fma(v, v, partial[i & (PARTIALS - 1)]);
        }
        return ScalarRowKernel.tree(partial);
    }

    /** See {@link kawi.kernels.RowKernel#sum}. */
    static int ofInts(MemorySegment memory, long from, long bytes) {
        IntVector sum0 = IntVector.zero(INTS);
        IntVector sum1 = sum0;
        IntVector sum2 = sum0;
        IntVector sum3 = sum0;
        for (long at = from; at < from + bytes; at += 4 * VECTOR_BYTES) {
            sum0 = sum0.add(IntVector.fromMemorySegment(INTS, memory, at, ORDER));
            sum1 = sum1.add(IntVector.fromMemorySegment(INTS, memory, at + VECTOR_BYTES, ORDER));
            sum2 = sum2.add(IntVector.fromMemorySegment(INTS, memory, at + 2 * VECTOR_BYTES, ORDER));
            sum3 = sum3.add(IntVector.fromMemorySegment(INTS, memory, at + 3 * VECTOR_BYTES, ORDER));
        }
        return sum0.add(sum1).add(sum2.add(sum3)).reduceLanes(VectorOperators.ADD);
    }

    /** The sum of {@code n} floats from element {@code at} on. */
    static float of(MemorySegment x, long at, int n) {
        FloatVector sum0 = FloatVector.zero(FLOATS);
        FloatVector sum1 = sum0;
        FloatVector sum2 = sum0;
        FloatVector sum3 = sum0;
        int i = 0;
        for (; i <= n - PARTIALS; i += PARTIALS) {
            long bytes = (at + i) * Float.BYTES;
            sum0 = sum0.add(FloatVector.fromMemorySegment(FLOATS, x, bytes, ORDER));
            if (PARTS > 1) {
                sum1 = sum1.add(FloatVector.fromMemorySegment(FLOATS, x, bytes + VECTOR_BYTES, ORDER));
            }
            if (PARTS > 2) {
                sum2 = sum2.add(FloatVector.fromMemorySegment(FLOATS, x, bytes + 2 * VECTOR_BYTES, ORDER));
                sum3 = sum3.add(FloatVector.fromMemorySegment(FLOATS, x, bytes + 3 * VECTOR_BYTES, ORDER));
            }
        }
        float[] partial = new float[PARTIALS];
        sum0.intoArray(partial, 0);
        if (PARTS > 1) {
            sum1.intoArray(partial, LANES);
        }
        if (PARTS > 2) {
            sum2.intoArray(partial, 2 * LANES);
            sum3.intoArray(partial, 3 * LANES);
        }
        for (; i < n; i++) {
            partial[i & (PARTIALS - 1)] += x.getAtIndex(JAVA_FLOAT, at + i);
        }
        return ScalarRowKernel.tree(partial);
    }
}
