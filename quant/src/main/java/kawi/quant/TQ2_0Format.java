package kawi.quant;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * Ternary weights in 2 bits, one scale per 256 weights. {@code w = d * (q - 1)}
 *
 * <pre>
 *    offset  bytes
 *         0     64   q    uint2; byte 32 i + j has the weights 128 i + 32 k + j, k = 0 .. 3, from its lowest bits up;
 *                         3 is not written, and read like the others
 *        64      2   d    f16
 * </pre>
 *
 * Source: {@code block_tq2_0} in ggml's {@code ggml-common.h}, {@code dequantize_row_tq2_0} in its
 * {@code ggml-quants.c}.
 */
final class TQ2_0Format extends BlockFormat {

    static final TQ2_0Format INSTANCE = new TQ2_0Format();

    private static final int WEIGHTS = 256;
    private static final int BYTES = 66;
    private static final int RUN = 32;
    private static final int RUNS = WEIGHTS / RUN;
    private static final int BIAS = 1;

    private TQ2_0Format() {
        super("TQ2_0", WEIGHTS, BYTES, RUN, false, 3);
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
            long at = offset + (long) block * BYTES;
            int run = scalesOffset + block * RUNS;
            Arrays.fill(scales, run, run + RUNS, F16Format.get(data, at + 64));
            for (int i = 0; i < 2; i++) {
                for (int j = 0; j < 32; j += 8) {
                    long packed = ByteLanes.get(data, at + 32L * i + j);
                    int to = quantsOffset + block * WEIGHTS + 128 * i + j;
                    for (int k = 0; k < 4; k++) {
                        ByteLanes.set(quants, to + 32 * k, ByteLanes.minus(ByteLanes.bits(packed, 2 * k, 2), BIAS));
                    }
                }
            }
        }
    }

    @Override
    void encodeBlock(float[] in, int from, MemorySegment data, long at) {
        setScale(data, at + 64, RoundedBlock.writable((float) TernaryScale.of(in, from, WEIGHTS)));
        float d = F16Format.get(data, at + 64);
        for (int i = 0; i < 2; i++) {
            for (int j = 0; j < 32; j++) {
                int packed = 0;
                for (int k = 0; k < 4; k++) {
                    packed |= (TernaryScale.round(in[from + 128 * i + 32 * k + j], d) + BIAS) << (2 * k);
                }
                data.set(ValueLayout.JAVA_BYTE, at + 32L * i + j, (byte) packed);
            }
        }
    }
}
