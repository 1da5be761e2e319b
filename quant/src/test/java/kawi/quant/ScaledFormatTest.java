package kawi.quant;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.lang.foreign.MemorySegment;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ScaledFormatTest {

    /** By a power of two, so that no rounding differs. */
    @ParameterizedTest
    @ValueSource(strings = {"NVFP4", "Q4_0", "Q4_K", "IQ4_XS"})
    void weightsAreMultiplied(String name) {
        QuantizedFormat format = (QuantizedFormat) WeightFormats.byName(name);
        WeightFormat scaled = WeightFormats.scaled(format, 0.125f);
        assertEquals(name + " times 0.125", scaled.name());
        assertFalse(scaled.canEncode());
        int count = 3 * format.blockSize();
        MemorySegment data = MemorySegment.ofArray(new byte[3 * format.blockBytes()]);
        RandomWeights.write(format, new Random(3), 1, count, data, 0);
        float[] weights = new float[count];
        format.decode(data, 0, weights, 0, count);
        float[] smaller = new float[count];
        scaled.decode(data, 0, smaller, 0, count);
        for (int i = 0; i < count; i++) {
            weights[i] *= 0.125f;
        }
        assertArrayEquals(weights, smaller);
    }
}
