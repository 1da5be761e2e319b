package kawi.quant;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * 4 weights per code of 9 bits, with signs of their own; a 4-bit scale per run of 32 weights. {@code w = d * (1 + 2 s) *
 * q}
 *
 * <pre>
 *    offset  bytes
 *         0      2   d       f16
 *         2     64   codes   bits 0 to 7 of the number of a point of {@link Grid#IQ3_S}; byte j has weights 4 j on
 *        66      8   codes   bit 8; byte r has those of the codes of run r, from bit 0 up
 *        74     32   signs   byte j has those of weights 8 j on
 *       106      4   s       uint4; run 2 i in the low half of byte i, run 2 i + 1 in the high one
 * </pre>
 *
 * Source: {@code block_iq3_s} in ggml's {@code ggml-common.h}, {@code dequantize_row_iq3_s} in its
 * {@code ggml-quants.c}.
 */
final class IQ3_SFormat extends GridFormat {

    static final IQ3_SFormat INSTANCE = new IQ3_SFormat();

    private static final int BYTES = 110;
    private static final int RUN = 32;
    private static final int RUNS = WEIGHTS / RUN;

    private IQ3_SFormat() {
        super("IQ3_S", BYTES, RUN, signed(1, 3, 5, 7, 9, 11, 13, 15));
    }

    @Override
    void unpackBlock(MemorySegment data, long at, byte[] quants, int quantsOffset, float[] scales, int scalesOffset) {
        float d = F16Format.get(data, at);
        int packed = data.get(LittleEndian.INT, at + 106);
        for (int run = 0; run < RUNS; run++) {
            scales[scalesOffset + run] = d * (1 + 2 * ((packed >>> (4 * run)) & 15));
            long codes = ByteLanes.get(data, at + 2 + 8L * run);
            int high = data.get(ValueLayout.JAVA_BYTE, at + 66 + run);
            int signs = data.get(LittleEndian.INT, at + 74 + 4L * run);
            for (int i = 0; i < 4; i++) {
                long near = Grid.IQ3_S.point(ByteLanes.at(codes, 2 * i) | (((high >>> (2 * i)) & 1) << 8));
                long far = Grid.IQ3_S.point(ByteLanes.at(codes, 2 * i + 1) | (((high >>> (2 * i + 1)) & 1) << 8));
                int to = quantsOffset + run * RUN + 8 * i;
                ByteLanes.set(quants, to, signed(near | (far << 32), signs >>> (8 * i)));
            }
        }
    }
}
