package kawi.quant;

import java.lang.foreign.MemorySegment;

/**
 * 8 weights per code of 8 bits, with 7 bits of signs; a 4-bit scale per run of 32 weights. {@code w = d * (0.5 + s) / 4 *
 * q}
 *
 * <pre>
 *    offset  bytes
 *         0      2   d    f16
 *         2     64   run r in the 8 bytes from 2 + 8 r on:
 *                    4 codes, uint8, numbers of points of {@link Grid#IQ2_XXS}, 8 weights each
 *                    4 signs, uint7 from bit 0 up, see {@link GridFormat#evenSigns}; then s, uint4
 * </pre>
 *
 * Source: {@code block_iq2_xxs} in ggml's {@code ggml-common.h}, {@code dequantize_row_iq2_xxs} in its
 * {@code ggml-quants.c}.
 */
final class IQ2_XXSFormat extends GridFormat {

    static final IQ2_XXSFormat INSTANCE = new IQ2_XXSFormat();

    private static final int BYTES = 66;
    private static final int RUN = 32;
    private static final int RUNS = WEIGHTS / RUN;

    private IQ2_XXSFormat() {
        super("IQ2_XXS", BYTES, RUN, signed(8, 25, 43));
    }

    @Override
    void unpackBlock(MemorySegment data, long at, byte[] quants, int quantsOffset, float[] scales, int scalesOffset) {
        float d = F16Format.get(data, at);
        for (int run = 0; run < RUNS; run++) {
            long codes = data.get(LittleEndian.LONG, at + 2 + 8L * run);
            int signs = (int) (codes >>> 32);
            scales[scalesOffset + run] = d * (0.5f + (signs >>> 28)) * 0.25f;
            for (int i = 0; i < 4; i++) {
                long magnitudes = Grid.IQ2_XXS.point(ByteLanes.at(codes, i));
                int to = quantsOffset + run * RUN + 8 * i;
                ByteLanes.set(quants, to, signed(magnitudes, evenSigns(signs >>> (7 * i))));
            }
        }
    }
}
