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
final class IQ4_NLFormat extends LaneFormat {

    static final IQ4_NLFormat INSTANCE = new IQ4_NLFormat();

    private static final int WEIGHTS = 32;
    private static final int BYTES = 18;

    private IQ4_NLFormat() {
        super("IQ4_NL", WEIGHTS, BYTES, WEIGHTS, false, CodeBook.NONLINEAR.largestQuant(), BlockWeights.Kind.EQUAL);
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
    void encode(RunLanes lanes, MemorySegment data, long at) {
        var search = new CodeBookLanes(lanes, CodeBook.NONLINEAR);
        float[] scales = halves(lanes, search);
        for (int block = 0; block < lanes.blocks; block++) {
            setScale(data, at + (long) block * BYTES, lanes.written(block, scales[block]));
        }
        byte[] codes = search.codes(scales);
        for (int block = 0; block < lanes.blocks; block++) {
            CodeBook.packPairs(codes, block * WEIGHTS, data, at + (long) block * BYTES + 2, 16);
        }
    }

    /** The best scales as f16, of which the better one of two neighbors where those are far apart. */
    private static float[] halves(RunLanes lanes, CodeBookLanes search) {
        float[] best = search.scales();
        float[] nearest = lanes.floats();
        float[] larger = lanes.floats();
        boolean coarse = false;
        for (int block = 0; block < lanes.blocks; block++) {
            nearest[block] = lanes.nearestHalf(block, best[block]);
            larger[block] = nearest[block];
            if (RoundedBlock.isCoarse(lanes.written(block, best[block]))) {
                larger[block] = lanes.nextHalf(block, best[block]);
                coarse = true;
            }
        }
        if (coarse) {
            float[] error = search.errors(nearest);
            float[] errorOfLarger = search.errors(larger);
            for (int block = 0; block < lanes.blocks; block++) {
                nearest[block] = errorOfLarger[block] < error[block] ? larger[block] : nearest[block];
            }
        }
        return nearest;
    }
}
