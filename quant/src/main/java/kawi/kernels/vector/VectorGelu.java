package kawi.kernels.vector;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import kawi.kernels.FloatMath;
import kawi.kernels.FreeList;

/**
 * Both forms of GELU with the operations of {@link FloatMath}. The argument of the exponential goes through working
 * memory, which is borrowed for a call and given back, so that {@link VectorFunctions} computes the exponential.
 * Offsets count floats.
 */
final class VectorGelu {

    private static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;
    private static final int LANES = FLOATS.length();
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();

    /** Floats that are processed at a time. */
    private static final int RUN = 1024;

    private static final FreeList<VectorGelu> FREE = new FreeList<>(VectorGelu::new);

    private final MemorySegment scratch = Arena.ofAuto().allocate(RUN * Float.BYTES, VectorWidth.BYTES);

    private VectorGelu() {}

    static VectorGelu borrow() {
        return FREE.take();
    }

    void giveBack() {
        FREE.give(this);
    }

    /** {@code x = geluTanh(x)}. */
    void tanh(MemorySegment x, long at, int n) {
        for (int from = 0; from < n; from += RUN) {
            int count = Math.min(RUN, n - from);
            gates(x, at + from, count);
            VectorFunctions.timesSigmoid(x, at + from, scratch, 0, count);
        }
    }

    /** {@code scratch = x * fma(x * x, cubic, linear)}. */
    private void gates(MemorySegment x, long at, int n) {
        int i = 0;
        for (; i <= n - LANES; i += LANES) {
            FloatVector v = FloatVector.fromMemorySegment(FLOATS, x, (at + i) * Float.BYTES, ORDER);
            v.mul(v.mul(v)
                            .fma(
                                    FloatVector.broadcast(FLOATS, FloatMath.GELU_CUBIC),
                                    FloatVector.broadcast(FLOATS, FloatMath.GELU_LINEAR)))
                    .intoMemorySegment(scratch, (long) i * Float.BYTES, ORDER);
        }
        for (; i < n; i++) {
            float v = x.getAtIndex(JAVA_FLOAT, at + i);
            scratch.setAtIndex(JAVA_FLOAT, i, v * Math.fma(v * v, FloatMath.GELU_CUBIC, FloatMath.GELU_LINEAR));
        }
    }

    /** {@code x = geluErf(x)}. */
    void erf(MemorySegment x, long at, int n) {
        for (int from = 0; from < n; from += RUN) {
            int count = Math.min(RUN, n - from);
            negatedSquares(x, at + from, count);
            VectorFunctions.exp(scratch, 0, count, 0f);
            finish(x, at + from, count);
        }
    }

    /** {@code scratch = -(z * z)}; what does not fill a vector is left out. */
    private void negatedSquares(MemorySegment x, long at, int n) {
        int i = 0;
        for (; i <= n - LANES; i += LANES) {
            FloatVector z = FloatVector.fromMemorySegment(FLOATS, x, (at + i) * Float.BYTES, ORDER)
                    .abs()
                    .mul(FloatMath.HALF_SQRT);
            z.mul(z).neg().intoMemorySegment(scratch, (long) i * Float.BYTES, ORDER);
        }
    }

    private void finish(MemorySegment x, long at, int n) {
        int i = 0;
        for (; i <= n - LANES; i += LANES) {
            long bytes = (at + i) * Float.BYTES;
            FloatVector v = FloatVector.fromMemorySegment(FLOATS, x, bytes, ORDER);
            FloatVector size = v.abs();
            FloatVector t = FloatVector.broadcast(FLOATS, 1f)
                    .div(size.mul(FloatMath.HALF_SQRT)
                            .fma(FloatVector.broadcast(FLOATS, FloatMath.ERF_P), FloatVector.broadcast(FLOATS, 1f)));
            FloatVector p = t.fma(
                            FloatVector.broadcast(FLOATS, FloatMath.ERF_A5),
                            FloatVector.broadcast(FLOATS, FloatMath.ERF_A4))
                    .fma(t, FloatVector.broadcast(FLOATS, FloatMath.ERF_A3))
                    .fma(t, FloatVector.broadcast(FLOATS, FloatMath.ERF_A2))
                    .fma(t, FloatVector.broadcast(FLOATS, FloatMath.ERF_A1));
            FloatVector tail =
                    p.mul(t).mul(FloatVector.fromMemorySegment(FLOATS, scratch, (long) i * Float.BYTES, ORDER));
            FloatVector positive = v.fma(FloatVector.broadcast(FLOATS, 0.5f), size.mul(0.5f));
            size.neg().fma(tail, positive).intoMemorySegment(x, bytes, ORDER);
        }
        for (; i < n; i++) {
            x.setAtIndex(JAVA_FLOAT, at + i, FloatMath.geluErf(x.getAtIndex(JAVA_FLOAT, at + i)));
        }
    }
}
