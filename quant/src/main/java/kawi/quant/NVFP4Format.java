package kawi.quant;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * 4-bit floats with an 8-bit float as the scale of 16 weights, the NVFP4 of Nvidia. {@code w = d / 2 * q} with {@code q}
 * twice the float.
 *
 * <pre>
 *    offset  bytes
 *         0      4   d    E4M3 without a sign; byte r is that of run r
 *         4     32   q    E2M1, see {@link CodeBook#E2M1}; byte 8 r + j has weight 16 r + j in its low half, weight
 *                         16 r + 8 + j in its high half
 * </pre>
 *
 * The factor of the whole tensor that the format has elsewhere is a tensor of its own in GGUF files.
 *
 * <p>Source: {@code block_nvfp4} in ggml's {@code ggml-common.h}, {@code dequantize_row_nvfp4} in its
 * {@code ggml-quants.c}.
 */
final class NVFP4Format extends DecodedFormat {

    static final NVFP4Format INSTANCE = new NVFP4Format();

    private static final int WEIGHTS = 64;
    private static final int BYTES = 36;
    private static final int RUN = 16;
    private static final int RUNS = WEIGHTS / RUN;
    private static final int NOT_A_NUMBER = 0x7f;

    private NVFP4Format() {
        super("NVFP4", WEIGHTS, BYTES, RUN, CodeBook.E2M1);
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
            long at = offset + (long) block * blockBytes();
            for (int run = 0; run < RUNS; run++) {
                scales[scalesOffset + block * RUNS + run] = halfScale(data.get(ValueLayout.JAVA_BYTE, at + run));
                int to = quantsOffset + block * WEIGHTS + run * RUN;
                CodeBook.E2M1.unpackPairs(data, at + 4 + 8L * run, 8, quants, to);
            }
        }
    }

    /** Half the value of an E4M3 with an exponent bias of 7, whose sign is ignored, and whose only NaN is 0. */
    private static float halfScale(int bits) {
        int fraction = bits & 7;
        int exponent = bits >>> 3 & 15;
        if ((bits & 0xff) == NOT_A_NUMBER) {
            return 0;
        }
        return exponent == 0 ? fraction * 0x1p-10f : Math.scalb(8 + fraction, exponent - 11);
    }

    /** The largest scale that is no larger than {@code d}. */
    @Override
    void setFactor(MemorySegment data, long at, float d) {
        int bits = 0;
        while (bits + 1 < NOT_A_NUMBER && 2 * halfScale(bits + 1) <= d) {
            bits++;
        }
        for (int run = 0; run < RUNS; run++) {
            data.set(ValueLayout.JAVA_BYTE, at + run, (byte) bits);
        }
    }
}
