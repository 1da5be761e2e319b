package kawi.quant;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * Ternary weights in 2 bits, one scale per 64 weights ({@code Q2_0}) or per 128 ({@code PQ2_0}). {@code w = d * (q - 1)}
 *
 * <pre>
 *    offset  bytes
 *         0         2   d    f16
 *         2   16 or 32  q    uint2; byte j has the weights 4 j + k, k = 0 .. 3, from its lowest bits up; 3 is not
 *                            written, and read like the others
 * </pre>
 *
 * Sources: {@code block_q2_0} in ggml's {@code ggml-common.h}, {@code dequantize_row_q2_0} in its
 * {@code ggml-quants.c}; the same for groups of 128 in the fork github.com/PrismML-Eng/llama.cpp.
 */
final class Q2_0Format extends BlockFormat {

    static final Q2_0Format INSTANCE = new Q2_0Format("Q2_0", 64);
    static final Q2_0Format PRISM = new Q2_0Format("PQ2_0", 128);

    private static final int RUN = 32;
    private static final int BIAS = 1;

    private Q2_0Format(String name, int weights) {
        super(name, weights, 2 + weights / 4, RUN, false, 3);
    }

    @Override
    public byte[] codeBook() {
        return new byte[] {-1, 0, 1, 2};
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
            long at = offset + (long) block * blockBytes();
            int runs = blockSize() / RUN;
            int run = scalesOffset + block * runs;
            Arrays.fill(scales, run, run + runs, F16Format.get(data, at));
            for (int j = 0; j < blockSize() / 4; j++) {
                int packed = data.get(ValueLayout.JAVA_BYTE, at + 2 + j);
                int to = quantsOffset + block * blockSize() + 4 * j;
                for (int k = 0; k < 4; k++) {
                    quants[to + k] = (byte) (((packed >>> (2 * k)) & 3) - BIAS);
                }
            }
        }
    }

    @Override
    void encodeBlock(float[] in, int from, MemorySegment data, long at) {
        setScale(data, at, RoundedBlock.writable((float) TernaryScale.of(in, from, blockSize())));
        float d = F16Format.get(data, at);
        for (int j = 0; j < blockSize() / 4; j++) {
            int packed = 0;
            for (int k = 0; k < 4; k++) {
                packed |= (TernaryScale.round(in[from + 4 * j + k], d) + BIAS) << (2 * k);
            }
            data.set(ValueLayout.JAVA_BYTE, at + 2 + j, (byte) packed);
        }
    }
}
