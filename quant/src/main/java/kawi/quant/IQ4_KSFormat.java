package kawi.quant;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * 4-bit codes of unequal steps in blocks of 256, an 8-bit scale per run of 32 weights, and an f32 per row. {@code w = (d *
 * (s - 127)) * q}
 *
 * <p>Files have {@code d} once in front of the blocks of a row, see {@link RowHeader}; here each block has it:
 *
 * <pre>
 *    offset  bytes
 *         0      4   d   f32
 *         4      8   s   uint8 without its lowest bit, one per run; the lowest bit is the table that q is an index into
 *        12    128   q   uint4; byte 16 r + j has weight 32 r + j in its low half, weight 32 r + 16 + j in its high half
 * </pre>
 *
 * Source: {@code block_iq4_ks} and {@code iq4k_values} in {@code ggml-common.h} and {@code dequantize_row_iq4_ks} in
 * {@code iqk_quantize.cpp} of github.com/ikawrakow/ik_llama.cpp.
 */
final class IQ4_KSFormat extends DecodedFormat {

    static final IQ4_KSFormat INSTANCE = new IQ4_KSFormat();

    private static final int WEIGHTS = 256;
    private static final int BYTES = 140;
    private static final int RUN = 32;
    private static final int RUNS = WEIGHTS / RUN;
    private static final int SCALE_BIAS = 127;

    private IQ4_KSFormat() {
        super("IQ4_KS", WEIGHTS, BYTES, RUN, CodeBook.TWO_NONLINEAR);
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
                int scale = data.get(ValueLayout.JAVA_BYTE, at + 4 + run) & 0xff;
                scales[scalesOffset + block * RUNS + run] = d * ((scale & 0xfe) - SCALE_BIAS);
                int table = (scale & 1) << 4;
                int to = quantsOffset + block * WEIGHTS + run * RUN;
                for (int j = 0; j < 16; j++) {
                    int pair = data.get(ValueLayout.JAVA_BYTE, at + 12 + 16L * run + j);
                    quants[to + j] = CodeBook.TWO_NONLINEAR.integer(table | (pair & 15));
                    quants[to + 16 + j] = CodeBook.TWO_NONLINEAR.integer(table | ((pair >> 4) & 15));
                }
            }
        }
    }

    @Override
    void setFactor(MemorySegment data, long at, float d) {
        data.set(LittleEndian.FLOAT, at, d);
    }
}
