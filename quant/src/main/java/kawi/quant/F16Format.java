package kawi.quant;

import java.lang.foreign.MemorySegment;

/**
 * IEEE 754 binary16: 1 sign bit, 5 exponent bits, 10 fraction bits. Encoding rounds to nearest even.
 *
 * <pre>
 *    offset  bytes
 *         0      2   the weight
 * </pre>
 *
 * Infinities and NaNs are preserved in both directions; a finite weight that would round to infinity is rejected. The
 * scales of most quantized formats have the same encoding, so this class reads and writes them too.
 */
final class F16Format implements FloatFormat {

    static final F16Format INSTANCE = new F16Format();

    /** The smallest float that rounds to infinity: half a unit past the largest f16, 65504. */
    private static final float OVERFLOW = 65520;

    private F16Format() {}

    /** Reads the f16 at byte {@code offset}. */
    static float get(MemorySegment data, long offset) {
        return Float.float16ToFloat(data.get(LittleEndian.SHORT, offset));
    }

    /** Writes {@code value}, which must not be beyond f16, at byte {@code offset}. */
    static void set(MemorySegment data, long offset, float value) {
        data.set(LittleEndian.SHORT, offset, Float.floatToFloat16(value));
    }

    /** The f16 nearest to {@code value} among those that are no smaller in magnitude. */
    static float roundAwayFromZero(float value) {
        short nearest = Float.floatToFloat16(value);
        boolean smaller = Math.abs(Float.float16ToFloat(nearest)) < Math.abs(value);
        return Float.float16ToFloat(
                smaller ? (short) (nearest + 1) : nearest); // magnitudes are in the order of their bits
    }

    /** Whether {@code value} is a number that rounds to an infinite f16. */
    static boolean overflows(float value) {
        return Math.abs(value) >= OVERFLOW;
    }

    @Override
    public String name() {
        return "F16";
    }

    @Override
    public int blockSize() {
        return 1;
    }

    @Override
    public int blockBytes() {
        return 2;
    }

    @Override
    public void decode(MemorySegment data, long offset, float[] out, int outOffset, int count) {
        for (int i = 0; i < count; i++) {
            out[outOffset + i] = get(data, offset + 2L * i);
        }
    }

    @Override
    public void encode(float[] in, int inOffset, int count, MemorySegment data, long offset) {
        for (int i = 0; i < count; i++) {
            float weight = in[inOffset + i];
            if (Float.isFinite(weight) && overflows(weight)) {
                throw new IllegalArgumentException(
                        "encoding F16: weight %d is %s, beyond the largest f16, 65504".formatted(i, weight));
            }
            set(data, offset + 2L * i, weight);
        }
    }

    @Override
    public String toString() {
        return name();
    }
}
