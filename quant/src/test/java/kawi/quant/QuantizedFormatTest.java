package kawi.quant;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What every quantized format must do besides. */
abstract class QuantizedFormatTest extends WeightFormatTest {

    private final QuantizedFormat quantized;
    private final int scaleRun;
    private final boolean hasMinimum;
    private final int largestQuant;
    private final double normalError;

    QuantizedFormatTest(
            QuantizedFormat format,
            int blockSize,
            int blockBytes,
            int scaleRun,
            boolean hasMinimum,
            int largestQuant,
            double normalError) {
        super(format, blockSize, blockBytes, normalError);
        this.quantized = format;
        this.scaleRun = scaleRun;
        this.hasMinimum = hasMinimum;
        this.largestQuant = largestQuant;
        this.normalError = normalError;
    }

    /** The largest difference of neighboring integers of the format. */
    static int gap(QuantizedFormat format) {
        byte[] book = format.codeBook();
        int gap = 1;
        for (int i = 1; i < book.length; i++) {
            gap = Math.max(gap, book[i] - book[i - 1]);
        }
        return gap;
    }

    /** The largest difference of neighboring weights, relative to the largest weight of a block. */
    static float step(QuantizedFormat format) {
        byte[] book = format.codeBook();
        if (book.length == 0) {
            return (format.hasMinimum() ? 2f : 1f) / format.largestQuant();
        }
        return (float) gap(format) / Math.max(-book[0], book[book.length - 1]);
    }

    @Test
    void hasItsIntegerForm() {
        assertEquals(scaleRun, quantized.scaleRun());
        assertEquals(hasMinimum, quantized.hasMinimum());
        assertEquals(largestQuant, quantized.largestQuant());
    }

    @Test
    void refusesToEncodePartsOfBlocks() {
        int weights = format.blockSize() + 1;
        MemorySegment data = MemorySegment.ofArray(new byte[2 * format.blockBytes()]);
        float[] floats = new float[weights];
        var failure = assertThrows(IllegalArgumentException.class, () -> format.encode(floats, 0, weights, data, 0));
        assertEquals(
                "%d weights are not a whole number of %s blocks of %d"
                        .formatted(weights, format.name(), format.blockSize()),
                failure.getMessage());
    }

    @ParameterizedTest
    @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY})
    void refusesToEncodeWhatIsNotFinite(float bad) {
        float[] weights = normalWeights(2 * format.blockSize());
        int place = format.blockSize() + 5;
        weights[place] = bad;
        var failure = assertThrows(IllegalArgumentException.class, () -> encoded(weights));
        assertEquals(
                "encoding %s: weight %d is %s, but the format holds finite weights only"
                        .formatted(format.name(), place, bad),
                failure.getMessage());
    }

    @Test
    void encodingAgainLosesNextToNothing() {
        float[] once = roundTrip(normalWeights(8 * 1024));
        double error = rootMeanSquareError(once, roundTrip(once));
        double first = rootMeanSquareError(normalWeights(8 * 1024), once);
        assertTrue(error <= first / 4, () -> "first " + first + ", again " + error);
    }

    @ParameterizedTest
    @ValueSource(floats = {1, -1, 0.1f, -0.1f, 1000, -1e-3f, 3e-5f, 1e-7f, -1e-7f, 1e-38f, -0x1p-146f})
    void constantBlocksStayNearlyConstant(float constant) {
        float[] weights = new float[2 * format.blockSize()];
        Arrays.fill(weights, constant);
        float[] decoded = roundTrip(weights);
        // Scales of small weights are f16 subnormals: coarse, and not below 2^-24.
        float bound = Math.abs(constant) < 0.01f
                ? Math.abs(constant) * 0.05f + gap(quantized) * 0x1p-24f
                : Math.abs(constant) * 0x1p-10f;
        if (quantized.codeBook().length > 0) {
            bound = Math.max(bound, Math.abs(constant) * step(quantized) / 2);
        }
        for (float weight : decoded) {
            assertEquals(constant, weight, bound);
            assertEquals(decoded[0], weight);
        }
    }

    @ParameterizedTest
    @ValueSource(floats = {1e-8f, 1e-7f, 1e-6f, 1e-5f, 1e-4f, 1e-30f, 1e-40f})
    void tinyWeightsLoseNoMoreThanTheSpacingOfSubnormalScales(float size) {
        float[] weights = normalWeights(4 * format.blockSize());
        for (int i = 0; i < weights.length; i++) {
            weights[i] *= size;
        }
        float[] decoded = roundTrip(weights);
        double rootMeanSquare = rootMeanSquareError(new float[weights.length], weights);
        double tinyError = Math.max(0.35, 1.1 * normalError);
        double error = rootMeanSquareError(weights, decoded);
        assertTrue(
                error <= Math.max(gap(quantized) * 0x1p-24, tinyError * rootMeanSquare),
                () -> "error %s of %s".formatted(error, rootMeanSquare));
    }

    @Test
    void oneLargeWeightAmongZerosIsKept() {
        for (float large : new float[] {1, -1, 60000, -60000}) {
            float[] weights = new float[format.blockSize()];
            weights[format.blockSize() - 3] = large;
            float[] decoded = roundTrip(weights);
            float bound = Math.abs(large) * (quantized.codeBook().length > 0 ? step(quantized) / 2 : 0x1p-9f);
            assertEquals(large, decoded[format.blockSize() - 3], bound);
            decoded[format.blockSize() - 3] = 0;
            assertArrayEquals(new float[format.blockSize()], decoded, bound);
        }
    }

    @Test
    void hugeWeightsAreRefusedOrHeld() {
        for (float large : new float[] {1e9f, 3e38f, Float.MAX_VALUE}) {
            float[] weights = normalWeights(format.blockSize());
            weights[3] = large;
            weights[4] = -large;
            var failure = assertThrows(IllegalArgumentException.class, () -> encoded(weights));
            String message = String.valueOf(failure.getMessage());
            assertTrue(
                    message.startsWith("encoding " + format.name() + ": the weights of a block are so large"), message);
            assertTrue(message.endsWith("beyond the largest f16, 65504"), message);
        }
    }
}
