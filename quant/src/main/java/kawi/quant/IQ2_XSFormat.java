package kawi.quant;

import java.lang.foreign.MemorySegment;

/**
 * 8 weights per code of 9 bits, with 7 bits of signs; a 4-bit scale per run of 16 weights. {@code w = d * (0.5 + s) / 4 *
 * q}
 *
 * <pre>
 *    offset  bytes
 *         0      2   d    f16
 *         2     64   32 of: number of a point of {@link Grid#IQ2_XS} in the lower 9 bits, signs of 8 weights in the
 *                    upper 7, see {@link GridFormat#evenSigns}
 *        66      8   s    uint4; run 2 i in the low half of byte i, run 2 i + 1 in the high one
 * </pre>
 *
 * Source: {@code block_iq2_xs} in ggml's {@code ggml-common.h}, {@code dequantize_row_iq2_xs} in its
 * {@code ggml-quants.c}.
 */
final class IQ2_XSFormat extends GridFormat {

    static final IQ2_XSFormat INSTANCE = new IQ2_XSFormat();

    private static final int BYTES = 74;
    private static final int RUN = 16;
    private static final int RUNS = WEIGHTS / RUN;

    private IQ2_XSFormat() {
        super("IQ2_XS", BYTES, RUN, signed(8, 25, 43));
    }

    @Override
    void unpackBlock(MemorySegment data, long at, byte[] quants, int quantsOffset, float[] scales, int scalesOffset) {
        float d = F16Format.get(data, at);
        long packed = ByteLanes.get(data, at + 66);
        for (int run = 0; run < RUNS; run++) {
            scales[scalesOffset + run] = d * (0.5f + ((packed >>> (4 * run)) & 15)) * 0.25f;
            for (int i = 0; i < 2; i++) {
                int code = data.get(LittleEndian.SHORT, at + 2 + 4L * run + 2L * i) & 0xffff;
                int to = quantsOffset + run * RUN + 8 * i;
                ByteLanes.set(quants, to, signed(Grid.IQ2_XS.point(code & 0x1ff), evenSigns(code >>> 9)));
            }
        }
    }
}
