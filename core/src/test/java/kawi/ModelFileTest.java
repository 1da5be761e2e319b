package kawi;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import kawi.gguf.GgufWriter;
import kawi.gguf.MetadataType;
import kawi.quant.WeightFormats;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What can be known of models without running them. */
class ModelFileTest {

    private static final Path DEMO = Path.of("../examples/demo-model/src/main/resources/kawi/demo/demo-q8_0.gguf");
    private static final Path FIXTURES = Path.of("src/test/resources/fixtures");
    private static final Path TOKENIZER = Path.of("../tokenizer/src/test/resources/kawi/tokenizer/demo-tokenizer.json");

    @TempDir
    Path folder;

    @Test
    void describesAGgufFile() {
        try (ModelFile demo = ModelFile.open(DEMO)) {
            assertFalse(demo.untrained());
            assertEquals("demo-q8_0.gguf", demo.name());
            assertEquals("GGUF v3", demo.layout());
            assertEquals("qwen35", demo.architecture());
            assertEquals("Qwen3.5", demo.family());
            assertEquals(2_965_464, demo.parameters());
            assertEquals(1024, demo.contextLength());
            assertEquals(256, demo.sizes().get("hidden_size"));
            assertEquals(List.of(), demo.unusedParts());
            assertEquals(
                    2_965_464,
                    demo.tensors().stream()
                            .mapToLong(ModelFile.TensorInfo::weights)
                            .sum());
            assertEquals(Set.of(2035, 2037), demo.endTokens());
            assertEquals("f16", demo.keysAndValues());
            assertTrue(demo.chatTemplate().orElseThrow().contains("<|im_start|>"));
            assertEquals(
                    new ModelFile.TensorInfo("token_embd.weight", "Q8_0", true, 2048, 256, 2048 * 256 / 32 * 34),
                    demo.tensors().stream()
                            .filter(tensor -> tensor.name().equals("token_embd.weight"))
                            .findFirst()
                            .orElseThrow());
        }
    }

    @Test
    void isWhatTheLoadedModelSays() {
        try (ModelFile file = ModelFile.open(DEMO);
                Model model = Model.load(DEMO)) {
            assertEquals(model.name(), file.name());
            assertEquals(model.parameters(), file.parameters());
            assertEquals(model.contextLength(), file.contextLength());
            assertEquals(model.endTokens(), file.endTokens());
            assertEquals(model.keysAndValues(), file.keysAndValues());
            assertEquals(model.memoryPlan(), file.memoryPlan(file.contextLength(), "auto"));
            String text = "A fox lost a kite. <|im_end|>";
            assertArrayEquals(
                    model.tokenizer().orElseThrow().encodeWithSpecials(text),
                    file.tokenizer().orElseThrow().encodeWithSpecials(text));
        }
    }

    @Test
    void plansMemory() {
        try (ModelFile file = ModelFile.open(FIXTURES.resolve("text-vgtk-tied/f32"))) {
            assertEquals("Hugging Face", file.layout());
            // One layer of full attention and that of multi-token prediction, with 2 heads of size 32.
            assertEquals(2 * 512L * 2 * 2 * 32 * 4, file.memoryPlan(512, "f32").keysAndValues());
            assertEquals(2 * 512L * 2 * 2 * 32 * 2, file.memoryPlan(512, "F16").keysAndValues());
            assertThrows(IllegalArgumentException.class, () -> file.memoryPlan(512, "f8"));
            assertThrows(IllegalArgumentException.class, () -> file.memoryPlan(0, "auto"));
            assertTrue(file.tokenizer().isEmpty());
        }
    }

    @Test
    void whatIsNoModelIsRejected() throws IOException {
        Path text = Files.writeString(folder.resolve("model.gguf"), "not a model at all, and rather short");
        assertThrows(ModelFileException.class, () -> ModelFile.open(text));
        assertThrows(ModelFileException.class, () -> ModelFile.open(folder));
        assertThrows(ModelFileException.class, () -> ModelFile.open(folder.resolve("none.gguf")));
    }

    @Test
    void unsupportedArchitecturesCanBeOpened() throws IOException {
        byte[] gguf = Files.readAllBytes(DEMO);
        String latin = new String(gguf, StandardCharsets.ISO_8859_1);
        int at = latin.indexOf("general.architecture") + "general.architecture".length() + 4 + 8;
        assertEquals("qwen35", latin.substring(at, at + 6));
        gguf[at] = 'k';
        try (ModelFile file = ModelFile.open(Files.write(folder.resolve("other.gguf"), gguf))) {
            assertEquals("kwen35", file.architecture());
            assertEquals(2048, file.tokenizer().orElseThrow().vocabularySize());
            assertTrue(String.valueOf(assertThrows(ModelFileException.class, file::parameters)
                            .getMessage())
                    .contains("kwen35"));
        }
    }

    /** Any well-formed file can be inspected; one sentence says why it cannot run. */
    @Test
    void filesThatCannotRunSayWhy() throws IOException {
        Path path = folder.resolve("llama.gguf");
        new GgufWriter()
                .put("general.architecture", MetadataType.STRING, "llama")
                .put("llama.attention.head_count_kv", MetadataType.UINT32, List.of(8, 0, 8))
                .put("tokenizer.ggml.model", MetadataType.STRING, "llama")
                .put("tokenizer.ggml.tokens", MetadataType.STRING, List.of("<s>", "a"))
                .put("general.sampling.top_k", MetadataType.STRING, "many")
                .tensor("q.weight", WeightFormats.byName("F32"), new long[] {4, 3, 2}, (row, out) -> {})
                .tensor("k.weight", WeightFormats.byName("F32"), new long[] {4}, (row, out) -> {})
                .writeTo(path);
        byte[] gguf = Files.readAllBytes(path);
        int type = new String(gguf, StandardCharsets.ISO_8859_1).indexOf("q.weight") + "q.weight".length() + 4 + 3 * 8;
        gguf[type] = (byte) 137; // of ik_llama.cpp
        try (ModelFile file = ModelFile.open(Files.write(path, gguf))) {
            assertEquals(
                    Optional.of("llama.gguf: architecture \"llama\" is not supported; Kawi runs Qwen3.5 and, from"
                            + " Hugging Face folders, Kimi Linear"),
                    file.problem());
            assertEquals(
                    List.of(
                            new ModelFile.TensorInfo("q.weight", "IQ2_K", false, 6, 4, 96),
                            new ModelFile.TensorInfo("k.weight", "F32", true, 1, 4, 16)),
                    file.tensors());
            assertEquals(Optional.empty(), file.sampling());
            assertEquals(Optional.empty(), file.chatTemplate());
            assertThrows(ModelFileException.class, file::tokenizer);
            assertThrows(ModelFileException.class, file::endTokens);
            assertThrows(ModelFileException.class, file::sizes);
        }
        try (ModelFile demo = ModelFile.open(DEMO)) {
            assertEquals(Optional.empty(), demo.problem());
        }
    }

    @Test
    void aNeededTensorOfAnUnknownTypeIsTheProblem() throws IOException {
        byte[] gguf = Files.readAllBytes(DEMO);
        String latin = new String(gguf, StandardCharsets.ISO_8859_1);
        int type = latin.indexOf("blk.1.ffn_up.weight") + "blk.1.ffn_up.weight".length() + 4 + 2 * 8;
        int prediction = latin.indexOf("blk.4.ffn_up.weight") + "blk.4.ffn_up.weight".length() + 4 + 2 * 8;
        gguf[type] = (byte) 137;
        Path path = Files.write(folder.resolve("iq.gguf"), gguf);
        try (ModelFile file = ModelFile.open(path)) {
            String problem = file.problem().orElseThrow();
            assertTrue(problem.contains("tensor blk.1.ffn_up.weight: tensor type IQ2_K is not supported"), problem);
        }
        assertThrows(ModelFileException.class, () -> Model.load(path));
        gguf[type] = 8;
        gguf[prediction] = (byte) 137;
        try (Model model = Model.load(Files.write(path, gguf))) {
            assertEquals(2_374_232, model.parameters());
        }
    }

    @Test
    void aFolderWithoutConfigurationIsListed() throws IOException {
        Path source = FIXTURES.resolve("text-vgtk-tied/f32");
        Files.copy(source.resolve("model.safetensors"), folder.resolve("weights.safetensors"));
        try (ModelFile file = ModelFile.open(folder);
                ModelFile whole = ModelFile.open(source)) {
            assertEquals("unnamed", file.architecture());
            assertEquals(whole.tensors(), file.tensors());
            assertTrue(file.problem().orElseThrow().contains("has no config.json"));
        }
        Files.delete(folder.resolve("weights.safetensors"));
        Files.copy(DEMO, folder.resolve("demo.gguf"));
        String message = String.valueOf(assertThrows(ModelFileException.class, () -> ModelFile.open(folder))
                .getMessage());
        assertTrue(message.endsWith("or a GGUF file, such as demo.gguf in it"), message);
    }

    @Test
    void readsATokenizerAlone() throws IOException {
        Tokenizer tokenizer = Tokenizer.load(TOKENIZER);
        assertEquals("qwen35", tokenizer.preTokenizer());
        assertEquals(13, tokenizer.addedTokens().size());
        assertEquals(
                "<|im_end|>",
                tokenizer.addedTokens().get(tokenizer.id("<|im_end|>").orElseThrow()));
        assertEquals("A fox.", tokenizer.decode(tokenizer.encode("A fox.")));
        assertTrue(String.valueOf(
                        assertThrows(ModelFileException.class, () -> Tokenizer.load(folder.resolve("no.json")))
                                .getMessage())
                .endsWith("no.json does not exist; a tokenizer.json was expected there"));
        Path half = Files.writeString(folder.resolve("half.json"), "{\"model\": ");
        assertThrows(ModelFileException.class, () -> Tokenizer.load(half));
        Path gzip = Files.writeString(folder.resolve("half.json.gz"), "not gzip");
        assertThrows(ModelFileException.class, () -> Tokenizer.load(gzip));
    }

    @Test
    void kernelsAreDetected() {
        KernelSupport support = KernelSupport.detect();
        assertEquals(
                List.of("scalar", "vector", "assembled"),
                support.tiers().stream().map(KernelSupport.Tier::name).toList());
        assertEquals(
                new KernelSupport.Tier("scalar", true, "plain Java"),
                support.tiers().getFirst());
        for (KernelSupport.Tier tier : support.tiers()) {
            ModelLoader loader = Model.loader(DEMO).kernels(tier.name());
            if (tier.available()) {
                try (Model model = loader.load()) {
                    assertEquals(tier.name(), model.kernels());
                }
            } else {
                assertTrue(String.valueOf(assertThrows(UnsupportedOperationException.class, loader::load)
                                .getMessage())
                        .contains(tier.reason()));
            }
        }
        assertTrue(support.tiers().stream()
                .anyMatch(tier -> tier.available() && tier.name().equals(support.defaultTier())));
        assertThrows(IllegalArgumentException.class, () -> Model.loader(DEMO).kernels("fast"));
    }

    @Test
    void hubFollowsTheEnvironment() {
        ModelHub hub = ModelHub.fromEnvironment(
                Map.of("HF_HOME", folder.toString(), "HF_ENDPOINT", "https://hub.example/", "HF_HUB_OFFLINE", "1"));
        assertEquals(folder.resolve("hub"), hub.cache());
        assertEquals(URI.create("https://hub.example"), hub.endpoint());
        assertTrue(hub.isOffline());
        assertEquals(List.of(), hub.list());
        assertTrue(String.valueOf(assertThrows(ModelFileException.class, () -> hub.fetch("hf:a/b", step -> {}))
                        .getMessage())
                .contains("hf:a/b is not in the cache"));
        assertThrows(IllegalArgumentException.class, () -> hub.fetch("hf:a", step -> {}));
        assertEquals(folder, hub.cache(folder).cache());
        assertTrue(ModelHub.isReference("hf:a/b"));
        assertEquals(false, ModelHub.isReference("a/hf:b"));
    }
}
