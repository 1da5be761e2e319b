package kawi.quant;

import java.lang.foreign.MemorySegment;

/**
 * 4 bits, one scale and one minimum per 32 weights. {@code w = d * q + m}
 *
 * <pre>
 *    offset  bytes
 *         0      2   d    f16
 *         2      2   m    f16
 *         4     16   q    uint4; byte j has weight j in its low half and weight 16 + j in its high half
 * </pre>
 *
 * Source: {@code block_q4_1} in ggml's {@code ggml-common.h}, {@code dequantize_row_q4_1} in its {@code ggml-quants.c}.
 */
final class Q4_1Format extends RoundedFormat {

    static final Q4_1Format INSTANCE = new Q4_1Format();

    private static final int WEIGHTS = 32;
    private static final int BYTES = 20;
    private static final int MAX_QUANT = 15;

    private Q4_1Format() {
        super("Q4_1", WEIGHTS, BYTES, true, MAX_QUANT);
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
            minimums[scalesOffset + block] = F16Format.get(data, at + 2);
            for (int j = 0; j < 16; j += 8) {
                long pairs = ByteLanes.get(data, at + 4 + j);
                int to = quantsOffset + block * WEIGHTS + j;
                ByteLanes.set(quants, to, ByteLanes.bits(pairs, 0, 4));
                ByteLanes.set(quants, to + 16, ByteLanes.bits(pairs, 4, 4));
            }
        }
    }

    @Override
    void write(RoundedBlock fit, MemorySegment data, long at) {
        setScale(data, at, fit.scale);
        setScale(data, at + 2, fit.minimum);
        for (int j = 0; j < 16; j += 8) {
            ByteLanes.set(data, at + 4 + j, ByteLanes.get(fit.quants, j) | (ByteLanes.get(fit.quants, 16 + j) << 4));
        }
    }
}
