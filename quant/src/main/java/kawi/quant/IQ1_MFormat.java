package kawi.quant;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * 8 ternary weights per code of 11 bits, each code with its own shift by an eighth; a 3-bit scale per run of 16 weights.
 * {@code w = d * (2 s + 1) / 8 * q} with {@code q} like in {@link IQ1_SFormat}
 *
 * <pre>
 *    offset  bytes
 *         0     32   codes   bits 0 to 7 of the number of a point of {@link Grid#IQ1}; byte j has weights 8 j on
 *        32     16   half j % 2 of byte j / 2: bits 8 to 10 of code j; then 0 for 8 t + 1, 1 for 8 t - 1
 *        48      8   4 of: s of 4 runs, uint3, from bit 0 up; then 4 bits of d, an f16, the lowest ones first
 * </pre>
 *
 * Source: {@code block_iq1_m} in ggml's {@code ggml-common.h}, {@code dequantize_row_iq1_m} in its
 * {@code ggml-quants.c}.
 */
final class IQ1_MFormat extends GridFormat {

    static final IQ1_MFormat INSTANCE = new IQ1_MFormat();

    private static final int BYTES = 56;
    private static final int RUN = 16;
    private static final int RUNS = WEIGHTS / RUN;

    private IQ1_MFormat() {
        super("IQ1_M", BYTES, RUN, CodeBook.SHIFTED_TERNARY);
    }

    @Override
    void unpackBlock(MemorySegment data, long at, byte[] quants, int quantsOffset, float[] scales, int scalesOffset) {
        long packed = ByteLanes.get(data, at + 48);
        float d = Float.float16ToFloat((short) factor(packed));
        for (int run = 0; run < RUNS; run++) {
            int s = (int) (packed >>> (16 * (run / 4) + 3 * (run % 4))) & 7;
            scales[scalesOffset + run] = d * (2 * s + 1) * 0.125f;
            int high = data.get(ValueLayout.JAVA_BYTE, at + 32 + run);
            for (int i = 0; i < 2; i++) {
                int low = data.get(ValueLayout.JAVA_BYTE, at + 2L * run + i) & 0xff;
                int to = quantsOffset + run * RUN + 8 * i;
                int code = low | (((high >>> (4 * i)) & 7) << 8);
                ByteLanes.set(quants, to, IQ1_SFormat.shifted(code, (high >>> (4 * i + 3)) & 1));
            }
        }
    }

    /** The bits of {@code d}: the upper 4 of every 16. */
    private static int factor(long packed) {
        int bits = 0;
        for (int i = 0; i < 4; i++) {
            bits |= (int) ((packed >>> (16 * i + 12)) & 15) << (4 * i);
        }
        return bits;
    }

    @Override
    void setFactor(MemorySegment data, long at, float d) {
        int bits = Float.floatToFloat16(d);
        long packed = ByteLanes.get(data, at + 48) & 0x0fff_0fff_0fff_0fffL;
        for (int i = 0; i < 4; i++) {
            packed |= (long) ((bits >>> (4 * i)) & 15) << (16 * i + 12);
        }
        ByteLanes.set(data, at + 48, packed);
    }
}
