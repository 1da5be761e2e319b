package kawi.quant;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * 8 bits, one scale per 32 weights. {@code w = d * q}
 *
 * <pre>
 *    offset  bytes
 *         0      2   d    f16
 *         2     32   q    int8, -128 to 127
 * </pre>
 *
 * Source: {@code block_q8_0} in ggml's {@code ggml-common.h}, {@code dequantize_row_q8_0} in its {@code ggml-quants.c}.
 *
 * Encoding: {@code d = max|w| / 127}, {@code q = round(w / d)}, half away from zero.
 */
final class Q8_0Format extends BlockFormat {

    static final Q8_0Format INSTANCE = new Q8_0Format();

    private static final int WEIGHTS = 32;
    private static final int BYTES = 34;

    private Q8_0Format() {
        super("Q8_0", WEIGHTS, BYTES, WEIGHTS, false, 128);
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
        int blocks = wholeBlocks(count);
        for (int block = 0; block < blocks; block++) {
            long at = offset + (long) block * BYTES;
            scales[scalesOffset + block] = F16Format.get(data, at);
            MemorySegment.copy(data, ValueLayout.JAVA_BYTE, at + 2, quants, quantsOffset + block * WEIGHTS, WEIGHTS);
        }
    }

    @Override
    void encodeBlock(float[] in, int from, MemorySegment data, long at) {
        float largest = 0;
        for (int i = 0; i < WEIGHTS; i++) {
            largest = Math.max(largest, Math.abs(in[from + i]));
        }
        float d = RoundedBlock.writable(largest / 127);
        float inverse = RoundedBlock.inverse(d);
        setScale(data, at, d);
        for (int i = 0; i < WEIGHTS; i++) {
            float q = in[from + i] * inverse;
            int rounded = Math.min(Math.round(Math.abs(q)), 127);
            data.set(ValueLayout.JAVA_BYTE, at + 2 + i, (byte) (q < 0 ? -rounded : rounded));
        }
    }
}
