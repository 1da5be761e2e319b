package kawi.safetensors;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import kawi.ModelFileException;
import kawi.files.Fixture;
import kawi.files.MemoryFile;
import kawi.files.Mutation;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Damaged files are rejected or read according to their header, which an independent JSON parser verifies. */
class SafetensorsPropertyTest {

    private static final byte[] FIXTURE = Fixture.bytes(Fixture.BF16_FOLDER + "/model.safetensors");
    private static final int HEAD = 8 + (int) headerLength(FIXTURE);

    private static long headerLength(byte[] bytes) {
        return MemorySegment.ofArray(bytes).get(ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN), 0);
    }

    @Property(tries = 1500, edgeCases = EdgeCasesMode.NONE)
    void damagedFilesAreRefusedOrReadAsTheyAre(@ForAll("damage") List<Mutation> damage) {
        assertRefusedOrFaithful(Mutation.all(damage, FIXTURE));
    }

    @Provide
    Arbitrary<List<Mutation>> damage() {
        Arbitrary<Mutation> text = Combinators.combine(
                        Arbitraries.integers().between(0, HEAD),
                        Arbitraries.of("0", "9", "-", "\"", "{", "]", "9999999999", "F32", "null"))
                .as(Mutation.PutText::new);
        return Arbitraries.oneOf(Mutation.arbitrary(HEAD, FIXTURE.length), text)
                .list()
                .ofMinSize(1)
                .ofMaxSize(3);
    }

    @Property(tries = 1, edgeCases = EdgeCasesMode.NONE)
    void noSingleBitOfTheHeadDoesHarm(@ForAll("bits") int bit) {
        byte[] bytes = FIXTURE.clone();
        for (int at = 0; at < HEAD; at++) {
            bytes[at] ^= (byte) (1 << bit);
            assertRefusedOrFaithful(bytes);
            bytes[at] ^= (byte) (1 << bit);
        }
    }

    @Provide
    Arbitrary<Integer> bits() {
        return Arbitraries.integers().between(0, 7);
    }

    private static void assertRefusedOrFaithful(byte[] bytes) {
        SafetensorsHeader header;
        try {
            header = SafetensorsHeader.read(new MemoryFile("damaged.safetensors", MemorySegment.ofArray(bytes)));
        } catch (ModelFileException e) {
            assertNotNull(e.getMessage());
            return;
        }
        int length = (int) headerLength(bytes);
        JsonNode expected = new JsonMapper().readTree(new String(bytes, 8, length, StandardCharsets.UTF_8));
        JsonNode metadata = expected.path("__metadata__");
        assertEquals(metadata.size(), header.metadata().size());
        header.metadata().forEach((key, value) -> assertEquals(metadata.get(key).asString(), value));
        assertEquals(
                expected.size() - (metadata.isMissingNode() ? 0 : 1),
                header.tensors().size());
        header.tensors().forEach((name, tensor) -> {
            JsonNode entry = expected.get(name);
            assertEquals(entry.get("dtype").asString(), tensor.dtype());
            assertEquals(longs(entry.get("shape")), tensor.shape());
            assertEquals(
                    longs(entry.get("data_offsets")), List.of(tensor.begin() - length - 8, tensor.end() - length - 8));
        });
    }

    private static List<Long> longs(JsonNode array) {
        return array.valueStream().map(JsonNode::asLong).toList();
    }

    @Property(tries = 100)
    void whatIsWrittenIsRead(@ForAll("shapes") List<long[]> shapes) throws IOException {
        Path path = Files.createTempFile("kawi", ".safetensors");
        try {
            var named = new LinkedHashMap<String, long[]>();
            shapes.forEach(shape -> named.put("t" + named.size(), shape));
            try (var writer = SafetensorsWriter.create(path, named)) {
                for (int i = 0; i < shapes.size(); i++) {
                    float[] values =
                            new float[(int) Arrays.stream(shapes.get(i)).reduce(1, (a, b) -> a * b)];
                    Arrays.fill(values, i);
                    writer.write(values, 0, values.length);
                }
                writer.finish();
            }
            try (SafetensorsFile file = SafetensorsFile.open(path)) {
                assertEquals(named.keySet(), file.tensorNames());
                for (int i = 0; i < shapes.size(); i++) {
                    assertArrayEquals(shapes.get(i), file.shape("t" + i));
                    for (float value : file.tensor("t" + i).toFloats()) {
                        assertEquals(i, value);
                    }
                }
            }
        } finally {
            Files.delete(path);
        }
    }

    @Provide
    Arbitrary<List<long[]>> shapes() {
        return Arbitraries.longs()
                .between(1, 9)
                .list()
                .ofMaxSize(4)
                .map(sizes -> sizes.stream().mapToLong(Long::longValue).toArray())
                .list()
                .ofMaxSize(4);
    }
}
