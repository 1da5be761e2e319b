package kawi.quant;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What every quantized format must do besides. */
abstract class QuantizedFormatTest extends WeightFormatTest {

    private static final byte GUARD = 0x5a;
    private static final float FLOAT_GUARD = 12345.678f;

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

    /** The integer form of whole blocks. */
    static final class IntegerForm {

        final byte[] quants;
        final float[] scales;
        final float[] minimums;

        IntegerForm(QuantizedFormat format, MemorySegment data) {
            quants = new byte[Math.toIntExact(data.byteSize() / format.blockBytes() * format.blockSize())];
            scales = new float[quants.length / format.scaleRun()];
            minimums = new float[format.hasMinimum() ? scales.length : 0];
            format.unpack(data, 0, quants.length, quants, 0, scales, minimums, 0);
        }

        /** The weights of the formula that all kernels compute with. */
        float[] weights() {
            int run = quants.length / scales.length;
            float[] weights = new float[quants.length];
            for (int i = 0; i < weights.length; i++) {
                float product = scales[i / run] * quants[i];
                weights[i] = minimums.length == 0 ? product : product + minimums[i / run];
            }
            return weights;
        }
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

    private MemorySegment randomBlocks(long seed, int blocks) {
        byte[] bytes = new byte[blocks * format.blockBytes()];
        new Random(seed).nextBytes(bytes);
        return MemorySegment.ofArray(bytes);
    }

    @Test
    void hasItsIntegerForm() {
        assertEquals(scaleRun, quantized.scaleRun());
        assertEquals(hasMinimum, quantized.hasMinimum());
        assertEquals(largestQuant, quantized.largestQuant());
    }

    @Test
    void decodesWhatTheIntegerFormSays() {
        MemorySegment data = randomBlocks(1, 60);
        assertArrayEquals(new IntegerForm(quantized, data).weights(), decoded(data));
    }

    @Test
    void integersReachTheLargestQuantAndNoFurther() {
        int largest = 0;
        for (byte q : new IntegerForm(quantized, randomBlocks(2, 400)).quants) {
            largest = Math.max(largest, q > 0 && !hasMinimum ? q + 1 : Math.abs(q));
        }
        assertEquals(largestQuant, largest);
    }

    @Test
    void theCodeBookHasTheIntegersThatOccur() {
        byte[] occurring = new byte[256];
        byte[] quants = new IntegerForm(quantized, randomBlocks(5, 400)).quants.clone();
        Arrays.sort(quants);
        int count = 0;
        for (byte q : quants) {
            if (count == 0 || q != occurring[count - 1]) {
                occurring[count++] = q;
            }
        }
        byte[] codeBook = quantized.codeBook();
        if (codeBook.length == 0) {
            int admitted = hasMinimum ? largestQuant + 1 : 2 * largestQuant;
            assertEquals(admitted, count); // all of them
        } else {
            assertTrue(codeBook.length <= 16);
            assertArrayEquals(Arrays.copyOf(occurring, count), codeBook);
        }
    }

    @Test
    void unpacksAtAnyOffsetIntoAnyPlaceAndNothingElse() {
        MemorySegment data = randomBlocks(3, 3);
        IntegerForm all = new IntegerForm(quantized, data);
        int weights = 2 * format.blockSize();
        int runs = weights / scaleRun;
        for (int offset = 0; offset < 9; offset++) {
            var shifted = MemorySegment.ofArray(new byte[3 * format.blockBytes() + offset]);
            MemorySegment.copy(data, 0, shifted, offset, data.byteSize());
            byte[] quants = new byte[weights + 20];
            float[] scales = new float[runs + 20];
            float[] minimums = new float[runs + 20];
            Arrays.fill(quants, GUARD);
            Arrays.fill(scales, FLOAT_GUARD);
            Arrays.fill(minimums, FLOAT_GUARD);
            byte[] expectedQuants = quants.clone();
            float[] expectedScales = scales.clone();
            float[] expectedMinimums = minimums.clone();
            System.arraycopy(all.quants, format.blockSize(), expectedQuants, 11, weights);
            System.arraycopy(all.scales, runs / 2, expectedScales, 3, runs);
            if (hasMinimum) {
                System.arraycopy(all.minimums, runs / 2, expectedMinimums, 3, runs);
            }
            quantized.unpack(shifted, offset + (long) format.blockBytes(), weights, quants, 11, scales, minimums, 3);
            assertArrayEquals(expectedQuants, quants);
            assertArrayEquals(expectedScales, scales);
            assertArrayEquals(expectedMinimums, minimums);
        }
    }

    @Test
    void refusesPartsOfBlocks() {
        int weights = format.blockSize() + 1;
        MemorySegment data = randomBlocks(4, 2);
        float[] floats = new float[weights];
        for (var failure : new IllegalArgumentException[] {
            assertThrows(IllegalArgumentException.class, () -> format.decode(data, 0, floats, 0, weights)),
            assertThrows(IllegalArgumentException.class, () -> format.encode(floats, 0, weights, data, 0)),
            assertThrows(
                    IllegalArgumentException.class,
                    () -> quantized.unpack(data, 0, weights, new byte[weights], 0, floats, floats, 0))
        }) {
            assertEquals(
                    "%d weights are not a whole number of %s blocks of %d"
                            .formatted(weights, format.name(), format.blockSize()),
                    failure.getMessage());
        }
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
