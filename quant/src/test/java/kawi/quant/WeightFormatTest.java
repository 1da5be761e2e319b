package kawi.quant;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What every weight format must do; a test per format extends this and adds bytes computed by hand. */
abstract class WeightFormatTest {

    /** Guard bytes and floats around outputs have this value. */
    private static final byte GUARD = 0x5a;

    private static final float FLOAT_GUARD = 12345.678f;

    final WeightFormat format;
    private final int blockSize;
    private final int blockBytes;
    private final double normalError;

    /** @param normalError bound of the root mean square error on weights of the standard normal distribution */
    WeightFormatTest(WeightFormat format, int blockSize, int blockBytes, double normalError) {
        this.format = format;
        this.blockSize = blockSize;
        this.blockBytes = blockBytes;
        this.normalError = normalError;
    }

    /** Standard normal weights, the same ones for every format. */
    static float[] normalWeights(int count) {
        var random = new Random(20250714);
        float[] weights = new float[count];
        for (int i = 0; i < count; i++) {
            weights[i] = (float) random.nextGaussian();
        }
        return weights;
    }

    MemorySegment encoded(float... weights) {
        var data = MemorySegment.ofArray(new byte[Math.toIntExact(format.bytes(weights.length))]);
        format.encode(weights, 0, weights.length, data, 0);
        return data;
    }

    float[] decoded(MemorySegment data) {
        float[] weights = new float[Math.toIntExact(data.byteSize() / format.blockBytes() * format.blockSize())];
        format.decode(data, 0, weights, 0, weights.length);
        return weights;
    }

    float[] roundTrip(float... weights) {
        return decoded(encoded(weights));
    }

    /** Bytes written as hex with any spaces. */
    static MemorySegment bytes(String hex) {
        return MemorySegment.ofArray(HexFormat.of().parseHex(hex.replaceAll("\\s", "")));
    }

    static double rootMeanSquareError(float[] expected, float[] actual) {
        double sum = 0;
        for (int i = 0; i < expected.length; i++) {
            sum += Math.pow((double) actual[i] - expected[i], 2);
        }
        return Math.sqrt(sum / expected.length);
    }

    @Test
    void hasItsBlocks() {
        assertEquals(blockSize, format.blockSize());
        assertEquals(blockBytes, format.blockBytes());
        assertEquals(7L * blockBytes, format.bytes(7L * blockSize));
        assertSame(format, WeightFormats.byName(format.name()));
        assertEquals(format.name(), format.toString());
    }

    @Test
    void approximatesNormalWeights() {
        float[] weights = normalWeights(16 * 1024);
        double error = rootMeanSquareError(weights, roundTrip(weights));
        assertTrue(error <= normalError, () -> "root mean square error " + error + ", bound " + normalError);
    }

    @Test
    void keepsZerosZero() {
        for (float zero : roundTrip(new float[blockSize * 2])) {
            assertEquals(0, Math.abs(zero)); // of either sign
        }
    }

    @Test
    void decodesAtAnyOffsetIntoAnyPlaceAndNothingElse() {
        MemorySegment data = encoded(normalWeights(3 * blockSize));
        float[] all = decoded(data);
        for (int offset = 0; offset < 9; offset++) {
            var shifted = MemorySegment.ofArray(new byte[3 * blockBytes + offset]);
            MemorySegment.copy(data, 0, shifted, offset, data.byteSize());
            float[] out = new float[2 * blockSize + 10];
            Arrays.fill(out, FLOAT_GUARD);
            format.decode(shifted, offset + (long) blockBytes, out, 7, 2 * blockSize);
            assertArrayEquals(
                    Arrays.copyOfRange(all, blockSize, 3 * blockSize), Arrays.copyOfRange(out, 7, 7 + 2 * blockSize));
            for (int i = 0; i < 7; i++) {
                assertEquals(FLOAT_GUARD, out[i]);
            }
            for (int i = 7 + 2 * blockSize; i < out.length; i++) {
                assertEquals(FLOAT_GUARD, out[i]);
            }
        }
    }

    @Test
    void encodesFromAnyPlaceToAnyOffsetAndNothingElse() {
        float[] weights = normalWeights(3 * blockSize);
        byte[] all = encoded(weights).toArray(ValueLayout.JAVA_BYTE);
        for (int offset = 0; offset < 9; offset++) {
            byte[] out = new byte[offset + 2 * blockBytes + 5];
            Arrays.fill(out, GUARD);
            format.encode(weights, blockSize, 2 * blockSize, MemorySegment.ofArray(out), offset);
            byte[] expected = new byte[out.length];
            Arrays.fill(expected, GUARD);
            System.arraycopy(all, blockBytes, expected, offset, 2 * blockBytes);
            assertArrayEquals(expected, out);
        }
    }

    @Test
    void noWeightsAreNoBytes() {
        MemorySegment nothing = MemorySegment.ofArray(new byte[0]);
        format.encode(new float[0], 0, 0, nothing, 0);
        format.decode(nothing, 0, new float[0], 0, 0);
        assertEquals(0, format.bytes(0));
    }
}
