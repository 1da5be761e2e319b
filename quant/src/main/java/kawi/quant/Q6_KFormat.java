package kawi.quant;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * 6 bits in blocks of 256; an 8-bit scale per run of 16 weights. {@code w = (d * s) * (q + 16 h - 32)}
 *
 * <pre>
 *    offset  bytes
 *         0    128   q     uint4; byte 64 i + j has weight 128 i + j in its low half, 128 i + 64 + j in its high half
 *       128     64   h     uint2; byte 32 i + j has the weights 128 i + 32 k + j, k = 0 .. 3, from its lowest bits up
 *       192     16   s     int8; byte r belongs to run r
 *       208      2   d     f16
 * </pre>
 *
 * Source: {@code block_q6_K} in ggml's {@code ggml-common.h}, {@code dequantize_row_q6_K} in its {@code ggml-quants.c}.
 */
final class Q6_KFormat extends SuperBlockFormat {

    static final Q6_KFormat INSTANCE = new Q6_KFormat();

    private static final int WEIGHTS = 256;
    private static final int BYTES = 210;
    private static final int RUN = 16;
    private static final int RUNS = WEIGHTS / RUN;
    private static final int MAX_QUANT = 32;
    private static final int MAX_SCALE = 128;

    private Q6_KFormat() {
        super("Q6_K", BYTES, RUN, false, MAX_QUANT, BlockWeights.Kind.SQUARED);
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
            float d = F16Format.get(data, at + 208);
            for (int run = 0; run < RUNS; run++) {
                scales[scalesOffset + block * RUNS + run] = d * data.get(ValueLayout.JAVA_BYTE, at + 192 + run);
            }
            for (int i = 0; i < 2; i++) {
                for (int j = 0; j < 32; j += 8) {
                    long high = ByteLanes.get(data, at + 128 + 32L * i + j);
                    int to = quantsOffset + block * WEIGHTS + 128 * i + j;
                    for (int k = 0; k < 2; k++) {
                        long pairs = ByteLanes.get(data, at + 64L * i + 32L * k + j);
                        long near = ByteLanes.bits(pairs, 0, 4) | (ByteLanes.bits(high, 2 * k, 2) << 4);
                        long far = ByteLanes.bits(pairs, 4, 4) | (ByteLanes.bits(high, 4 + 2 * k, 2) << 4);
                        ByteLanes.set(quants, to + 32 * k, ByteLanes.minus(near, MAX_QUANT));
                        ByteLanes.set(quants, to + 64 + 32 * k, ByteLanes.minus(far, MAX_QUANT));
                    }
                }
            }
        }
    }

    @Override
    SuperBlock[] fit(RunLanes lanes) {
        return SymmetricSuperBlocks.fit(lanes, MAX_QUANT, MAX_SCALE);
    }

    @Override
    void write(SuperBlock block, MemorySegment data, long at) {
        for (int i = 0; i < 2; i++) {
            for (int j = 0; j < 32; j += 8) {
                long high = 0;
                for (int k = 0; k < 2; k++) {
                    long near = ByteLanes.get(block.quants(), 128 * i + 32 * k + j);
                    long far = ByteLanes.get(block.quants(), 128 * i + 64 + 32 * k + j);
                    long pairs = ByteLanes.bits(near, 0, 4) | (ByteLanes.bits(far, 0, 4) << 4);
                    ByteLanes.set(data, at + 64L * i + 32L * k + j, pairs);
                    high |= ByteLanes.bits(near, 4, 2) << (2 * k);
                    high |= ByteLanes.bits(far, 4, 2) << (4 + 2 * k);
                }
                ByteLanes.set(data, at + 128 + 32L * i + j, high);
            }
        }
        MemorySegment.copy(block.scales(), 0, data, ValueLayout.JAVA_BYTE, at + 192, RUNS);
        setScale(data, at + 208, block.d());
    }
}
