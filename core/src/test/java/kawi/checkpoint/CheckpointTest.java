package kawi.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import kawi.ModelFileException;
import kawi.Sampling;
import kawi.architecture.Blueprint;
import kawi.architecture.registry.Architectures;
import kawi.files.Fixture;
import kawi.gguf.GgufEdit;
import kawi.gguf.MetadataType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What checkpoints tell about a model besides its tensors, and the sentences for those that cannot be used. */
class CheckpointTest {

    @TempDir
    Path temp;

    private static GgufEdit fixture() {
        return GgufEdit.of(Fixture.path(Fixture.F32_GGUF));
    }

    private Path folder() throws IOException {
        Path folder = Files.createDirectory(temp.resolve("model"));
        for (String file : new String[] {"config.json", "model.safetensors", "generation_config.json"}) {
            Files.copy(Fixture.path("text-vgtk-tied/bf16/" + file), folder.resolve(file));
        }
        return folder;
    }

    private static String refusal(Path path) {
        return String.valueOf(assertThrows(ModelFileException.class, () -> {
                    try (Checkpoint checkpoint = Checkpoint.open(path)) {
                        Architectures.read(checkpoint);
                    }
                })
                .getMessage());
    }

    @Test
    void foldersOpenByThemselvesOrByTheirFiles() throws IOException {
        Path folder = folder();
        for (Path path : new Path[] {folder, folder.resolve("model.safetensors"), folder.resolve("config.json")}) {
            try (Checkpoint checkpoint = Checkpoint.open(path)) {
                assertEquals("qwen3_5_text", checkpoint.architecture());
                assertEquals("Hugging Face", checkpoint.layout());
                assertEquals(Set.of(270), checkpoint.endTokens(null));
                assertNull(checkpoint.tokenizer());
                assertEquals(Optional.empty(), checkpoint.chatTemplates().source());
                Blueprint blueprint = Architectures.read(checkpoint);
                assertEquals(272, blueprint.vocabularySize());
                assertEquals(64, Objects.requireNonNull(blueprint.sizes().get("hidden_size")));
            }
        }
    }

    @Test
    void templatesComeFromAnyOfTheirPlaces() throws IOException {
        Path folder = folder();
        Path config = folder.resolve("tokenizer_config.json");
        Files.writeString(config, "{\"chat_template\": \"plain\", \"eos_token\": {\"content\": \"<end>\"}}");
        assertTemplate(folder, "plain");
        Files.writeString(
                config,
                "{\"chat_template\": [{\"name\": \"tool_use\", \"template\": \"no\"},"
                        + " {\"name\": \"default\", \"template\": \"named\"}]}");
        assertTemplate(folder, "named");
        Files.writeString(folder.resolve("chat_template.jinja"), "own file");
        assertTemplate(folder, "own file");
    }

    private static void assertTemplate(Path folder, String expected) {
        try (Checkpoint checkpoint = Checkpoint.open(folder)) {
            assertEquals(Optional.of(expected), checkpoint.chatTemplates().source());
        }
    }

    @Test
    void samplingDefaultsComeFromTheFiles() throws IOException {
        Path folder = folder();
        Files.writeString(
                folder.resolve("generation_config.json"),
                "{\"temperature\": 0.6, \"top_k\": 20, \"top_p\": 0.95, \"eos_token_id\": [3, 4]}");
        try (Checkpoint checkpoint = Checkpoint.open(folder)) {
            assertEquals(
                    Optional.of(Sampling.defaults().temperature(0.6).topK(20).topP(0.95)), checkpoint.sampling());
            assertEquals(Set.of(3, 4, 270), checkpoint.endTokens(null));
        }
        Files.writeString(folder.resolve("generation_config.json"), "{\"temperature\": 0.6,}");
        try (Checkpoint checkpoint = Checkpoint.open(folder)) {
            assertEquals(Optional.empty(), checkpoint.sampling());
            assertEquals(Set.of(270), checkpoint.endTokens(null));
        }
        Path gguf = fixture()
                .put("general.sampling.temp", MetadataType.FLOAT32, 0.5f)
                .put("general.sampling.top_k", MetadataType.UINT32, 7)
                .writeTo(temp.resolve("changed.gguf"));
        try (Checkpoint checkpoint = Checkpoint.open(gguf)) {
            assertEquals(Optional.of(Sampling.defaults().temperature(0.5).topK(7)), checkpoint.sampling());
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "general.architecture     | llama | architecture \"llama\" is not supported",
                "qwen35.rope.scaling.type | yarn  | key qwen35.rope.scaling.factor: is missing",
                "qwen35.rope.scaling.type | dynamic | scaling \"dynamic\" of positions is not supported",
            })
    void textsThatAreNotSupportedAreNamed(String key, String value, String sentence) {
        String refusal = refusal(fixture().put(key, MetadataType.STRING, value).writeTo(temp.resolve("changed.gguf")));
        assertTrue(refusal.contains("changed.gguf") && refusal.contains(sentence), refusal);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '^',
            value = {
                "qwen35.block_count             | 9   | blocks from 8 on are prediction layers, but by the tensors (nextn) those from 4 on",
                "qwen35.block_count             | 1   | qwen35.block_count",
                "qwen35.embedding_length        | 128 | is 272 x 64, but the model's sizes require 272 x 128",
                "qwen35.attention.head_count    | 3   | 3 attention heads cannot share 2 key/value heads evenly",
                "qwen35.rope.dimension_count    | 33  | 33 rotary dimensions do not fit a head of 32",
                "qwen35.ssm.inner_size          | 63  | 63 channels cannot be divided among 4 value heads",
                "qwen35.ssm.conv_kernel         | 3   | is 128 x 4, but the model's sizes require 128 x 3",
                "qwen35.feed_forward_length     | 0   | qwen35.feed_forward_length",
                "qwen35.full_attention_interval | 0   | qwen35.full_attention_interval",
                "split.count                    | 2   | is one part of a model in 2 files",
            })
    void numbersThatCannotBeAreNamed(String key, int value, String sentence) {
        String refusal = refusal(fixture().put(key, MetadataType.UINT32, value).writeTo(temp.resolve("changed.gguf")));
        assertTrue(refusal.contains("changed.gguf") && refusal.contains(sentence), refusal);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '^',
            value = {
                "\"hidden_size\": 64 | \"hidden_size\": \"wide\" | key hidden_size should be a 32-bit integer, found \"wide\"",
                "\"hidden_size\": 64 | \"hidden_size\": 65 | the model's sizes require",
                "\"linear_attention\" | \"sliding\" | \"sliding\" is neither linear_attention nor full_attention",
                "\"hidden_act\": \"silu\" | \"hidden_act\": \"gelu\" | \"gelu\" is not supported",
                "\"rope_type\": \"default\" | \"rope_type\": \"yarn\" | key factor: is missing",
                "\"rope_type\": \"default\" | \"rope_type\": \"llama3\", \"factor\": 8 | scaling \"llama3\" of positions is not supported",
                "\"mrope_interleaved\": true | \"mrope_interleaved\": false | key mrope_interleaved: false is not supported",
                "\"num_hidden_layers\": 4 | \"num_hidden_layers\": 5 | layer_types has 4 entries for 5 layers",
                "\"model_type\": \"qwen3_5_text\" | \"model_type\": \"bert\" | architecture \"bert\" is not supported",
            })
    void configurationsThatCannotBeAreNamed(String from, String to, String sentence) throws IOException {
        Path config = folder().resolve("config.json");
        String json = Files.readString(config);
        assertTrue(json.contains(from), from);
        Files.writeString(config, json.replace(from, to));
        String refusal = refusal(Objects.requireNonNull(config.getParent()));
        assertTrue(refusal.contains(sentence), refusal);
    }

    @Test
    void whatIsNotAModelSaysSo() throws IOException {
        assertTrue(refusal(temp).contains("has no config.json"), refusal(temp));
        Path broken = folder().resolve("config.json");
        Files.writeString(broken, "{\"hidden_size\": ");
        assertTrue(refusal(broken).contains("is not valid JSON"), refusal(broken));
        Files.writeString(broken, "[]");
        assertTrue(refusal(broken).contains("expected a JSON object"), refusal(broken));
    }
}
