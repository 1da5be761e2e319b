package kawi.quant;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Blocks that ggml wrote, compared with the result of an independent decoder; {@code ggml-blocks.txt} has the
 * provenance.
 */
class GgmlBlocksTest {

    /** Formats that are rounded like ggml's reference quantizers; for the others, a search must not be worse. */
    private static final Set<String> SAME_BYTES = Set.of("Q8_0", "Q4_0", "Q4_1", "Q5_0", "Q5_1");

    /**
     * Some blocks of one tensor: the f16 weights they were made from, their bytes, and the f32 weights they stand for.
     */
    record Blocks(WeightFormat format, MemorySegment original, MemorySegment bytes, MemorySegment decoded) {

        int count() {
            return Math.toIntExact(decoded.byteSize() / Float.BYTES);
        }

        float[] originalWeights() {
            return weights(F16Format.INSTANCE, original);
        }

        float[] decodedWeights() {
            return weights(F32Format.INSTANCE, decoded);
        }

        float[] weights(WeightFormat written, MemorySegment data) {
            float[] out = new float[count()];
            written.decode(data, 0, out, 0, out.length);
            return out;
        }

        MemorySegment encoded() {
            var data = MemorySegment.ofArray(new byte[Math.toIntExact(bytes.byteSize())]);
            format.encode(originalWeights(), 0, count(), data, 0);
            return data;
        }

        @Override
        public String toString() {
            return format.name();
        }
    }

    static List<Blocks> blocks() {
        try (var in = GgmlBlocksTest.class.getResourceAsStream("ggml-blocks.txt")) {
            if (in == null) {
                throw new AssertionError("ggml-blocks.txt is missing");
            }
            return new String(in.readAllBytes(), StandardCharsets.US_ASCII)
                    .lines()
                    .filter(line -> !line.startsWith("#"))
                    .map(GgmlBlocksTest::parse)
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Blocks parse(String line) {
        List<String> fields = List.of(line.split(" "));
        return new Blocks(
                WeightFormats.byName(fields.get(0)),
                WeightFormatTest.bytes(fields.get(1)),
                WeightFormatTest.bytes(fields.get(2)),
                WeightFormatTest.bytes(fields.get(3)));
    }

    @Test
    void allFormatsThatLlamaQuantizeWritesAreThere() {
        assertEquals(
                Set.of("Q8_0", "Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q2_K", "Q3_K", "Q4_K", "Q5_K", "Q6_K"),
                blocks().stream().map(Blocks::toString).collect(Collectors.toSet()));
    }

    @ParameterizedTest
    @MethodSource("blocks")
    void decodesToTheSameBits(Blocks blocks) {
        assertArrayEquals(blocks.decodedWeights(), blocks.weights(blocks.format, blocks.bytes));
    }

    static Stream<Blocks> sameBytes() {
        return blocks().stream().filter(blocks -> SAME_BYTES.contains(blocks.toString()));
    }

    @ParameterizedTest
    @MethodSource("sameBytes")
    void encodesToTheSameBytes(Blocks blocks) {
        assertArrayEquals(
                blocks.bytes.toArray(ValueLayout.JAVA_BYTE), blocks.encoded().toArray(ValueLayout.JAVA_BYTE));
    }

    @ParameterizedTest
    @MethodSource("blocks")
    void encodesNoWorse(Blocks blocks) {
        float[] original = blocks.originalWeights();
        double theirs = WeightFormatTest.rootMeanSquareError(original, blocks.decodedWeights());
        double ours = WeightFormatTest.rootMeanSquareError(original, blocks.weights(blocks.format, blocks.encoded()));
        assertTrue(ours <= theirs, () -> "ours %s, ggml's %s".formatted(ours, theirs));
    }
}
