package kawi.quant;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

/** Blocks of any bytes, and any weights, in every quantized format. */
class BlockPropertyTest {

    @Provide
    Arbitrary<QuantizedFormat> formats() {
        return Arbitraries.of(WeightFormats.all().stream()
                .filter(QuantizedFormat.class::isInstance)
                .map(QuantizedFormat.class::cast)
                .toList());
    }

    @Provide
    Arbitrary<QuantizedFormat> encodedFormats() {
        return formats().filter(WeightFormat::canEncode);
    }

    /** Scales of such blocks are often infinite, NaN or subnormal: they flow into the weights. */
    @Property(tries = 500)
    void anyBytesDecodeAsTheirIntegerFormSays(
            @ForAll("formats") QuantizedFormat format,
            @ForAll long seed,
            @ForAll @IntRange(min = 1, max = 5) int blocks) {
        byte[] bytes = new byte[blocks * format.blockBytes()];
        new Random(seed).nextBytes(bytes);
        var data = MemorySegment.ofArray(bytes);
        var form = new IntegerFormTest.IntegerForm(format, data);
        float[] decoded = new float[form.quants.length];
        format.decode(data, 0, decoded, 0, decoded.length);
        assertArrayEquals(form.weights(), decoded);
        for (byte q : form.quants) {
            assertTrue(Math.abs(q) <= format.largestQuant());
        }
    }

    /**
     * For any mixture of magnitudes, no weight is off by more than two steps, as determined by the largest weight of
     * its block: half a step is rounding, and minimizing the squared error may clip the extremes.
     */
    @Property(tries = 500)
    void anyWeightsAreApproximated(
            @ForAll("encodedFormats") QuantizedFormat format,
            @ForAll long seed,
            @ForAll @IntRange(min = 0, max = 3) int mixture) {
        var random = new Random(seed);
        float[] weights = new float[format.blockSize()];
        float largest = 0;
        for (int i = 0; i < weights.length; i++) {
            weights[i] = switch (mixture) {
                case 0 -> random.nextFloat();
                case 1 -> (float) random.nextGaussian() + 3;
                case 2 -> (float) Math.scalb(random.nextGaussian(), random.nextInt(-40, 14));
                default -> random.nextInt(8) == 0 ? (float) random.nextGaussian() : 0;
            };
            largest = Math.max(largest, Math.abs(weights[i]));
        }
        var data = MemorySegment.ofArray(new byte[format.blockBytes()]);
        format.encode(weights, 0, weights.length, data, 0);
        float[] decoded = new float[weights.length];
        format.decode(data, 0, decoded, 0, decoded.length);
        float step = largest * QuantizedFormatTest.step(format);
        float coarsest = QuantizedFormatTest.gap(format) * 0x1p-24f;
        for (int i = 0; i < weights.length; i++) {
            float miss = Math.abs(decoded[i] - weights[i]);
            assertTrue(miss <= 2 * step + coarsest, format + " weight " + weights[i] + " came out as " + decoded[i]);
        }
    }
}
