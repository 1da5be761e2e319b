package kawi.quant;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;

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
final class IQ4_XSFormat extends LaneFormat {

    static final IQ4_XSFormat INSTANCE = new IQ4_XSFormat();

    private static final int WEIGHTS = 256;
    private static final int BYTES = 136;
    private static final int RUN = 32;
    private static final int RUNS = WEIGHTS / RUN;
    private static final int SCALE_BIAS = 32;

    private IQ4_XSFormat() {
        super("IQ4_XS", WEIGHTS, BYTES, RUN, false, CodeBook.NONLINEAR.largestQuant(), BlockWeights.Kind.EQUAL);
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
    void encode(RunLanes lanes, MemorySegment data, long at) {
        var search = new CodeBookLanes(lanes, CodeBook.NONLINEAR);
        float[] free = search.scales();
        float[] factors = new float[lanes.blocks];
        for (int block = 0; block < lanes.blocks; block++) {
            float extreme = 0;
            for (int l = block * RUNS; l < (block + 1) * RUNS; l++) {
                if (Math.abs(free[l]) > Math.abs(extreme)) {
                    extreme = free[l];
                }
            }
            factors[block] = lanes.nextHalf(block, extreme / -SCALE_BIAS);
            setScale(data, at + (long) block * BYTES, lanes.written(block, factors[block]));
        }
        float[] d = lanes.floats();
        lanes.spread(factors, d);
        int[] scales = roundedScales(lanes, search, free, d);
        float[] scale = lanes.floats();
        for (int l = 0; l < lanes.count; l++) {
            scale[l] = d[l] * scales[l];
        }
        byte[] codes = search.codes(scale);
        for (int block = 0; block < lanes.blocks; block++) {
            long to = at + (long) block * BYTES;
            int high = 0;
            int low = 0;
            for (int run = 0; run < RUNS; run++) {
                int l = block * RUNS + run;
                int bits = scales[l] + SCALE_BIAS;
                high |= bits >> 4 << (2 * run);
                low |= (bits & 15) << (4 * run);
                CodeBook.packPairs(codes, l * RUN, data, to + 8 + 16L * run, 16);
            }
            data.set(LittleEndian.SHORT, to + 2, (short) high);
            data.set(LittleEndian.INT, to + 4, low);
        }
    }

    /** For each run the multiple of {@code d} with the smallest error: the nearest one or a neighbor of it. */
    private static int[] roundedScales(RunLanes lanes, CodeBookLanes search, float[] free, float[] d) {
        int[] scales = new int[lanes.count];
        int[] nearest = new int[lanes.count];
        for (int l = 0; l < lanes.count; l++) {
            nearest[l] = d[l] == 0 ? 0 : (int) Math.rint(free[l] / d[l]);
        }
        float[] scale = lanes.floats();
        float[] least = lanes.floats();
        Arrays.fill(least, Float.POSITIVE_INFINITY);
        for (int step : new int[] {0, -1, 1}) {
            for (int l = 0; l < lanes.count; l++) {
                scale[l] = d[l] * clamp(nearest[l] + step);
            }
            float[] error = search.errors(scale);
            for (int l = 0; l < lanes.count; l++) {
                if (error[l] < least[l]) {
                    least[l] = error[l];
                    scales[l] = clamp(nearest[l] + step);
                }
            }
        }
        return scales;
    }

    private static int clamp(int scale) {
        return Math.clamp(scale, -SCALE_BIAS, SCALE_BIAS - 1);
    }
}
