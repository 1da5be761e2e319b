package kawi.quant;

import java.lang.foreign.MemorySegment;

/**
 * 5 bits, one scale and one minimum per 32 weights. {@code w = d * (q + 16 h) + m}
 *
 * <pre>
 *    offset  bytes
 *         0      2   d    f16
 *         2      2   m    f16
 *         4      4   h    uint32; bit j is the fifth bit of weight j
 *         8     16   q    uint4; byte j has weight j in its low half and weight 16 + j in its high half
 * </pre>
 *
 * Source: {@code block_q5_1} in ggml's {@code ggml-common.h}, {@code dequantize_row_q5_1} in its {@code ggml-quants.c}.
 */
final class Q5_1Format extends RoundedFormat {

    static final Q5_1Format INSTANCE = new Q5_1Format();

    private static final int WEIGHTS = 32;
    private static final int BYTES = 24;
    private static final int MAX_QUANT = 31;

    private Q5_1Format() {
        super("Q5_1", WEIGHTS, BYTES, true, MAX_QUANT);
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
            int fifth = data.get(LittleEndian.INT, at + 4);
            for (int j = 0; j < 16; j += 8) {
                long pairs = ByteLanes.get(data, at + 8 + j);
                long low = ByteLanes.bits(pairs, 0, 4) | (ByteLanes.ofBits(fifth >>> j) << 4);
                long high = ByteLanes.bits(pairs, 4, 4) | (ByteLanes.ofBits(fifth >>> (16 + j)) << 4);
                int to = quantsOffset + block * WEIGHTS + j;
                ByteLanes.set(quants, to, low);
                ByteLanes.set(quants, to + 16, high);
            }
        }
    }

    @Override
    void write(RoundedBlock fit, MemorySegment data, long at) {
        setScale(data, at, fit.scale);
        setScale(data, at + 2, fit.minimum);
        int fifth = 0;
        for (int j = 0; j < 16; j += 8) {
            long low = ByteLanes.get(fit.quants, j);
            long high = ByteLanes.get(fit.quants, 16 + j);
            fifth |= ByteLanes.toBits(ByteLanes.bits(low, 4, 1)) << j;
            fifth |= ByteLanes.toBits(ByteLanes.bits(high, 4, 1)) << (16 + j);
            ByteLanes.set(data, at + 8 + j, ByteLanes.bits(low, 0, 4) | (ByteLanes.bits(high, 0, 4) << 4));
        }
        data.set(LittleEndian.INT, at + 4, fifth);
    }
}
