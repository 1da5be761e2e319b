package kawi.quant;

import java.lang.foreign.MemorySegment;

/**
 * 4-bit codes of unequal steps, one scale per 32 weights. {@code w = d * q}
 *
 * <pre>
 *    offset  bytes
 *         0      2   d    f16
 *         2     16   q    uint4, index into {@link CodeBook#NONLINEAR}; byte j has weight j in its low half and weight
 *                         16 + j in its high half
 * </pre>
 *
 * Source: {@code block_iq4_nl} in ggml's {@code ggml-common.h}, {@code dequantize_row_iq4_nl} in its
 * {@code ggml-quants.c}.
 */
final class IQ4_NLFormat extends BlockFormat {

    static final IQ4_NLFormat INSTANCE = new IQ4_NLFormat();

    private static final int WEIGHTS = 32;
    private static final int BYTES = 18;

    private IQ4_NLFormat() {
        super("IQ4_NL", WEIGHTS, BYTES, WEIGHTS, false, CodeBook.NONLINEAR.largestQuant());
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
            scales[scalesOffset + block] = F16Format.get(data, at);
            CodeBook.NONLINEAR.unpackPairs(data, at + 2, 16, quants, quantsOffset + block * WEIGHTS);
        }
    }

    @Override
    void encodeBlock(float[] in, int from, MemorySegment data, long at) {
        setScale(data, at, NearestScale.half(CodeBook.NONLINEAR, in, from, WEIGHTS));
        CodeBook.NONLINEAR.packPairs(in, from, F16Format.get(data, at), data, at + 2, 16);
    }
}
