package kawi.kernels.vector;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** Operations with a bias for each column, on one row. Offsets count floats. */
final class VectorBiases {

    private static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;
    private static final int LANES = FLOATS.length();
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();

    private VectorBiases() {}

    /** {@code y = x - mean}, both from element {@code at} on; {@code y} may be {@code x}. */
    static void subtract(MemorySegment x, long at, float mean, MemorySegment y, int n) {
        int i = 0;
        for (; i <= n - LANES; i += LANES) {
            long bytes = (at + i) * Float.BYTES;
            FloatVector.fromMemorySegment(FLOATS, x, bytes, ORDER).sub(mean).intoMemorySegment(y, bytes, ORDER);
        }
        for (; i < n; i++) {
            y.setAtIndex(JAVA_FLOAT, at + i, x.getAtIndex(JAVA_FLOAT, at + i) - mean);
        }
    }

    /** {@code x = fma(x * factor, weight, bias)}. */
    static void scale(MemorySegment x, long at, float factor, MemorySegment weight, MemorySegment bias, int n) {
        int i = 0;
        for (; i <= n - LANES; i += LANES) {
            long bytes = (at + i) * Float.BYTES;
            long column = (long) i * Float.BYTES;
            FloatVector.fromMemorySegment(FLOATS, x, bytes, ORDER)
                    .mul(factor)
                    .fma(
                            FloatVector.fromMemorySegment(FLOATS, weight, column, ORDER),
                            FloatVector.fromMemorySegment(FLOATS, bias, column, ORDER))
                    .intoMemorySegment(x, bytes, ORDER);
        }
        for (; i < n; i++) {
            float scaled = x.getAtIndex(JAVA_FLOAT, at + i) * factor;
            float w = weight.getAtIndex(JAVA_FLOAT, i);
            x.setAtIndex(JAVA_FLOAT, at + i, Math.fma(scaled, w, bias.getAtIndex(JAVA_FLOAT, i)));
        }
    }

    /** {@code x = x + (y + bias)}, both from element {@code at} on. */
    static void addBiased(MemorySegment x, MemorySegment y, long at, MemorySegment bias, int n) {
        int i = 0;
        for (; i <= n - LANES; i += LANES) {
            long bytes = (at + i) * Float.BYTES;
            FloatVector biased = FloatVector.fromMemorySegment(FLOATS, y, bytes, ORDER)
                    .add(FloatVector.fromMemorySegment(FLOATS, bias, (long) i * Float.BYTES, ORDER));
            FloatVector.fromMemorySegment(FLOATS, x, bytes, ORDER).add(biased).intoMemorySegment(x, bytes, ORDER);
        }
        for (; i < n; i++) {
            float biased = y.getAtIndex(JAVA_FLOAT, at + i) + bias.getAtIndex(JAVA_FLOAT, i);
            x.setAtIndex(JAVA_FLOAT, at + i, x.getAtIndex(JAVA_FLOAT, at + i) + biased);
        }
    }
}
