package kawi.kernels.vector;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import kawi.quant.Hadamard;

/** Products with {@link Hadamard} matrices. Steps whose pairs lie in one vector are computed by the definition. */
final class VectorHadamard {

    private static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;
    private static final int LANES = FLOATS.length();
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();

    private VectorHadamard() {}

    /** See {@link Hadamard#rotate}. */
    static void rotate(MemorySegment x, long at, int count, int size) {
        if (size < LANES) {
            Hadamard.rotate(x, at, count, size);
            return;
        }
        Hadamard.multiply(x, at, count, LANES);
        for (int h = LANES; h < size; h *= 2) {
            for (int from = 0; from < count; from += 2 * h) {
                step(x, at + from, h);
            }
        }
        float scale = Hadamard.scale(size);
        for (int i = 0; i < count; i += LANES) {
            long bytes = (at + i) * Float.BYTES;
            FloatVector.fromMemorySegment(FLOATS, x, bytes, ORDER).mul(scale).intoMemorySegment(x, bytes, ORDER);
        }
    }

    /** Replaces numbers at a distance of {@code h} by their sums and differences. */
    private static void step(MemorySegment x, long at, int h) {
        for (int i = 0; i < h; i += LANES) {
            long first = (at + i) * Float.BYTES;
            long second = first + (long) h * Float.BYTES;
            FloatVector a = FloatVector.fromMemorySegment(FLOATS, x, first, ORDER);
            FloatVector b = FloatVector.fromMemorySegment(FLOATS, x, second, ORDER);
            a.add(b).intoMemorySegment(x, first, ORDER);
            a.sub(b).intoMemorySegment(x, second, ORDER);
        }
    }
}
