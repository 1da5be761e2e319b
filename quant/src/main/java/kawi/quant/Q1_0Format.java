package kawi.quant;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * Signs only, one scale per 128 weights. {@code w = d} if the weight's bit is 1, {@code -d} if it is 0
 *
 * <pre>
 *    offset  bytes
 *         0      2   d      f16
 *         2     16   bits   byte j has the weights 8 j + i from bit 0 up
 * </pre>
 *
 * Source: {@code block_q1_0} in ggml's {@code ggml-common.h}, {@code dequantize_row_q1_0} in its
 * {@code ggml-quants.c}.
 *
 * <p>Encoding: {@code d} is the mean magnitude, which makes the squared error smallest.
 */
final class Q1_0Format extends BlockFormat {

    static final Q1_0Format INSTANCE = new Q1_0Format();

    private static final int WEIGHTS = 128;
    private static final int BYTES = 18;
    private static final int RUN = 32;
    private static final int RUNS = WEIGHTS / RUN;

    private Q1_0Format() {
        super("Q1_0", WEIGHTS, BYTES, RUN, false, 2);
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
            int run = scalesOffset + block * RUNS;
            Arrays.fill(scales, run, run + RUNS, F16Format.get(data, at));
            for (int j = 0; j < WEIGHTS / 8; j++) {
                long bits = ByteLanes.ofBits(data.get(ValueLayout.JAVA_BYTE, at + 2 + j));
                ByteLanes.set(quants, quantsOffset + block * WEIGHTS + 8 * j, ByteLanes.minus(bits << 1, 1));
            }
        }
    }

    @Override
    public byte[] codeBook() {
        return new byte[] {-1, 1};
    }

    @Override
    void encodeBlock(float[] in, int from, MemorySegment data, long at) {
        double sum = 0;
        for (int i = from; i < from + WEIGHTS; i++) {
            sum += Math.abs(in[i]);
        }
        setScale(data, at, (float) (sum / WEIGHTS));
        for (int j = 0; j < WEIGHTS / 8; j++) {
            int bits = 0;
            for (int i = 0; i < 8; i++) {
                bits |= (in[from + 8 * j + i] >= 0 ? 1 : 0) << i;
            }
            data.set(ValueLayout.JAVA_BYTE, at + 2 + j, (byte) bits);
        }
    }
}
