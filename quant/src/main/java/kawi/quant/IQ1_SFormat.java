package kawi.quant;

import java.lang.foreign.MemorySegment;

/**
 * 8 ternary weights per code of 11 bits, shifted by an eighth; a 3-bit scale per run of 32 weights. {@code w = d * (2 s +
 * 1) / 8 * q} with {@code q = 8 t + 1} or {@code 8 t - 1}, {@code t} -1, 0 or 1
 *
 * <pre>
 *    offset  bytes
 *         0      2   d       f16
 *         2     32   codes   bits 0 to 7 of the number of a point of {@link Grid#IQ1}; byte j has weights 8 j on
 *        34     16   run r in the 2 bytes from 34 + 2 r on:
 *                    bits 8 to 10 of its 4 codes, from bit 0 up; then s, uint3; then 0 if all q of the run are 8 t + 1,
 *                    1 if they are 8 t - 1
 * </pre>
 *
 * Source: {@code block_iq1_s} in ggml's {@code ggml-common.h}, {@code dequantize_row_iq1_s} in its
 * {@code ggml-quants.c}.
 */
final class IQ1_SFormat extends GridFormat {

    static final IQ1_SFormat INSTANCE = new IQ1_SFormat();

    private static final int BYTES = 50;
    private static final int RUN = 32;
    private static final int RUNS = WEIGHTS / RUN;

    private IQ1_SFormat() {
        super("IQ1_S", BYTES, RUN, CodeBook.SHIFTED_TERNARY);
    }

    @Override
    void unpackBlock(MemorySegment data, long at, byte[] quants, int quantsOffset, float[] scales, int scalesOffset) {
        float d = F16Format.get(data, at);
        for (int run = 0; run < RUNS; run++) {
            int codes = data.get(LittleEndian.INT, at + 2 + 4L * run);
            int high = data.get(LittleEndian.SHORT, at + 34 + 2L * run) & 0xffff;
            scales[scalesOffset + run] = d * (2 * (high >>> 12 & 7) + 1) * 0.125f;
            for (int i = 0; i < 4; i++) {
                int code = ((codes >>> (8 * i)) & 0xff) | (((high >>> (3 * i)) & 7) << 8);
                int to = quantsOffset + run * RUN + 8 * i;
                ByteLanes.set(quants, to, shifted(code, high >>> 15));
            }
        }
    }

    /** The integers of the 8 weights of a code: {@code 8 t + 1} if {@code down} is 0, {@code 8 t - 1} if it is 1. */
    static long shifted(int code, int down) {
        return ByteLanes.minus(Grid.IQ1.point(code), 7 + 2 * down);
    }
}
