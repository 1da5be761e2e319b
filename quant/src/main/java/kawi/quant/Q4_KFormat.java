package kawi.quant;

import java.lang.foreign.MemorySegment;

/**
 * 4 bits in blocks of 256; a 6-bit scale and a 6-bit minimum per run of 32 weights. {@code w = (d * s) * q - dmin * m}
 *
 * <pre>
 *    offset  bytes
 *         0      2   d     f16
 *         2      2   dmin  f16
 *         4     12   s, m  see {@link SixBitScales}
 *        16    128   q     uint4; byte 32 i + j has weight 64 i + j in its low half, 64 i + 32 + j in its high half
 * </pre>
 *
 * Source: {@code block_q4_K} in ggml's {@code ggml-common.h}, {@code dequantize_row_q4_K} in its {@code ggml-quants.c}.
 */
final class Q4_KFormat extends SuperBlockFormat {

    static final Q4_KFormat INSTANCE = new Q4_KFormat();

    private static final int WEIGHTS = 256;
    private static final int BYTES = 144;
    private static final int RUN = 32;
    private static final int RUNS = WEIGHTS / RUN;
    private static final int MAX_QUANT = 15;

    private Q4_KFormat() {
        super("Q4_K", BYTES, RUN, true, MAX_QUANT, BlockWeights.Kind.LINEAR);
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
            float d = F16Format.get(data, at);
            float dmin = F16Format.get(data, at + 2);
            long s = SixBitScales.scales(data, at + 4);
            long m = SixBitScales.minimums(data, at + 4);
            for (int run = 0; run < RUNS; run++) {
                scales[scalesOffset + block * RUNS + run] = d * ByteLanes.at(s, run);
                minimums[scalesOffset + block * RUNS + run] = -(dmin * ByteLanes.at(m, run));
            }

            for (int i = 0; i < 4; i++) {
                for (int j = 0; j < 32; j += 8) {
                    long pairs = ByteLanes.get(data, at + 16 + 32L * i + j);
                    int to = quantsOffset + block * WEIGHTS + 64 * i + j;
                    ByteLanes.set(quants, to, ByteLanes.bits(pairs, 0, 4));
                    ByteLanes.set(quants, to + 32, ByteLanes.bits(pairs, 4, 4));
                }
            }
        }
    }

    @Override
    SuperBlock[] fit(RunLanes lanes) {
        return AffineSuperBlocks.fit(lanes, MAX_QUANT, SixBitScales.MAX_QUANT);
    }

    @Override
    void write(SuperBlock block, MemorySegment data, long at) {
        setScale(data, at, block.d());
        setScale(data, at + 2, block.dmin());
        SixBitScales.set(data, at + 4, block.scales(), block.minimums());

        for (int i = 0; i < 4; i++) {
            for (int j = 0; j < 32; j += 8) {
                long low = ByteLanes.get(block.quants(), 64 * i + j);
                long high = ByteLanes.get(block.quants(), 64 * i + 32 + j);
                ByteLanes.set(data, at + 16 + 32L * i + j, low | (high << 4));
            }
        }
    }
}
