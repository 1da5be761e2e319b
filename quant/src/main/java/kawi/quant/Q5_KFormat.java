package kawi.quant;

import java.lang.foreign.MemorySegment;

/**
 * 5 bits in blocks of 256; a 6-bit scale and a 6-bit minimum per run of 32 weights.
 * {@code w = (d * s) * (q + 16 h) - dmin * m}
 *
 * <pre>
 *    offset  bytes
 *         0      2   d     f16
 *         2      2   dmin  f16
 *         4     12   s, m  see {@link SixBitScales}
 *        16     32   h     bit b of byte j is the fifth bit of weight 32 b + j
 *        48    128   q     uint4; byte 32 i + j has weight 64 i + j in its low half, 64 i + 32 + j in its high half
 * </pre>
 *
 * Source: {@code block_q5_K} in ggml's {@code ggml-common.h}, {@code dequantize_row_q5_K} in its {@code ggml-quants.c}.
 */
final class Q5_KFormat extends SuperBlockFormat {

    static final Q5_KFormat INSTANCE = new Q5_KFormat();

    private static final int WEIGHTS = 256;
    private static final int BYTES = 176;
    private static final int RUN = 32;
    private static final int RUNS = WEIGHTS / RUN;
    private static final int MAX_QUANT = 31;

    private Q5_KFormat() {
        super("Q5_K", BYTES, RUN, true, MAX_QUANT, BlockWeights.Kind.LINEAR);
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

            for (int j = 0; j < 32; j += 8) {
                long fifth = ByteLanes.get(data, at + 16 + j);
                int to = quantsOffset + block * WEIGHTS + j;
                for (int i = 0; i < 4; i++) {
                    long pairs = ByteLanes.get(data, at + 48 + 32L * i + j);
                    long low = ByteLanes.bits(pairs, 0, 4) | (ByteLanes.bits(fifth, 2 * i, 1) << 4);
                    long high = ByteLanes.bits(pairs, 4, 4) | (ByteLanes.bits(fifth, 2 * i + 1, 1) << 4);
                    ByteLanes.set(quants, to + 64 * i, low);
                    ByteLanes.set(quants, to + 64 * i + 32, high);
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

        for (int j = 0; j < 32; j += 8) {
            long fifth = 0;
            for (int i = 0; i < 4; i++) {
                long low = ByteLanes.get(block.quants(), 64 * i + j);
                long high = ByteLanes.get(block.quants(), 64 * i + 32 + j);
                ByteLanes.set(
                        data, at + 48 + 32L * i + j, ByteLanes.bits(low, 0, 4) | (ByteLanes.bits(high, 0, 4) << 4));
                fifth |= ByteLanes.bits(low, 4, 1) << (2 * i);
                fifth |= ByteLanes.bits(high, 4, 1) << (2 * i + 1);
            }
            ByteLanes.set(data, at + 16 + j, fifth);
        }
    }
}
