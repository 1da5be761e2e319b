package kawi.kernels.vector;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import kawi.kernels.FloatMath;

/**
 * The functions of {@link FloatMath} on runs of floats, with the same sequence of operations. Offsets count floats. A
 * partial vector at the end is computed by the scalar definition.
 *
 * <p>The exponential is implemented twice, because a vector that crosses a method boundary may be allocated as an
 * object.
 */
public final class VectorFunctions {

    private static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Integer> INTS =
            FLOATS.withLanes(int.class).check(int.class);
    private static final int LANES = FLOATS.length();
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();

    private VectorFunctions() {}

    /** {@code x = exp(x - max)}. */
    public static void exp(MemorySegment x, long at, int n, float max) {
        int i = 0;
        for (; i <= n - LANES; i += LANES) {
            long bytes = (at + i) * Float.BYTES;
            FloatVector clamped = FloatVector.fromMemorySegment(FLOATS, x, bytes, ORDER)
                    .sub(max)
                    .max(FloatMath.EXP_MIN)
                    .min(FloatMath.EXP_MAX);
            FloatVector whole =
                    clamped.mul(FloatMath.LOG2_E).add(FloatMath.ROUNDER).sub(FloatMath.ROUNDER);
            FloatVector r = whole.fma(
                    FloatVector.broadcast(FLOATS, -FloatMath.LN2_LOW),
                    whole.fma(FloatVector.broadcast(FLOATS, -FloatMath.LN2_HIGH), clamped));
            FloatVector p = r.fma(
                            FloatVector.broadcast(FLOATS, FloatMath.C7), FloatVector.broadcast(FLOATS, FloatMath.C6))
                    .fma(r, FloatVector.broadcast(FLOATS, FloatMath.C5))
                    .fma(r, FloatVector.broadcast(FLOATS, FloatMath.C4))
                    .fma(r, FloatVector.broadcast(FLOATS, FloatMath.C3))
                    .fma(r, FloatVector.broadcast(FLOATS, FloatMath.C2))
                    .fma(r, FloatVector.broadcast(FLOATS, 1f))
                    .fma(r, FloatVector.broadcast(FLOATS, 1f));
            IntVector power = (IntVector) whole.convertShape(VectorOperators.F2I, INTS, 0);
            IntVector half = power.lanewise(VectorOperators.ASHR, 1);
            p.mul(half.add(127).lanewise(VectorOperators.LSHL, 23).reinterpretAsFloats())
                    .mul(power.sub(half)
                            .add(127)
                            .lanewise(VectorOperators.LSHL, 23)
                            .reinterpretAsFloats())
                    .intoMemorySegment(x, bytes, ORDER);
        }
        for (; i < n; i++) {
            x.setAtIndex(JAVA_FLOAT, at + i, FloatMath.exp(x.getAtIndex(JAVA_FLOAT, at + i) - max));
        }
    }

    /** {@code value = value * sigmoid(gate)}; with {@code gate} the same run as {@code value}, silu. */
    public static void timesSigmoid(MemorySegment value, long at, MemorySegment gate, long gateAt, int n) {
        int i = 0;
        for (; i <= n - LANES; i += LANES) {
            long bytes = (at + i) * Float.BYTES;
            FloatVector clamped = FloatVector.fromMemorySegment(FLOATS, gate, (gateAt + i) * Float.BYTES, ORDER)
                    .neg()
                    .max(FloatMath.EXP_MIN)
                    .min(FloatMath.EXP_MAX);
            FloatVector whole =
                    clamped.mul(FloatMath.LOG2_E).add(FloatMath.ROUNDER).sub(FloatMath.ROUNDER);
            FloatVector r = whole.fma(
                    FloatVector.broadcast(FLOATS, -FloatMath.LN2_LOW),
                    whole.fma(FloatVector.broadcast(FLOATS, -FloatMath.LN2_HIGH), clamped));
            FloatVector p = r.fma(
                            FloatVector.broadcast(FLOATS, FloatMath.C7), FloatVector.broadcast(FLOATS, FloatMath.C6))
                    .fma(r, FloatVector.broadcast(FLOATS, FloatMath.C5))
                    .fma(r, FloatVector.broadcast(FLOATS, FloatMath.C4))
                    .fma(r, FloatVector.broadcast(FLOATS, FloatMath.C3))
                    .fma(r, FloatVector.broadcast(FLOATS, FloatMath.C2))
                    .fma(r, FloatVector.broadcast(FLOATS, 1f))
                    .fma(r, FloatVector.broadcast(FLOATS, 1f));
            IntVector power = (IntVector) whole.convertShape(VectorOperators.F2I, INTS, 0);
            IntVector half = power.lanewise(VectorOperators.ASHR, 1);
            FloatVector e = p.mul(
                            half.add(127).lanewise(VectorOperators.LSHL, 23).reinterpretAsFloats())
                    .mul(power.sub(half)
                            .add(127)
                            .lanewise(VectorOperators.LSHL, 23)
                            .reinterpretAsFloats());
            FloatVector.fromMemorySegment(FLOATS, value, bytes, ORDER)
                    .mul(FloatVector.broadcast(FLOATS, 1f).div(e.add(1f)))
                    .intoMemorySegment(value, bytes, ORDER);
        }
        for (; i < n; i++) {
            float sigmoid = FloatMath.sigmoid(gate.getAtIndex(JAVA_FLOAT, gateAt + i));
            value.setAtIndex(JAVA_FLOAT, at + i, value.getAtIndex(JAVA_FLOAT, at + i) * sigmoid);
        }
    }

    /** {@code y = (x * factor) * weight}; {@code y} may be {@code x}. */
    static void scale(MemorySegment x, long at, float factor, MemorySegment weight, MemorySegment y, long yAt, int n) {
        int i = 0;
        for (; i <= n - LANES; i += LANES) {
            FloatVector.fromMemorySegment(FLOATS, x, (at + i) * Float.BYTES, ORDER)
                    .mul(factor)
                    .mul(FloatVector.fromMemorySegment(FLOATS, weight, (long) i * Float.BYTES, ORDER))
                    .intoMemorySegment(y, (yAt + i) * Float.BYTES, ORDER);
        }
        for (; i < n; i++) {
            float scaled = x.getAtIndex(JAVA_FLOAT, at + i) * factor;
            y.setAtIndex(JAVA_FLOAT, yAt + i, scaled * weight.getAtIndex(JAVA_FLOAT, i));
        }
    }

    /** {@code x = (x * factor) * other}, with two numbers. */
    static void scale(MemorySegment x, long at, float factor, float other, int n) {
        int i = 0;
        for (; i <= n - LANES; i += LANES) {
            long bytes = (at + i) * Float.BYTES;
            FloatVector.fromMemorySegment(FLOATS, x, bytes, ORDER)
                    .mul(factor)
                    .mul(other)
                    .intoMemorySegment(x, bytes, ORDER);
        }
        for (; i < n; i++) {
            x.setAtIndex(JAVA_FLOAT, at + i, (x.getAtIndex(JAVA_FLOAT, at + i) * factor) * other);
        }
    }

    /** {@code x = x * y}. */
    static void multiply(MemorySegment x, long at, MemorySegment y, long yAt, int n) {
        int i = 0;
        for (; i <= n - LANES; i += LANES) {
            long bytes = (at + i) * Float.BYTES;
            FloatVector.fromMemorySegment(FLOATS, x, bytes, ORDER)
                    .mul(FloatVector.fromMemorySegment(FLOATS, y, (yAt + i) * Float.BYTES, ORDER))
                    .intoMemorySegment(x, bytes, ORDER);
        }
        for (; i < n; i++) {
            x.setAtIndex(JAVA_FLOAT, at + i, x.getAtIndex(JAVA_FLOAT, at + i) * y.getAtIndex(JAVA_FLOAT, yAt + i));
        }
    }

    /** {@code x = x + y}. */
    static void add(MemorySegment x, long at, MemorySegment y, long yAt, int n) {
        int i = 0;
        for (; i <= n - LANES; i += LANES) {
            long bytes = (at + i) * Float.BYTES;
            FloatVector.fromMemorySegment(FLOATS, x, bytes, ORDER)
                    .add(FloatVector.fromMemorySegment(FLOATS, y, (yAt + i) * Float.BYTES, ORDER))
                    .intoMemorySegment(x, bytes, ORDER);
        }
        for (; i < n; i++) {
            x.setAtIndex(JAVA_FLOAT, at + i, x.getAtIndex(JAVA_FLOAT, at + i) + y.getAtIndex(JAVA_FLOAT, yAt + i));
        }
    }
}
