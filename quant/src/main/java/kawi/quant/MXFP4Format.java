package kawi.quant;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

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
final class MXFP4Format extends BlockFormat {

    static final MXFP4Format INSTANCE = new MXFP4Format();

    private static final int WEIGHTS = 32;
    private static final int BYTES = 17;
    private static final int BIAS = 128;

    /** With larger scales the largest weights are infinite, and there are none larger but finite. */
    private static final int MAX_EXPONENT = 252;

    private MXFP4Format() {
        super("MXFP4", WEIGHTS, BYTES, WEIGHTS, false, CodeBook.E2M1.largestQuant());
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
    void encodeBlock(float[] in, int from, MemorySegment data, long at) {
        float largest = 0;
        for (int i = from; i < from + WEIGHTS; i++) {
            largest = Math.max(largest, Math.abs(in[i]));
        }
        int holds = Math.getExponent(largest) - 3 + BIAS; // 8 <= largest / scale < 16
        int best = 0;
        double least = Double.POSITIVE_INFINITY;
        for (int e = holds - 1; e <= holds + 1; e++) {
            int exponent = Math.clamp(e, 0, MAX_EXPONENT);
            double error = NearestScale.error(CodeBook.E2M1, in, from, WEIGHTS, scale(exponent));
            if (error < least) {
                least = error;
                best = exponent;
            }
        }
        data.set(ValueLayout.JAVA_BYTE, at, (byte) best);
        CodeBook.E2M1.packPairs(in, from, scale(best), data, at + 1, 16);
    }
}
