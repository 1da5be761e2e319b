package kawi.quant;

import java.lang.foreign.MemorySegment;

/**
 * IEEE 754 binary32, stored without conversion.
 *
 * <pre>
 *    offset  bytes
 *         0      4   the weight
 * </pre>
 */
final class F32Format implements FloatFormat {

    static final F32Format INSTANCE = new F32Format();

    private F32Format() {}

    @Override
    public String name() {
        return "F32";
    }

    @Override
    public int blockSize() {
        return 1;
    }

    @Override
    public int blockBytes() {
        return 4;
    }

    @Override
    public void decode(MemorySegment data, long offset, float[] out, int outOffset, int count) {
        MemorySegment.copy(data, LittleEndian.FLOAT, offset, out, outOffset, count);
    }

    @Override
    public void encode(float[] in, int inOffset, int count, MemorySegment data, long offset) {
        MemorySegment.copy(in, inOffset, data, LittleEndian.FLOAT, offset, count);
    }

    @Override
    public String toString() {
        return name();
    }
}
