package kawi.quant;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The integer form of blocks of any bytes, in every quantized format. */
class IntegerFormTest {

    private static final byte GUARD = 0x5a;
    private static final float FLOAT_GUARD = 12345.678f;

    static Stream<QuantizedFormat> formats() {
        return WeightFormats.all().stream()
                .filter(QuantizedFormat.class::isInstance)
                .map(QuantizedFormat.class::cast);
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

    private static MemorySegment randomBlocks(WeightFormat format, long seed, int blocks) {
        byte[] bytes = new byte[blocks * format.blockBytes()];
        new Random(seed).nextBytes(bytes);
        return MemorySegment.ofArray(bytes);
    }

    @ParameterizedTest
    @MethodSource("formats")
    void runsDivideBlocks(QuantizedFormat format) {
        assertTrue(format.scaleRun() == 16 || format.scaleRun() == 32);
        assertEquals(0, format.blockSize() % format.scaleRun());
        assertEquals(0, 256 % format.blockSize());
    }

    @ParameterizedTest
    @MethodSource("formats")
    void weightsAreWhatItSays(QuantizedFormat format) {
        MemorySegment data = randomBlocks(format, 1, 60);
        float[] weights = new float[60 * format.blockSize()];
        format.decode(data, 0, weights, 0, weights.length);
        assertArrayEquals(new IntegerForm(format, data).weights(), weights);
    }

    @ParameterizedTest
    @MethodSource("formats")
    void integersReachTheLargestQuantAndNoFurther(QuantizedFormat format) {
        int largest = 0;
        for (byte q : new IntegerForm(format, randomBlocks(format, 2, 400)).quants) {
            largest = Math.max(largest, q > 0 && !format.hasMinimum() ? q + 1 : Math.abs(q));
        }
        assertEquals(format.largestQuant(), largest);
    }

    @ParameterizedTest
    @MethodSource("formats")
    void theCodeBookHasTheIntegersThatOccur(QuantizedFormat format) {
        byte[] quants = new IntegerForm(format, randomBlocks(format, 5, 400)).quants;
        Arrays.sort(quants);
        byte[] occurring = new byte[256];
        int count = 0;
        for (byte q : quants) {
            if (count == 0 || q != occurring[count - 1]) {
                occurring[count++] = q;
            }
        }
        byte[] codeBook = format.codeBook();
        if (codeBook.length == 0) {
            int admitted = format.hasMinimum() ? format.largestQuant() + 1 : 2 * format.largestQuant();
            assertTrue(count == admitted || count > 16, () -> format + " has few integers");
        } else {
            assertTrue(codeBook.length <= 16);
            assertArrayEquals(Arrays.copyOf(occurring, count), codeBook);
        }
    }

    @ParameterizedTest
    @MethodSource("formats")
    void isUnpackedAtAnyOffsetIntoAnyPlaceAndNothingElse(QuantizedFormat format) {
        MemorySegment data = randomBlocks(format, 3, 3);
        IntegerForm all = new IntegerForm(format, data);
        int weights = 2 * format.blockSize();
        int runs = weights / format.scaleRun();
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
            if (format.hasMinimum()) {
                System.arraycopy(all.minimums, runs / 2, expectedMinimums, 3, runs);
            }
            format.unpack(shifted, offset + (long) format.blockBytes(), weights, quants, 11, scales, minimums, 3);
            assertArrayEquals(expectedQuants, quants);
            assertArrayEquals(expectedScales, scales);
            assertArrayEquals(expectedMinimums, minimums);
        }
    }

    @ParameterizedTest
    @MethodSource("formats")
    void partsOfBlocksAreRefused(QuantizedFormat format) {
        int weights = format.blockSize() + 1;
        MemorySegment data = randomBlocks(format, 4, 2);
        float[] floats = new float[weights];
        for (var failure : new IllegalArgumentException[] {
            assertThrows(IllegalArgumentException.class, () -> format.decode(data, 0, floats, 0, weights)),
            assertThrows(
                    IllegalArgumentException.class,
                    () -> format.unpack(data, 0, weights, new byte[weights], 0, floats, floats, 0))
        }) {
            assertEquals(
                    "%d weights are not a whole number of %s blocks of %d"
                            .formatted(weights, format.name(), format.blockSize()),
                    failure.getMessage());
        }
    }
}
