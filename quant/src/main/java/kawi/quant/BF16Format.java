package kawi.quant;

import java.lang.foreign.MemorySegment;

/**
 * The upper half of an IEEE 754 binary32: 1 sign bit, 8 exponent bits, 7 fraction bits. Encoding rounds to nearest
 * even.
 *
 * <pre>
 *    offset  bytes
 *         0      2   the weight
 * </pre>
 *
 * Infinities and NaNs are preserved in both directions; a finite weight that would round to infinity is rejected.
 */
final class BF16Format implements FloatFormat {

    static final BF16Format INSTANCE = new BF16Format();

    private static final int QUIET_NAN = 0x0040;

    private BF16Format() {}

    @Override
    public String name() {
        return "BF16";
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
            out[outOffset + i] = Float.intBitsToFloat(data.get(LittleEndian.SHORT, offset + 2L * i) << 16);
        }
    }

    @Override
    public void encode(float[] in, int inOffset, int count, MemorySegment data, long offset) {
        for (int i = 0; i < count; i++) {
            float weight = in[inOffset + i];
            int rounded = round(weight);
            if (Float.isFinite(weight) && Float.isInfinite(Float.intBitsToFloat(rounded << 16))) {
                throw new IllegalArgumentException(
                        "encoding BF16: weight %d is %s, beyond the largest bf16, 3.39E38".formatted(i, weight));
            }
            data.set(LittleEndian.SHORT, offset + 2L * i, (short) rounded);
        }
    }

    private static int round(float weight) {
        int bits = Float.floatToRawIntBits(weight);
        if (Float.isNaN(weight)) {
            return bits >>> 16 | QUIET_NAN; // the payload may lie in the lower half only
        }
        int half = 0x7fff + (bits >>> 16 & 1); // a tie goes to the even neighbor
        return (bits + half) >>> 16;
    }

    @Override
    public String toString() {
        return name();
    }
}
