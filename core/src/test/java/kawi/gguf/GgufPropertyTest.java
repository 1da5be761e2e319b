package kawi.gguf;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import kawi.ModelFileException;
import kawi.files.Fixture;
import kawi.files.Mutation;
import kawi.quant.WeightFormats;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.DoubleRange;

/**
 * Damaged files are rejected or read according to their bytes. This is checked by encoding everything that was read and
 * comparing it with the file byte by byte.
 */
class GgufPropertyTest {

    private static final byte[] FIXTURE = Fixture.bytes(Fixture.Q8_0_GGUF);
    private static final int HEAD = headLength(FIXTURE);

    static int headLength(byte[] bytes) {
        MemorySegment data = MemorySegment.ofArray(bytes);
        return GgufBytes.encodeHead(GgufFile.of(data, "fixture"), data).length;
    }

    @Property(tries = 1500, edgeCases = EdgeCasesMode.NONE)
    void damagedFilesAreRefusedOrReadAsTheyAre(@ForAll("damage") List<Mutation> damage) {
        assertRefusedOrFaithful(Mutation.all(damage, FIXTURE));
    }

    @Provide
    Arbitrary<List<Mutation>> damage() {
        return Mutation.arbitrary(HEAD, FIXTURE.length).list().ofMinSize(1).ofMaxSize(3);
    }

    @Example
    void noSingleBitOfTheHeadDoesHarm() {
        byte[] sound = GgufBytes.shortened(GgufFile.of(MemorySegment.ofArray(FIXTURE), "fixture"));
        byte[] bytes = sound.clone();
        int head = headLength(sound);
        for (int bit = 0; bit < head * Byte.SIZE; bit++) {
            bytes[bit / Byte.SIZE] ^= (byte) (1 << bit % Byte.SIZE);
            assertRefusedOrFaithful(bytes);
            bytes[bit / Byte.SIZE] = sound[bit / Byte.SIZE];
        }
    }

    @Property(tries = 100, edgeCases = EdgeCasesMode.NONE)
    void damagedWeightsLeaveAllOthersAlone(@ForAll @DoubleRange(max = 1, maxIncluded = false) double where) {
        GgufFile sound = GgufFile.of(MemorySegment.ofArray(FIXTURE), "sound.gguf");
        byte[] bytes = FIXTURE.clone();
        int at = HEAD + (int) (where * (bytes.length - HEAD));
        bytes[at] ^= 1;
        MemorySegment data = MemorySegment.ofArray(bytes);
        GgufFile damaged = GgufFile.of(data, "damaged.gguf");
        for (String name : sound.tensorNames()) {
            MemorySegment weights = damaged.tensor(name).data();
            long begin = weights.address() - data.address();
            boolean hit = begin <= at && at < begin + weights.byteSize();
            assertEquals(
                    hit ? at - begin : -1, weights.mismatch(sound.tensor(name).data()));
        }
    }

    static void assertRefusedOrFaithful(byte[] bytes) {
        MemorySegment data = MemorySegment.ofArray(bytes);
        byte[] head;
        try {
            head = GgufBytes.encodeHead(GgufFile.of(data, "damaged.gguf"), data);
        } catch (ModelFileException e) {
            assertNotNull(e.getMessage());
            return;
        }
        assertArrayEquals(Arrays.copyOf(bytes, head.length), head);
    }

    @Property(tries = 100)
    void whatIsWrittenIsRead(@ForAll("metadata") Map<String, Object> metadata, @ForAll("shapes") List<long[]> shapes)
            throws IOException {
        Path path = Files.createTempFile("kawi", ".gguf");
        try {
            var writer = new GgufWriter();
            metadata.forEach((key, value) -> writer.put(key, typeOf(value), value));
            for (int i = 0; i < shapes.size(); i++) {
                writer.tensor(
                        "t" + i,
                        WeightFormats.byName("F32"),
                        shapes.get(i),
                        (row, out) -> Arrays.fill(out, (float) row));
            }
            writer.writeTo(path);
            try (GgufFile file = GgufFile.open(path)) {
                assertEquals(
                        List.copyOf(metadata.keySet()),
                        List.copyOf(file.metadata().keys()));
                metadata.forEach(
                        (key, value) -> assertEquals(value, file.metadata().value(key)));
                for (int i = 0; i < shapes.size(); i++) {
                    assertArrayEquals(shapes.get(i), file.shape("t" + i));
                    float[] weights = file.tensor("t" + i).toFloats();
                    int last = weights.length / (int) shapes.get(i)[0] - 1;
                    assertEquals(last, weights[weights.length - 1]);
                }
            }
        } finally {
            Files.delete(path);
        }
    }

    private static MetadataType typeOf(Object value) {
        return switch (value) {
            case String text -> MetadataType.STRING;
            case Boolean truth -> MetadataType.BOOL;
            case Float f -> MetadataType.FLOAT32;
            case Double d -> MetadataType.FLOAT64;
            case Long l -> MetadataType.INT64;
            case BigInteger b -> MetadataType.UINT64;
            case MetadataArray array -> MetadataType.ARRAY;
            default -> throw new IllegalArgumentException(value.toString());
        };
    }

    @Provide
    Arbitrary<Map<String, Object>> metadata() {
        Arbitrary<String> text =
                Arbitraries.strings().excludeChars(surrogates()).ofMaxLength(20);
        Arbitrary<Object> scalar = Arbitraries.oneOf(
                text.map(Object.class::cast),
                Arbitraries.of(true, false).map(Object.class::cast),
                Arbitraries.floats().map(Object.class::cast),
                Arbitraries.doubles().map(Object.class::cast),
                Arbitraries.longs().map(Object.class::cast),
                Arbitraries.bigIntegers()
                        .between(BigInteger.TWO.pow(63), BigInteger.TWO.pow(64).subtract(BigInteger.ONE))
                        .map(Object.class::cast));
        Arbitrary<MetadataArray> array = Arbitraries.oneOf(
                text.list().ofMaxSize(5).map(values -> new MetadataArray(MetadataType.STRING, values)),
                Arbitraries.longs()
                        .between(0, 255)
                        .list()
                        .ofMaxSize(5)
                        .map(values -> new MetadataArray(MetadataType.UINT8, values)),
                Arbitraries.of(true, false)
                        .list()
                        .ofMaxSize(5)
                        .map(values -> new MetadataArray(MetadataType.BOOL, values)));
        Arbitrary<MetadataArray> nested =
                array.list().ofMaxSize(3).map(values -> new MetadataArray(MetadataType.ARRAY, values));
        Arbitrary<Object> value =
                Arbitraries.oneOf(scalar, array.map(Object.class::cast), nested.map(Object.class::cast));
        return Arbitraries.maps(text.filter(key -> !key.isEmpty() && !key.equals("general.alignment")), value)
                .ofMaxSize(6);
    }

    private static char[] surrogates() {
        char[] surrogates = new char[Character.MAX_SURROGATE - Character.MIN_SURROGATE + 1];
        for (int i = 0; i < surrogates.length; i++) {
            surrogates[i] = (char) (Character.MIN_SURROGATE + i);
        }
        return surrogates;
    }

    @Provide
    Arbitrary<List<long[]>> shapes() {
        Arbitrary<Long> size = Arbitraries.longs().between(1, 9);
        return Combinators.combine(size, size.list().ofMaxSize(3))
                .as((columns, others) -> {
                    long[] shape = new long[others.size() + 1];
                    shape[0] = columns;
                    for (int i = 0; i < others.size(); i++) {
                        shape[i + 1] = others.get(i);
                    }
                    return shape;
                })
                .list()
                .ofMaxSize(4);
    }
}
