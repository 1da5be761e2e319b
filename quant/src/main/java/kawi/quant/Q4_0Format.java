package kawi.quant;

import java.lang.foreign.MemorySegment;

/**
 * 4 bits, one scale per 32 weights. {@code w = d * (q - 8)}
 *
 * <pre>
 *    offset  bytes
 *         0      2   d    f16
 *         2     16   q    uint4; byte j has weight j in its low half and weight 16 + j in its high half
 * </pre>
 *
 * Source: {@code block_q4_0} in ggml's {@code ggml-common.h}, {@code dequantize_row_q4_0} in its {@code ggml-quants.c}.
 */
final class Q4_0Format extends RoundedFormat {

    static final Q4_0Format INSTANCE = new Q4_0Format();

    private static final int WEIGHTS = 32;
    private static final int BYTES = 18;
    private static final int BIAS = 8;

    private Q4_0Format() {
        super("Q4_0", WEIGHTS, BYTES, false, BIAS);
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
            for (int j = 0; j < 16; j += 8) {
                long pairs = ByteLanes.get(data, at + 2 + j);
                int to = quantsOffset + block * WEIGHTS + j;
                ByteLanes.set(quants, to, ByteLanes.minus(ByteLanes.bits(pairs, 0, 4), BIAS));
                ByteLanes.set(quants, to + 16, ByteLanes.minus(ByteLanes.bits(pairs, 4, 4), BIAS));
            }
        }
    }

    @Override
    void write(RoundedBlock fit, MemorySegment data, long at) {
        setScale(data, at, fit.scale);
        for (int j = 0; j < 16; j += 8) {
            ByteLanes.set(data, at + 2 + j, ByteLanes.get(fit.quants, j) | (ByteLanes.get(fit.quants, 16 + j) << 4));
        }
    }
}
