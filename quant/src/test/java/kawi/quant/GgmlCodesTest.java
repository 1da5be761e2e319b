package kawi.quant;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What ggml's own decoders make of its other formats; {@code ggml-codes.txt} has the provenance. */
class GgmlCodesTest {

    private static final int RANDOM_BLOCKS = 64;
    private static final int SEED = 20261130;

    /** @param digest of what random blocks decode to */
    record Codes(WeightFormat format, MemorySegment bytes, MemorySegment decoded, String digest) {

        float[] decodedWeights() {
            float[] out = new float[Math.toIntExact(decoded.byteSize() / Float.BYTES)];
            F32Format.INSTANCE.decode(decoded, 0, out, 0, out.length);
            return out;
        }

        float[] weights(MemorySegment data) {
            float[] out = new float[Math.toIntExact(data.byteSize() / format.blockBytes() * format.blockSize())];
            format.decode(data, 0, out, 0, out.length);
            return out;
        }

        @Override
        public String toString() {
            return format.name();
        }
    }

    private static List<String> lines() {
        try (var in = GgmlCodesTest.class.getResourceAsStream("ggml-codes.txt")) {
            if (in == null) {
                throw new AssertionError("ggml-codes.txt is missing");
            }
            return new String(in.readAllBytes(), StandardCharsets.US_ASCII)
                    .lines()
                    .filter(line -> !line.startsWith("#"))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static float[] originalWeights() {
        MemorySegment halves = WeightFormatTest.bytes(lines().getFirst());
        float[] out = new float[Math.toIntExact(halves.byteSize() / 2)];
        F16Format.INSTANCE.decode(halves, 0, out, 0, out.length);
        return out;
    }

    static Stream<Codes> codes() {
        return lines().stream()
                .skip(1)
                .map(line -> List.of(line.split(" ")))
                .map(fields -> new Codes(
                        WeightFormats.byName(fields.get(0)),
                        WeightFormatTest.bytes(fields.get(1)),
                        WeightFormatTest.bytes(fields.get(2)),
                        fields.get(3)));
    }

    @Test
    void everyFormatIsInOneOfTheTwoFiles() {
        Set<String> all = WeightFormats.all().stream().map(WeightFormat::name).collect(Collectors.toSet());
        all.removeAll(codes().map(Codes::toString).toList());
        all.removeAll(GgmlBlocksTest.blocks().stream().map(Object::toString).toList());
        assertEquals(Set.of("F32", "F16", "BF16", "Q8_K"), all); // ggml has no quantizer for the last one
    }

    @ParameterizedTest
    @MethodSource("codes")
    void decodesToTheSameBits(Codes codes) {
        assertArrayEquals(codes.decodedWeights(), codes.weights(codes.bytes));
    }

    @ParameterizedTest
    @MethodSource("codes")
    void randomBytesDecodeToTheSameBits(Codes codes) throws NoSuchAlgorithmException {
        byte[] bytes = new byte[RANDOM_BLOCKS * codes.format.blockBytes()];
        new Random(SEED).nextBytes(bytes);
        float[] weights = codes.weights(MemorySegment.ofArray(bytes));
        MemorySegment bits = MemorySegment.ofArray(new byte[4 * weights.length]);
        for (int i = 0; i < weights.length; i++) {
            bits.set(LittleEndian.INT, 4L * i, Float.floatToIntBits(weights[i])); // with one NaN
        }
        byte[] digest = MessageDigest.getInstance("SHA-256").digest(bits.toArray(ValueLayout.JAVA_BYTE));
        assertEquals(codes.digest, HexFormat.of().formatHex(digest));
    }

    static Stream<Codes> encoded() {
        return codes().filter(codes -> codes.format.canEncode());
    }

    @ParameterizedTest
    @MethodSource("encoded")
    void encodesNoWorse(Codes codes) {
        float[] original = codes.format.name().startsWith("P") ? codes.decodedWeights() : originalWeights();
        double theirs = WeightFormatTest.rootMeanSquareError(original, codes.decodedWeights());
        MemorySegment data = MemorySegment.ofArray(new byte[Math.toIntExact(codes.bytes.byteSize())]);
        codes.format.encode(original, 0, original.length, data, 0);
        double ours = WeightFormatTest.rootMeanSquareError(original, codes.weights(data));
        assertTrue(ours <= theirs, () -> "ours %s, ggml's %s".formatted(ours, theirs));
    }
}
