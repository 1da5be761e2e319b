package kawi.quant;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * 8 weights per code of 10 bits, with 8 bits of signs; a 4-bit scale per run of 16 weights. {@code w = d * (0.5 + s) / 4 *
 * q}
 *
 * <pre>
 *    offset  bytes
 *         0      2   d       f16
 *         2     32   codes   bits 0 to 7 of the number of a point of {@link Grid#IQ2_S}; byte j has weights 8 j on
 *        34     32   signs   byte j has those of weights 8 j on
 *        66      8   codes   bits 8 and 9; byte i has those of the codes 4 i + k, k = 0 .. 3, from its lowest bits up
 *        74      8   s       uint4; run 2 i in the low half of byte i, run 2 i + 1 in the high one
 * </pre>
 *
 * Source: {@code block_iq2_s} in ggml's {@code ggml-common.h}, {@code dequantize_row_iq2_s} in its
 * {@code ggml-quants.c}.
 */
final class IQ2_SFormat extends GridFormat {

    static final IQ2_SFormat INSTANCE = new IQ2_SFormat();

    private static final int BYTES = 82;
    private static final int RUN = 16;
    private static final int RUNS = WEIGHTS / RUN;

    private IQ2_SFormat() {
        super("IQ2_S", BYTES, RUN, signed(8, 25, 43));
    }

    @Override
    void unpackBlock(MemorySegment data, long at, byte[] quants, int quantsOffset, float[] scales, int scalesOffset) {
        float d = F16Format.get(data, at);
        long high = ByteLanes.get(data, at + 66);
        long packed = ByteLanes.get(data, at + 74);
        for (int run = 0; run < RUNS; run++) {
            scales[scalesOffset + run] = d * (0.5f + ((packed >>> (4 * run)) & 15)) * 0.25f;
        }
        for (int j = 0; j < WEIGHTS / 8; j++) {
            int code = (data.get(ValueLayout.JAVA_BYTE, at + 2 + j) & 0xff) | ((int) ((high >>> (2 * j)) & 3) << 8);
            int signs = data.get(ValueLayout.JAVA_BYTE, at + 34 + j);
            ByteLanes.set(quants, quantsOffset + 8 * j, signed(Grid.IQ2_S.point(code), signs));
        }
    }
}
