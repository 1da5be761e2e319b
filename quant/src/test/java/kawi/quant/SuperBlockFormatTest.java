package kawi.quant;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Encoding of many blocks at once. */
class SuperBlockFormatTest {

    private static final int WEIGHTS = 256;

    /** More than are encoded at once, and not a multiple of it. */
    private static final int BLOCKS = 2 * (RunLanes.MAX_WEIGHTS / WEIGHTS) + 3;

    private final float[] weights = new float[BLOCKS * WEIGHTS];
    private final float[] importance = new float[BLOCKS * WEIGHTS];

    /** Blocks of all magnitudes that have an f16 scale, some of them 0; some without importance. */
    SuperBlockFormatTest() {
        var random = new SplittableRandom(11);
        for (int block = 0; block < BLOCKS; block++) {
            double magnitude = block % 7 == 3 ? 0 : Math.scalb(1.0, random.nextInt(-60, 12));
            boolean important = block % 5 != 2;
            for (int i = block * WEIGHTS; i < (block + 1) * WEIGHTS; i++) {
                weights[i] = (float) (magnitude * (random.nextGaussian() + block % 3));
                importance[i] = important ? (float) Math.exp(4 * random.nextGaussian()) : 0;
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"Q2_K", "Q3_K", "Q4_K", "Q5_K", "Q6_K"})
    void blocksDoNotInfluenceEachOther(String name) {
        WeightFormat format = WeightFormats.byName(name);
        int bytes = format.blockBytes();
        byte[] plain = new byte[BLOCKS * bytes];
        byte[] weighted = new byte[BLOCKS * bytes];
        format.encode(weights, 0, weights.length, MemorySegment.ofArray(plain), 0);
        format.encode(weights, 0, weights.length, importance, 0, MemorySegment.ofArray(weighted), 0);
        for (int block = 0; block < BLOCKS; block++) {
            float[] alone = Arrays.copyOfRange(weights, block * WEIGHTS, (block + 1) * WEIGHTS);
            byte[] encoded = new byte[bytes];
            format.encode(alone, 0, WEIGHTS, MemorySegment.ofArray(encoded), 0);
            assertArrayEquals(encoded, Arrays.copyOfRange(plain, block * bytes, (block + 1) * bytes));
            format.encode(alone, 0, WEIGHTS, importance, block * WEIGHTS, MemorySegment.ofArray(encoded), 0);
            assertArrayEquals(encoded, Arrays.copyOfRange(weighted, block * bytes, (block + 1) * bytes));
        }
    }

    /** Magnitudes that are powers of two change the scales only, if these are normal f16. */
    @ParameterizedTest
    @ValueSource(strings = {"Q2_K", "Q3_K", "Q4_K", "Q5_K", "Q6_K"})
    void relativeErrorsDoNotDependOnMagnitudes(String name) {
        WeightFormat format = WeightFormats.byName(name);
        float[] some = new float[WEIGHTS];
        var random = new SplittableRandom(3);
        for (int i = 0; i < WEIGHTS; i++) {
            some[i] = (float) random.nextGaussian();
        }
        float[] decoded = decoded(format, some);
        for (int exponent : new int[] {-2, 1, 8}) {
            float[] scaled = new float[WEIGHTS];
            for (int i = 0; i < WEIGHTS; i++) {
                scaled[i] = Math.scalb(some[i], exponent);
            }
            float[] result = decoded(format, scaled);
            for (int i = 0; i < WEIGHTS; i++) {
                assertEquals(Math.scalb(decoded[i], exponent), result[i]);
            }
        }
    }

    /** Some weights on a line that the format has without error. */
    @ParameterizedTest
    @ValueSource(strings = {"Q2_K", "Q4_K", "Q5_K"})
    void linesAreExact(String name) {
        QuantizedFormat format = (QuantizedFormat) WeightFormats.byName(name);
        float[] line = new float[WEIGHTS];
        for (int i = 0; i < WEIGHTS; i++) {
            line[i] = (i % (format.largestQuant() + 1)) * 0.25f - 0.5f;
        }
        float[] decoded = decoded(format, line);
        for (int i = 0; i < WEIGHTS; i++) {
            assertEquals(line[i], decoded[i], 0.002f);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"Q2_K", "Q3_K", "Q4_K", "Q5_K", "Q6_K"})
    void theLastBlockOfManyIsCheckedToo(String name) {
        WeightFormat format = WeightFormats.byName(name);
        weights[weights.length - 1] = Float.NaN;
        MemorySegment data = MemorySegment.ofArray(new byte[(int) format.bytes(weights.length)]);
        String message = String.valueOf(
                assertThrows(IllegalArgumentException.class, () -> format.encode(weights, 0, weights.length, data, 0))
                        .getMessage());
        assertTrue(message.contains("weight " + (weights.length - 1) + " is NaN"), message);
    }

    private static float[] decoded(WeightFormat format, float[] in) {
        MemorySegment data = MemorySegment.ofArray(new byte[format.blockBytes()]);
        format.encode(in, 0, WEIGHTS, data, 0);
        float[] out = new float[WEIGHTS];
        format.decode(data, 0, out, 0, WEIGHTS);
        return out;
    }
}
