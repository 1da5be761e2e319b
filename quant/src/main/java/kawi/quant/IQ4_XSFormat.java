package kawi.quant;

import java.lang.foreign.MemorySegment;

/**
 * 4-bit codes of unequal steps in blocks of 256; a 6-bit scale per run of 32 weights. {@code w = (d * (s - 32)) * q}
 *
 * <pre>
 *    offset  bytes
 *         0      2   d    f16
 *         2      2   sh   uint2; bits 4 and 5 of the scale of run r from bit 2 r up
 *         4      4   sl   uint4; the rest of the scales, run 2 i in the low half of byte i, run 2 i + 1 in the high one
 *         8    128   q    uint4, index into {@link CodeBook#NONLINEAR}; byte 16 r + j has weight 32 r + j in its low
 *                         half, weight 32 r + 16 + j in its high half
 * </pre>
 *
 * Source: {@code block_iq4_xs} in ggml's {@code ggml-common.h}, {@code dequantize_row_iq4_xs} in its
 * {@code ggml-quants.c}.
 *
 * <p>Encoding: the best scale of each run is sought separately; the largest one becomes {@code s - 32 = -32}, and the
 * others are rounded to whichever of three neighbors has the smallest error.
 */
final class IQ4_XSFormat extends BlockFormat {

    static final IQ4_XSFormat INSTANCE = new IQ4_XSFormat();

    private static final int WEIGHTS = 256;
    private static final int BYTES = 136;
    private static final int RUN = 32;
    private static final int RUNS = WEIGHTS / RUN;
    private static final int SCALE_BIAS = 32;

    private IQ4_XSFormat() {
        super("IQ4_XS", WEIGHTS, BYTES, RUN, false, CodeBook.NONLINEAR.largestQuant());
    }

    @Override
    public byte[] codeBook() {
        return CodeBook.NONLINEAR.distinct();
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
            float d = F16Format.get(data, at);
            int high = data.get(LittleEndian.SHORT, at + 2);
            int low = data.get(LittleEndian.INT, at + 4);
            for (int run = 0; run < RUNS; run++) {
                int scale = ((low >>> (4 * run)) & 15) | (((high >>> (2 * run)) & 3) << 4);
                scales[scalesOffset + block * RUNS + run] = d * (scale - SCALE_BIAS);
                int to = quantsOffset + block * WEIGHTS + run * RUN;
                CodeBook.NONLINEAR.unpackPairs(data, at + 8 + 16L * run, 16, quants, to);
            }
        }
    }

    @Override
    void encodeBlock(float[] in, int from, MemorySegment data, long at) {
        double[] free = new double[RUNS];
        double extreme = 0;
        for (int run = 0; run < RUNS; run++) {
            free[run] = NearestScale.of(CodeBook.NONLINEAR, in, from + run * RUN, RUN);
            if (Math.abs(free[run]) > Math.abs(extreme)) {
                extreme = free[run];
            }
        }
        setScale(data, at, F16Format.roundAwayFromZero((float) (extreme / -SCALE_BIAS)));
        float d = F16Format.get(data, at);
        int high = 0;
        int low = 0;
        for (int run = 0; run < RUNS; run++) {
            int scale = d == 0 ? 0 : roundedScale(in, from + run * RUN, d, (int) Math.rint(free[run] / d));
            high |= (scale + SCALE_BIAS) >> 4 << (2 * run);
            low |= ((scale + SCALE_BIAS) & 15) << (4 * run);
            CodeBook.NONLINEAR.packPairs(in, from + run * RUN, (double) d * scale, data, at + 8 + 16L * run, 16);
        }
        data.set(LittleEndian.SHORT, at + 2, (short) high);
        data.set(LittleEndian.INT, at + 4, low);
    }

    private static int roundedScale(float[] in, int from, float d, int nearest) {
        int best = 0;
        double least = Double.POSITIVE_INFINITY;
        for (int s = nearest - 1; s <= nearest + 1; s++) {
            int scale = Math.clamp(s, -SCALE_BIAS, SCALE_BIAS - 1);
            double error = NearestScale.error(CodeBook.NONLINEAR, in, from, RUN, (double) d * scale);
            if (error < least) {
                least = error;
                best = scale;
            }
        }
        return best;
    }
}
