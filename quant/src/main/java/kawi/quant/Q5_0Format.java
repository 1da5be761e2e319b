package kawi.quant;

import java.lang.foreign.MemorySegment;

/**
 * 5 bits, one scale per 32 weights. {@code w = d * (q + 16 h - 16)}
 *
 * <pre>
 *    offset  bytes
 *         0      2   d    f16
 *         2      4   h    uint32; bit j is the fifth bit of weight j
 *         6     16   q    uint4; byte j has weight j in its low half and weight 16 + j in its high half
 * </pre>
 *
 * Source: {@code block_q5_0} in ggml's {@code ggml-common.h}, {@code dequantize_row_q5_0} in its {@code ggml-quants.c}.
 */
final class Q5_0Format extends RoundedFormat {

    static final Q5_0Format INSTANCE = new Q5_0Format();

    private static final int WEIGHTS = 32;
    private static final int BYTES = 22;
    private static final int BIAS = 16;

    private Q5_0Format() {
        super("Q5_0", WEIGHTS, BYTES, false, BIAS);
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
            int fifth = data.get(LittleEndian.INT, at + 2);
            for (int j = 0; j < 16; j += 8) {
                long pairs = ByteLanes.get(data, at + 6 + j);
                long low = ByteLanes.bits(pairs, 0, 4) | (ByteLanes.ofBits(fifth >>> j) << 4);
                long high = ByteLanes.bits(pairs, 4, 4) | (ByteLanes.ofBits(fifth >>> (16 + j)) << 4);
                int to = quantsOffset + block * WEIGHTS + j;
                ByteLanes.set(quants, to, ByteLanes.minus(low, BIAS));
                ByteLanes.set(quants, to + 16, ByteLanes.minus(high, BIAS));
            }
        }
    }

    @Override
    void write(RoundedBlock fit, MemorySegment data, long at) {
        setScale(data, at, fit.scale);
        int fifth = 0;
        for (int j = 0; j < 16; j += 8) {
            long low = ByteLanes.get(fit.quants, j);
            long high = ByteLanes.get(fit.quants, 16 + j);
            fifth |= ByteLanes.toBits(ByteLanes.bits(low, 4, 1)) << j;
            fifth |= ByteLanes.toBits(ByteLanes.bits(high, 4, 1)) << (16 + j);
            ByteLanes.set(data, at + 6 + j, ByteLanes.bits(low, 0, 4) | (ByteLanes.bits(high, 0, 4) << 4));
        }
        data.set(LittleEndian.INT, at + 2, fifth);
    }
}
