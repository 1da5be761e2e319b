package kawi.quality;

import java.io.IOException;
import java.nio.file.Path;

/**
 * The format of recorded log-probabilities that llama.cpp's {@code perplexity --kl-divergence-base} writes
 * ({@code tools/perplexity/perplexity.cpp}). All numbers are little endian.
 *
 * <pre>
 *    "_logits_"                       8 bytes
 *    u32 contextLength, i32 vocabulary, i32 chunks
 *    i32 tokens[chunks][contextLength]
 *    rows[chunks][contextLength - 1 - contextLength / 2], each of 2 (vocabulary rounded up to even) + 8 bytes:
 *        f32 scale, f32 minimum
 *        u16 code[vocabulary]
 *
 *    ln p[i] = scale code[i] + minimum
 * </pre>
 *
 * The codes cover the range from the largest logit to the smallest, or to 16 below the largest if that is less. What is
 * below has code 0. As long as Kawi has the row in memory, it is an array of shorts with the four halves of {@code
 * scale} and {@code minimum} at the beginning.
 */
final class BaseFile {

    static final String MAGIC = "_logits_";
    static final int HEADER_BYTES = MAGIC.length() + 3 * Integer.BYTES;

    /** The shorts before the codes of a row. */
    static final int ROW_HEADER = 4;

    /** Lower log-probabilities, relative to the largest, are not distinguished. */
    static final float RANGE = 16;

    private static final float MAX_CODE = 65535;

    private BaseFile() {}

    /** The number of shorts of a row. */
    static int rowShorts(int vocabulary) {
        return 2 * Math.ceilDiv(vocabulary, 2) + ROW_HEADER;
    }

    /** The size of a file in bytes. */
    static long bytes(int contextLength, int vocabulary, int chunks) {
        long row = 2L * (2L * Math.ceilDiv(vocabulary, 2) + ROW_HEADER);
        return HEADER_BYTES + chunks * ((long) contextLength * Integer.BYTES + Chunks.rows(contextLength) * row);
    }

    /**
     * Encodes a row.
     *
     * @param logits the logits {@code [first, first + vocabulary)}
     * @param logSum the logarithm of the sum of their exponentials
     * @param out receives the row from index {@code at} on
     */
    static void encode(float[] logits, int first, int vocabulary, double logSum, short[] out, int at) {
        float max = Float.NEGATIVE_INFINITY;
        float min = Float.POSITIVE_INFINITY;
        for (int i = first; i < first + vocabulary; i++) {
            max = Math.max(max, logits[i]);
        }
        for (int i = first; i < first + vocabulary; i++) {
            min = Math.min(min, logits[i]);
        }
        min = Math.max(min, max - RANGE);
        float scale = (max - min) / MAX_CODE;
        putFloat(out, at, scale);
        putFloat(out, at + 2, min - max - (float) (logSum - max));
        float inverse = scale > 0 ? 1 / scale : 0;
        int codes = at + ROW_HEADER;
        for (int i = 0; i < vocabulary; i++) {
            out[codes + i] = (short) (int) Math.rint(inverse * Math.max(logits[first + i] - min, 0));
        }
        if (vocabulary % 2 != 0) {
            out[codes + vocabulary] = 0;
        }
    }

    static float scale(short[] row, int at) {
        return getFloat(row, at);
    }

    static float minimum(short[] row, int at) {
        return getFloat(row, at + 2);
    }

    private static void putFloat(short[] row, int at, float value) {
        int bits = Float.floatToRawIntBits(value);
        row[at] = (short) bits;
        row[at + 1] = (short) (bits >>> 16);
    }

    private static float getFloat(short[] row, int at) {
        return Float.intBitsToFloat((row[at] & 0xffff) | row[at + 1] << 16);
    }

    static IOException cannot(String what, Path file, IOException cause) {
        return new IOException(
                "the KL-divergence base file %s cannot be %s: %s".formatted(file, what, cause.getMessage()), cause);
    }
}
