package kawi.quant;

import java.lang.foreign.MemorySegment;

/**
 * 3 bits in blocks of 256; a 6-bit scale per run of 16 weights. {@code w = (d * (s - 32)) * (q + 4 h - 4)}
 *
 * <pre>
 *    offset  bytes
 *         0     32   h     bit b of byte j is the third bit of weight 32 b + j
 *        32     64   q     uint2; byte 32 h + j has the weights 128 h + 32 k + j, k = 0 .. 3, from its lowest bits up
 *        96      8   s     bits 3-0; byte r has run r in its low half and run 8 + r in its high half
 *       104      4         bits 5-4; byte i has the runs 4 k + i, k = 0 .. 3, from its lowest bits up
 *       108      2   d     f16
 * </pre>
 *
 * Source: {@code block_q3_K} in ggml's {@code ggml-common.h}, {@code dequantize_row_q3_K} in its {@code ggml-quants.c}.
 */
final class Q3_KFormat extends SuperBlockFormat {

    static final Q3_KFormat INSTANCE = new Q3_KFormat();

    private static final int WEIGHTS = 256;
    private static final int BYTES = 110;
    private static final int RUN = 16;
    private static final int RUNS = WEIGHTS / RUN;
    private static final int MAX_QUANT = 4;
    private static final int MAX_SCALE = 32;

    private Q3_KFormat() {
        super("Q3_K", BYTES, RUN, false, MAX_QUANT, BlockWeights.Kind.EQUAL);
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
            float d = F16Format.get(data, at + 108);
            long four = ByteLanes.get(data, at + 96);
            long two = Integer.toUnsignedLong(data.get(LittleEndian.INT, at + 104));
            two |= (two << 32) >>> 2; // now byte r has run r in bits 1-0 and run 8 + r in bits 5-4
            for (int half = 0; half < 2; half++) {
                long s = ByteLanes.bits(four, 4 * half, 4) | (ByteLanes.bits(two, 4 * half, 2) << 4);
                int to = scalesOffset + block * RUNS + 8 * half;
                for (int run = 0; run < 8; run++) {
                    scales[to + run] = d * (ByteLanes.at(s, run) - MAX_SCALE);
                }
            }
            for (int half = 0; half < 2; half++) {
                for (int j = 0; j < 32; j += 8) {
                    long third = ByteLanes.get(data, at + j);
                    long packed = ByteLanes.get(data, at + 32 + 32L * half + j);
                    int to = quantsOffset + block * WEIGHTS + 128 * half + j;
                    for (int k = 0; k < 4; k++) {
                        long q = ByteLanes.bits(packed, 2 * k, 2) | (ByteLanes.bits(third, 4 * half + k, 1) << 2);
                        ByteLanes.set(quants, to + 32 * k, ByteLanes.minus(q, MAX_QUANT));
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
        for (int j = 0; j < 32; j += 8) {
            long third = 0;
            for (int half = 0; half < 2; half++) {
                long packed = 0;
                for (int k = 0; k < 4; k++) {
                    long q = ByteLanes.get(block.quants(), 128 * half + 32 * k + j);
                    packed |= ByteLanes.bits(q, 0, 2) << (2 * k);
                    third |= ByteLanes.bits(q, 2, 1) << (4 * half + k);
                }
                ByteLanes.set(data, at + 32 + 32L * half + j, packed);
            }
            ByteLanes.set(data, at + j, third);
        }
        long four = 0;
        long two = 0;
        for (int half = 0; half < 2; half++) {
            // Flipping bit 5 adds 32 to the six bits that are kept.
            long s = ByteLanes.get(block.scales(), 8 * half) ^ ByteLanes.each(MAX_SCALE);
            four |= ByteLanes.bits(s, 0, 4) << (4 * half);
            two |= ByteLanes.bits(s, 4, 2) << (4 * half);
        }
        ByteLanes.set(data, at + 96, four);
        data.set(LittleEndian.INT, at + 104, (int) (two | (two >>> 30)));
        setScale(data, at + 108, block.d());
    }
}
