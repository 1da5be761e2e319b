package kawi.quant;

import java.lang.foreign.MemorySegment;

/**
 * 4 weights per code of 8 bits, 7 bits of signs per 8 weights; a 4-bit scale per run of 32 weights. {@code w = d * (0.5 +
 * s) / 2 * q}
 *
 * <pre>
 *    offset  bytes
 *         0      2   d       f16
 *         2     64   codes   numbers of points of {@link Grid#IQ3_XXS}; byte j has weights 4 j on
 *        66     32   run r in the 4 bytes from 66 + 4 r on:
 *                    4 signs, uint7 from bit 0 up, see {@link GridFormat#evenSigns}; then s, uint4
 * </pre>
 *
 * Source: {@code block_iq3_xxs} in ggml's {@code ggml-common.h}, {@code dequantize_row_iq3_xxs} in its
 * {@code ggml-quants.c}.
 */
final class IQ3_XXSFormat extends GridFormat {

    static final IQ3_XXSFormat INSTANCE = new IQ3_XXSFormat();

    private static final int BYTES = 98;
    private static final int RUN = 32;
    private static final int RUNS = WEIGHTS / RUN;

    private IQ3_XXSFormat() {
        super("IQ3_XXS", BYTES, RUN, signed(4, 12, 20, 28, 36, 44, 52, 62));
    }

    @Override
    void unpackBlock(MemorySegment data, long at, byte[] quants, int quantsOffset, float[] scales, int scalesOffset) {
        float d = F16Format.get(data, at);
        for (int run = 0; run < RUNS; run++) {
            long codes = ByteLanes.get(data, at + 2 + 8L * run);
            int signs = data.get(LittleEndian.INT, at + 66 + 4L * run);
            scales[scalesOffset + run] = d * (0.5f + (signs >>> 28)) * 0.5f;
            for (int i = 0; i < 4; i++) {
                long near = Grid.IQ3_XXS.point(ByteLanes.at(codes, 2 * i));
                long far = Grid.IQ3_XXS.point(ByteLanes.at(codes, 2 * i + 1));
                int to = quantsOffset + run * RUN + 8 * i;
                ByteLanes.set(quants, to, signed(near | (far << 32), evenSigns(signs >>> (7 * i))));
            }
        }
    }
}
