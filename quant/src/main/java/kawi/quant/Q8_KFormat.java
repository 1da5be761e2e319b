package kawi.quant;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * 8 bits in blocks of 256 with one f32 scale: ggml's form for activations, rare in files. {@code w = d * q}
 *
 * <pre>
 *    offset  bytes
 *         0      4   d     f32
 *         4    256   q     int8
 *       260     32   sums  int16; entry r is the sum of q over weights 16 r .. 16 r + 15; not read
 * </pre>
 *
 * Source: {@code block_q8_K} in ggml's {@code ggml-common.h}, {@code dequantize_row_q8_K} in its {@code ggml-quants.c}.
 *
 * Encoding: {@code d = max|w| / 127}, {@code q = round(w / d)}, half to even.
 */
final class Q8_KFormat extends BlockFormat {

    static final Q8_KFormat INSTANCE = new Q8_KFormat();

    private static final int WEIGHTS = 256;
    private static final int BYTES = 292;
    private static final int RUN = 32;
    private static final int RUNS = WEIGHTS / RUN;
    private static final int SUM_RUN = 16;

    /** Times 127, this is still finite; the largest float over 127, rounded, is not. */
    private static final float MAX_SCALE = Math.nextDown(Float.MAX_VALUE / 127);

    private Q8_KFormat() {
        super("Q8_K", WEIGHTS, BYTES, RUN, false, 128);
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
            float d = data.get(LittleEndian.FLOAT, at);
            for (int run = 0; run < RUNS; run++) {
                scales[scalesOffset + block * RUNS + run] = d;
            }
            MemorySegment.copy(data, ValueLayout.JAVA_BYTE, at + 4, quants, quantsOffset + block * WEIGHTS, WEIGHTS);
        }
    }

    @Override
    void encodeBlock(float[] in, int from, MemorySegment data, long at) {
        float largest = 0;
        for (int i = 0; i < WEIGHTS; i++) {
            largest = Math.max(largest, Math.abs(in[from + i]));
        }
        float d = Math.min(largest / 127, MAX_SCALE);
        data.set(LittleEndian.FLOAT, at, d);
        for (int i = 0; i < WEIGHTS; i += SUM_RUN) {
            int sum = 0;
            for (int j = i; j < i + SUM_RUN; j++) {
                int q = d == 0 ? 0 : (int) Math.clamp(Math.rint(in[from + j] / d), -127, 127);
                data.set(ValueLayout.JAVA_BYTE, at + 4 + j, (byte) q);
                sum += q;
            }
            data.set(LittleEndian.SHORT, at + 260 + 2L * (i / SUM_RUN), (short) sum);
        }
    }
}
