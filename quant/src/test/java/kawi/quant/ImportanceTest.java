package kawi.quant;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Encoding with the importance of weights. */
class ImportanceTest {

    private static final int COUNT = 8192;

    private final float[] weights = new float[COUNT];
    private final float[] importance = new float[COUNT];

    ImportanceTest() {
        var random = new SplittableRandom(5);
        for (int i = 0; i < COUNT; i++) {
            weights[i] = (float) random.nextGaussian(0, 0.02);
            importance[i] = (float) Math.exp(2 * random.nextGaussian());
        }
    }

    private double weightedError(WeightFormat format, byte[] blocks) {
        float[] decoded = new float[COUNT];
        format.decode(MemorySegment.ofArray(blocks), 0, decoded, 0, COUNT);
        double error = 0;
        for (int i = 0; i < COUNT; i++) {
            double miss = decoded[i] - weights[i];
            error += importance[i] * miss * miss;
        }
        return error;
    }

    private byte[] plain(WeightFormat format) {
        byte[] blocks = new byte[(int) format.bytes(COUNT)];
        format.encode(weights, 0, COUNT, MemorySegment.ofArray(blocks), 0);
        return blocks;
    }

    private byte[] weighted(WeightFormat format, float[] by) {
        byte[] blocks = new byte[(int) format.bytes(COUNT)];
        format.encode(weights, 0, COUNT, by, 0, MemorySegment.ofArray(blocks), 0);
        return blocks;
    }

    @ParameterizedTest
    @ValueSource(strings = {"Q4_K", "Q5_K", "Q6_K", "Q3_K", "Q2_K", "Q4_0", "Q5_0", "Q4_1", "Q5_1", "IQ4_NL", "IQ4_XS"})
    void importantWeightsHaveSmallerErrors(String name) {
        WeightFormat format = WeightFormats.byName(name);
        double without = weightedError(format, plain(format));
        double with = weightedError(format, weighted(format, importance));
        assertTrue(with < 0.93 * without, () -> "ratio " + with / without);
    }

    @ParameterizedTest
    @ValueSource(strings = {"Q4_K", "Q6_K", "Q4_1", "IQ4_NL", "MXFP4"})
    void onlyRatiosMatter(String name) {
        WeightFormat format = WeightFormats.byName(name);
        float[] scaled = importance.clone();
        for (int i = 0; i < COUNT; i++) {
            scaled[i] *= 1024;
        }
        assertArrayEquals(weighted(format, importance), weighted(format, scaled));
    }

    @ParameterizedTest
    @ValueSource(strings = {"Q4_K", "Q6_K", "Q2_K", "Q3_K", "IQ4_NL", "IQ4_XS", "MXFP4"})
    void noImportanceAtAllIsNone(String name) {
        WeightFormat format = WeightFormats.byName(name);
        assertArrayEquals(plain(format), weighted(format, new float[COUNT]));
    }

    @ParameterizedTest
    @ValueSource(strings = {"Q4_0", "Q5_0", "Q4_1", "Q5_1", "IQ4_NL", "IQ4_XS", "Q4_K"})
    void weightsThatAreTooLargeAreRefused(String name) {
        WeightFormat format = WeightFormats.byName(name);
        weights[300] = Float.MAX_VALUE;
        String message = String.valueOf(assertThrows(IllegalArgumentException.class, () -> weighted(format, importance))
                .getMessage());
        assertTrue(message.endsWith("beyond the largest f16, 65504"), message);
    }

    @Test
    void someFormatsIgnoreIt() {
        for (String name : new String[] {"F16", "Q8_0"}) {
            WeightFormat format = WeightFormats.byName(name);
            assertArrayEquals(plain(format), weighted(format, importance));
        }
    }

    @Test
    void importanceIsChecked() {
        float[] wrong = new float[COUNT];
        Arrays.fill(wrong, 1);
        wrong[17] = -1;
        assertEquals(
                "encoding Q4_K: the importance of weight 17 is -1.0, but it must be finite and not negative",
                assertThrows(IllegalArgumentException.class, () -> weighted(WeightFormats.byName("Q4_K"), wrong))
                        .getMessage());
    }
}
