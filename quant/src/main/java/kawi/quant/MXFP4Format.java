package kawi.quant;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * 4-bit floats with a power of two as the scale of 32 weights, the MXFP4 of OCP Microscaling. {@code w = 2^(e - 128) *
 * q} with {@code q} twice the float.
 *
 * <pre>
 *    offset  bytes
 *         0      1   e    uint8, the exponent of the scale (E8M0); 255 is no NaN here
 *         1     16   q    E2M1, see {@link CodeBook#E2M1}; byte j has weight j in its low half and weight 16 + j in its
 *                         high half
 * </pre>
 *
 * Source: {@code block_mxfp4} in ggml's {@code ggml-common.h}, {@code dequantize_row_mxfp4} in its
 * {@code ggml-quants.c}.
 *
 * <p>Encoding: of the power of two that just holds the largest weight and its neighbors, the one with the smallest
 * squared error.
 */
final class MXFP4Format extends LaneFormat {

    static final MXFP4Format INSTANCE = new MXFP4Format();

    private static final int WEIGHTS = 32;
    private static final int BYTES = 17;
    private static final int BIAS = 128;

    /** With larger scales the largest weights are infinite, and there are none larger but finite. */
    private static final int MAX_EXPONENT = 252;

    private MXFP4Format() {
        super("MXFP4", WEIGHTS, BYTES, WEIGHTS, false, CodeBook.E2M1.largestQuant(), BlockWeights.Kind.EQUAL);
    }

    @Override
    public byte[] codeBook() {
        return CodeBook.E2M1.distinct();
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
            scales[scalesOffset + block] = scale(data.get(ValueLayout.JAVA_BYTE, at) & 0xff);
            CodeBook.E2M1.unpackPairs(data, at + 1, 16, quants, quantsOffset + block * WEIGHTS);
        }
    }

    private static float scale(int exponent) {
        return Math.scalb(1f, exponent - BIAS);
    }

    @Override
    void encode(RunLanes lanes, MemorySegment data, long at) {
        var search = new CodeBookLanes(lanes, CodeBook.E2M1);
        byte[] best = new byte[lanes.blocks];
        float[] scale = lanes.floats();
        float[] bestScale = lanes.floats();
        float[] least = lanes.floats();
        Arrays.fill(least, Float.POSITIVE_INFINITY);
        for (int step = -1; step <= 1; step++) {
            for (int block = 0; block < lanes.blocks; block++) {
                scale[block] = Math.scalb(1f, exponent(lanes, block, step) - BIAS - lanes.exponents[block]);
            }
            float[] error = search.errors(scale);
            for (int block = 0; block < lanes.blocks; block++) {
                if (error[block] < least[block]) {
                    least[block] = error[block];
                    best[block] = (byte) exponent(lanes, block, step);
                    bestScale[block] = scale[block];
                }
            }
        }
        byte[] codes = search.codes(bestScale);
        for (int block = 0; block < lanes.blocks; block++) {
            long to = at + (long) block * BYTES;
            data.set(ValueLayout.JAVA_BYTE, to, best[block]);
            CodeBook.packPairs(codes, block * WEIGHTS, data, to + 1, 16);
        }
    }

    /** The exponent with which the largest weight, divided by the scale, is from 8 to 16, and {@code step} more. */
    private static int exponent(RunLanes lanes, int block, int step) {
        return Math.clamp(lanes.exponents[block] - 3L + BIAS + step, 0, MAX_EXPONENT);
    }
}
