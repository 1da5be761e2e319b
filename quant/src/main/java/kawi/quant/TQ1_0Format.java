package kawi.quant;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * Ternary weights, five to a byte, one scale per 256 weights ({@code TQ1_0}) or per 128 ({@code PTQ1_0}). {@code w = d *
 * (t - 1)}
 *
 * <p>A byte is a fraction of 256 with five ternary digits after the point: digit {@code n} is the integer part of
 * {@code 3 f}, where {@code f} is the fraction that is left of {@code 3^n} times the byte. With {@code n = 32} for
 * {@code TQ1_0} and 16 for {@code PTQ1_0}:
 *
 * <pre>
 *      bytes
 *          n   t   digit k of byte j is weight n k + j, k = 0 .. 4
 *      n / 2   t   digit k of byte j is weight 5 n + n / 2 k + j, k = 0 .. 4
 *      n / 8   t   digit k of byte j is weight 7.5 n + n / 8 k + j, k = 0 .. 3
 *          2   d   f16
 * </pre>
 *
 * Sources: {@code block_tq1_0} in ggml's {@code ggml-common.h}, {@code dequantize_row_tq1_0} in its
 * {@code ggml-quants.c}; {@code block_ptq1_0} of the fork github.com/PrismML-Eng/llama.cpp.
 */
final class TQ1_0Format extends BlockFormat {

    static final TQ1_0Format INSTANCE = new TQ1_0Format("TQ1_0", 256);
    static final TQ1_0Format PRISM = new TQ1_0Format("PTQ1_0", 128);

    private static final int RUN = 32;
    private static final int BIAS = 1;
    private static final int DIGITS = 5;
    private static final int POWER = 243;

    /** Digit {@code n} of every byte, less 1, at {@code 5 * byte + n}. */
    private static final byte[] DIGIT = digits();

    /** The bytes before the scale. */
    private final int scaleAt;

    private TQ1_0Format(String name, int weights) {
        super(name, weights, weights * 13 / 64 + 2, RUN, false, 2);
        scaleAt = weights * 13 / 64;
    }

    private static byte[] digits() {
        byte[] digits = new byte[256 * DIGITS];
        for (int value = 0; value < 256; value++) {
            int fraction = value;
            for (int n = 0; n < DIGITS; n++) {
                digits[DIGITS * value + n] = (byte) (((fraction * 3) >> 8) - BIAS);
                fraction = fraction * 3 & 0xff;
            }
        }
        return digits;
    }

    @Override
    public byte[] codeBook() {
        return new byte[] {-1, 0, 1};
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
            int runs = blockSize() / RUN;
            int run = scalesOffset + block * runs;
            Arrays.fill(scales, run, run + runs, F16Format.get(data, at + scaleAt));
            int to = quantsOffset + block * blockSize();
            int wide = blockSize() / 8;
            unpackDigits(data, at, wide, DIGITS, quants, to);
            unpackDigits(data, at + wide, wide / 2, DIGITS, quants, to + 5 * wide);
            unpackDigits(data, at + wide + wide / 2, wide / 8, DIGITS - 1, quants, to + 15 * wide / 2);
        }
    }

    private static void unpackDigits(MemorySegment data, long at, int bytes, int digits, byte[] quants, int to) {
        for (int j = 0; j < bytes; j++) {
            int value = data.get(ValueLayout.JAVA_BYTE, at + j) & 0xff;
            for (int k = 0; k < digits; k++) {
                quants[to + k * bytes + j] = DIGIT[DIGITS * value + k];
            }
        }
    }

    @Override
    void encodeBlock(float[] in, int from, MemorySegment data, long at) {
        setScale(data, at + scaleAt, RoundedBlock.writable((float) TernaryScale.of(in, from, blockSize())));
        float d = F16Format.get(data, at + scaleAt);
        int wide = blockSize() / 8;
        packDigits(in, from, d, data, at, wide, DIGITS);
        packDigits(in, from + 5 * wide, d, data, at + wide, wide / 2, DIGITS);
        packDigits(in, from + 15 * wide / 2, d, data, at + wide + wide / 2, wide / 8, DIGITS - 1);
    }

    private static void packDigits(float[] in, int from, float d, MemorySegment data, long at, int bytes, int digits) {
        for (int j = 0; j < bytes; j++) {
            int number = 0;
            for (int k = 0; k < DIGITS; k++) {
                number = 3 * number + (k < digits ? TernaryScale.round(in[from + k * bytes + j], d) + BIAS : 0);
            }
            // The smallest fraction of 256 that is no less: then all digits are the integer parts.
            data.set(ValueLayout.JAVA_BYTE, at + j, (byte) ((number * 256 + POWER - 1) / POWER));
        }
    }
}
