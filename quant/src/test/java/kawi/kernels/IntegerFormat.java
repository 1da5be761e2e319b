package kawi.kernels;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import kawi.quant.QuantizedFormat;

/**
 * A weight format that is its own integer form, for corners that no format of a file reaches: per block of 32, the
 * scales and minimums of its runs in f32, then 32 int8.
 */
public record IntegerFormat(int scaleRun, boolean hasMinimum, int largestQuant) implements QuantizedFormat {

    private static final int BLOCK = 32;

    @Override
    public String name() {
        return "I%d/%d%s".formatted(largestQuant, scaleRun, hasMinimum ? "+min" : "");
    }

    @Override
    public int blockSize() {
        return BLOCK;
    }

    private int floatsPerBlock() {
        return BLOCK / scaleRun * (hasMinimum ? 2 : 1);
    }

    @Override
    public int blockBytes() {
        return floatsPerBlock() * Float.BYTES + BLOCK;
    }

    @Override
    public void unpack(
            MemorySegment data,
            long offset,
            int count,
            byte[] quants,
            int quantsOffset,
            float[] scales,
            float[] minimums,
            int scalesOffset) {
        int runs = BLOCK / scaleRun;
        for (int block = 0; block < count / BLOCK; block++) {
            long at = offset + (long) block * blockBytes();
            for (int r = 0; r < runs; r++) {
                int s = scalesOffset + block * runs + r;
                scales[s] = data.get(ValueLayout.JAVA_FLOAT_UNALIGNED, at + 4L * r);
                if (hasMinimum) {
                    minimums[s] = data.get(ValueLayout.JAVA_FLOAT_UNALIGNED, at + 4L * (runs + r));
                }
            }
            for (int i = 0; i < BLOCK; i++) {
                byte any = data.get(ValueLayout.JAVA_BYTE, at + 4L * floatsPerBlock() + i);
                quants[quantsOffset + block * BLOCK + i] = (byte) Math.clamp(
                        any, hasMinimum ? 0 : -largestQuant, Math.min(largestQuant - (hasMinimum ? 0 : 1), 127));
            }
        }
    }

    @Override
    public void decode(MemorySegment data, long offset, float[] out, int outOffset, int count) {
        byte[] quants = new byte[count];
        float[] scales = new float[count / scaleRun];
        float[] minimums = new float[count / scaleRun];
        unpack(data, offset, count, quants, 0, scales, minimums, 0);
        for (int i = 0; i < count; i++) {
            out[outOffset + i] = scales[i / scaleRun] * quants[i] + minimums[i / scaleRun];
        }
    }

    @Override
    public void encode(float[] in, int inOffset, int count, MemorySegment data, long offset) {
        throw new UnsupportedOperationException("tests write the integers themselves");
    }
}
