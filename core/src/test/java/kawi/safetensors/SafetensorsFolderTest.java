package kawi.safetensors;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import kawi.ModelFileException;
import kawi.files.Fixture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

class SafetensorsFolderTest {

    private static final String A = "{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}";
    private static final String B = "{\"b\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}";

    @TempDir
    Path folder;

    @Test
    void readsAFolderWithOneFile() {
        Path fixture = Fixture.path(Fixture.BF16_FOLDER);
        try (SafetensorsFolder weights = SafetensorsFolder.open(fixture);
                SafetensorsFile file = SafetensorsFile.open(fixture.resolve("model.safetensors"))) {
            assertEquals(file.tensorNames(), weights.tensorNames());
            assertEquals(file.dataBytes(), weights.dataBytes());
            assertArrayEquals(
                    file.tensor("model.norm.weight").toFloats(),
                    weights.tensor("model.norm.weight").toFloats());
            assertArrayEquals(new long[] {64}, weights.shape("model.norm.weight"));
            assertEquals("BF16", weights.format("model.norm.weight").name());
            refused("there is no tensor x among its", () -> weights.tensor("x"));
        }
    }

    @Test
    void readsShards() throws IOException {
        shard("model-00001-of-00002.safetensors", A, 1);
        shard("model-00002-of-00002.safetensors", B, 8);
        index("{'a':'model-00001-of-00002.safetensors','b':'model-00002-of-00002.safetensors'}");
        SafetensorsFolder weights = SafetensorsFolder.open(folder);
        assertEquals(List.of("a", "b"), List.copyOf(weights.tensorNames()));
        assertEquals(2, weights.tensor("b").toFloats().length);
        assertEquals(9, weights.dataBytes());
        refused("tensor a: dtype U8", () -> weights.tensor("a"));
        weights.close();
        weights.close();
        assertThrows(IllegalStateException.class, () -> weights.tensor("b"));
    }

    @Test
    void theIndexMustAgreeWithTheShards() throws IOException {
        shard("x.safetensors", A, 1);
        index("{'b':'x.safetensors'}");
        try (SafetensorsFolder weights = SafetensorsFolder.open(folder)) {
            assertEquals(List.of("a"), List.copyOf(weights.tensorNames()), "the index need not list all tensors");
            refused("tensor b should be in x.safetensors, but it is not", () -> weights.tensor("b"));
        }
        index("{'a':'y.safetensors'}");
        refused("y.safetensors does not exist", () -> SafetensorsFolder.open(folder));
        index("{'a':'x.safetensors','a':'x.safetensors'}");
        refused("the name a is declared twice", () -> SafetensorsFolder.open(folder));
        index("{}");
        refused("weight_map is missing or empty", () -> SafetensorsFolder.open(folder));
        Files.writeString(folder.resolve("model.safetensors.index.json"), "[]");
        refused("index.json is not a JSON object: it begins with 5b 5d", () -> SafetensorsFolder.open(folder));
        Files.writeString(folder.resolve("model.safetensors.index.json"), "{\"weight_map\":[]}");
        refused("model.safetensors.index.json: at byte 14: found an array", () -> SafetensorsFolder.open(folder));
        Files.writeString(folder.resolve("model.safetensors.index.json"), "");
        refused("model.safetensors.index.json is empty", () -> SafetensorsFolder.open(folder));
    }

    @Test
    void shardsDoNotLeadOutOfTheFolder() throws IOException {
        Path inner = Files.createDirectory(folder.resolve("inner"));
        shard("x.safetensors", A, 1);
        for (String name : List.of(
                "../x.safetensors",
                "..\\\\x.safetensors",
                "/etc/x.safetensors",
                "C:x.safetensors",
                "inner/x.safetensors",
                "\\u0000.safetensors",
                "..",
                "",
                "x.bin")) {
            Files.writeString(
                    inner.resolve("model.safetensors.index.json"), "{\"weight_map\":{\"a\":\"" + name + "\"}}");
            refused("is not the plain name of a .safetensors file", () -> SafetensorsFolder.open(inner));
        }
    }

    @Test
    void aFolderWithoutWeightsIsDescribed() throws IOException {
        refused("there are no files at all", () -> SafetensorsFolder.open(folder));
        Files.writeString(folder.resolve("pytorch_model.bin"), "x");
        refused("there is: pytorch_model.bin", () -> SafetensorsFolder.open(folder));
        refused("is not a folder", () -> SafetensorsFolder.open(folder.resolve("pytorch_model.bin")));
        refused("is not a folder", () -> SafetensorsFolder.open(folder.resolve("none")));
    }

    @Test
    void shardsHaveAnyNames() throws IOException {
        shard("text.safetensors-1", A, 1);
        shard("head weights.safetensors", B, 8);
        index("{'a':'text.safetensors-1','b':'head weights.safetensors'}");
        assertTensors("a", "b");
        Files.move(folder.resolve("model.safetensors.index.json"), folder.resolve("qwen.safetensors.index.json"));
        assertTensors("a", "b");
    }

    @Test
    void anIndexIsNotNeededWhereTheFilesAreClear() throws IOException {
        shard("qwen.safetensors", B, 8);
        assertTensors("b");
        shard("other.safetensors", A, 1);
        refused("has 2 safetensors files and no index", () -> SafetensorsFolder.open(folder));
        Files.delete(folder.resolve("other.safetensors"));
        Files.move(folder.resolve("qwen.safetensors"), folder.resolve("qwen-00002-of-00002.safetensors"));
        refused("qwen-00001-of-00002.safetensors is missing", () -> SafetensorsFolder.open(folder));
        shard("qwen-00001-of-00002.safetensors", A, 1);
        assertTensors("a", "b");
        shard("qwen-00001-of-00002.safetensors", B, 8);
        refused(
                "tensor b is in qwen-00001-of-00002.safetensors and in qwen-00002",
                () -> SafetensorsFolder.open(folder));
        shard("adapter.safetensors", A, 1);
        refused("there is: adapter.safetensors, qwen-00001", () -> SafetensorsFolder.open(folder));
    }

    private void assertTensors(String... expected) {
        try (SafetensorsFolder weights = SafetensorsFolder.open(folder)) {
            assertEquals(List.of(expected), List.copyOf(weights.tensorNames()));
        }
    }

    private void shard(String name, String json, int dataBytes) throws IOException {
        Files.write(folder.resolve(name), SafetensorsBytes.file(json, dataBytes));
    }

    private void index(String weightMap) throws IOException {
        Files.writeString(
                folder.resolve("model.safetensors.index.json"),
                "{'metadata':{'total_size':9},'weight_map':%s}"
                        .formatted(weightMap)
                        .replace('\'', '"'));
    }

    private static void refused(String expected, Executable action) {
        String message =
                String.valueOf(assertThrows(ModelFileException.class, action).getMessage());
        assertTrue(message.contains(expected), () -> "expected «" + expected + "» in: " + message);
    }
}
