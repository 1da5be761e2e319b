package kawi.quant;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * 2 bits in blocks of 256; a 4-bit scale and a 4-bit minimum per run of 16 weights. {@code w = (d * s) * q - dmin * m}
 *
 * <pre>
 *    offset  bytes
 *         0     16   sm    byte r belongs to run r: s in its low half, m in its high half
 *        16     64   q     uint2; byte 32 h + j has the weights 128 h + 32 k + j, k = 0 .. 3, from its lowest bits up
 *        80      2   d     f16
 *        82      2   dmin  f16
 * </pre>
 *
 * Source: {@code block_q2_K} in ggml's {@code ggml-common.h}, {@code dequantize_row_q2_K} in its {@code ggml-quants.c}.
 */
final class Q2_KFormat extends SuperBlockFormat {

    static final Q2_KFormat INSTANCE = new Q2_KFormat();

    private static final int WEIGHTS = 256;
    private static final int BYTES = 84;
    private static final int RUN = 16;
    private static final int RUNS = WEIGHTS / RUN;
    private static final int MAX_QUANT = 3;
    private static final int MAX_SCALE = 15;

    private Q2_KFormat() {
        super("Q2_K", BYTES, RUN, true, MAX_QUANT, BlockWeights.Kind.EQUAL);
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
            float d = F16Format.get(data, at + 80);
            float dmin = F16Format.get(data, at + 82);
            for (int run = 0; run < RUNS; run++) {
                int sm = data.get(ValueLayout.JAVA_BYTE, at + run);
                scales[scalesOffset + block * RUNS + run] = d * (sm & 15);
                minimums[scalesOffset + block * RUNS + run] = -(dmin * ((sm >>> 4) & 15));
            }
            for (int half = 0; half < 2; half++) {
                for (int j = 0; j < 32; j += 8) {
                    long packed = ByteLanes.get(data, at + 16 + 32L * half + j);
                    int to = quantsOffset + block * WEIGHTS + 128 * half + j;
                    for (int k = 0; k < 4; k++) {
                        ByteLanes.set(quants, to + 32 * k, ByteLanes.bits(packed, 2 * k, 2));
                    }
                }
            }
        }
    }

    @Override
    SuperBlock[] fit(RunLanes lanes) {
        return AffineSuperBlocks.fit(lanes, MAX_QUANT, MAX_SCALE);
    }

    @Override
    void write(SuperBlock block, MemorySegment data, long at) {
        for (int run = 0; run < RUNS; run++) {
            data.set(ValueLayout.JAVA_BYTE, at + run, (byte) (block.scales()[run] | (block.minimums()[run] << 4)));
        }
        for (int half = 0; half < 2; half++) {
            for (int j = 0; j < 32; j += 8) {
                long packed = 0;
                for (int k = 0; k < 4; k++) {
                    packed |= ByteLanes.get(block.quants(), 128 * half + 32 * k + j) << (2 * k);
                }
                ByteLanes.set(data, at + 16 + 32L * half + j, packed);
            }
        }
        setScale(data, at + 80, block.d());
        setScale(data, at + 82, block.dmin());
    }
}
