package kawi.hub;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import kawi.ModelFileException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ModelSelectionTest {

    private static final List<String> GGUF = List.of(
            "README.md",
            "m-Q4_0.gguf",
            "m-Q4_K_M.gguf",
            "m-Q4_K_S.gguf",
            "m-UD-Q4_K_XL.gguf",
            "m-Q8_0.gguf",
            "mmproj-Q8_0.gguf",
            "imatrix.gguf");

    private static ModelSelection select(String reference, List<String> names) {
        return ModelSelection.of(HubReference.parse(reference), names);
    }

    private static @Nullable String gguf(String reference, String... names) {
        return select(reference, List.of(names)).gguf();
    }

    private static String refusal(String reference, List<String> names) {
        return String.valueOf(assertThrows(ModelFileException.class, () -> select(reference, names))
                .getMessage());
    }

    @Test
    void aQuantizationIsFoundInAnyCaseAndOnlyWhole() {
        assertEquals("m-Q4_K_M.gguf", select("hf:o/r:q4_k_m", GGUF).gguf());
        assertEquals("m-UD-Q4_K_XL.gguf", select("hf:o/r:Q4_K_XL", GGUF).gguf());
        assertEquals("m-Q8_0.gguf", select("hf:o/r:Q8_0", GGUF).gguf());
        assertEquals("BF16/m.gguf", gguf("hf:o/r:bf16", "BF16/m.gguf", "Q4_0/m.gguf"));
        assertEquals("m.Q4_0.gguf", gguf("hf:o/r:Q4_0", "m.Q4_0.gguf", "m.Q4_0_4_4.gguf"));
        String none = refusal("hf:o/r:Q4_K", GGUF);
        assertTrue(none.contains("no GGUF file of quantization Q4_K") && none.contains("m-Q4_K_S.gguf"), none);
        assertTrue(!none.contains("mmproj") && !none.contains("imatrix"), none);
    }

    @Test
    void severalThatFitAreListed() {
        String message = refusal("hf:o/r:Q4_0", List.of("a-Q4_0.gguf", "b-Q4_0.gguf"));
        assertTrue(message.contains("a-Q4_0.gguf, b-Q4_0.gguf") && message.contains("hf:o/r/a-Q4_0.gguf"), message);
    }

    @Test
    void withoutAQuantizationTheUsualOneIsTaken() {
        assertEquals("m-Q4_K_M.gguf", select("hf:o/r", GGUF).gguf());
        assertEquals("m-Q4_0.gguf", gguf("hf:o/r", "m-Q8_0.gguf", "m-Q4_0.gguf"));
        assertEquals("m-Q8_0.gguf", gguf("hf:o/r", "m-Q8_0.gguf", "m-Q6_K.gguf"));
        assertEquals("what.gguf", gguf("hf:o/r", "what.gguf", "mmproj.gguf"));
        assertTrue(refusal("hf:o/r", List.of("a.gguf", "b.gguf")).contains("name one of a.gguf, b.gguf"));
        assertTrue(refusal("hf:o/r", List.of("README.md")).contains("it has README.md"));
    }

    @Test
    void theVisionTowerOfARepository() {
        assertEquals("mmproj-Q8_0.gguf", vision("hf:o/r", GGUF));
        List<String> several = List.of("m-F16.gguf", "mmproj-BF16.gguf", "mmproj-F16.gguf", "x/m.mmproj-F32.gguf");
        assertEquals("mmproj-F16.gguf", vision("hf:o/r", several));
        assertEquals("mmproj-BF16.gguf", vision("hf:o/r:bf16", several));
        assertEquals("x/m.mmproj-F32.gguf", vision("hf:o/r/x/m.mmproj-F32.gguf", several));
        String none =
                String.valueOf(assertThrows(ModelFileException.class, () -> vision("hf:o/r", List.of("m-F16.gguf")))
                        .getMessage());
        assertTrue(none.contains("no mmproj*.gguf with a vision tower; it has m-F16.gguf"), none);
        assertThrows(ModelFileException.class, () -> vision("hf:o/r:Q4_0", several));
        assertThrows(ModelFileException.class, () -> vision("hf:o/r", List.of("mmproj-a.gguf", "mmproj-b.gguf")));
    }

    @Test
    void theVisionTowerIsPartOfAModelIfItIsClearWhich() {
        assertEquals(
                List.of("m-Q4_0.gguf", "mmproj-Q8_0.gguf"),
                select("hf:o/r:Q4_0", GGUF).files());
        List<String> several = List.of("m-Q4_0.gguf", "mmproj-BF16.gguf", "mmproj-F16.gguf", "mmproj-F32.gguf");
        assertEquals(
                List.of("m-Q4_0.gguf", "mmproj-F16.gguf"),
                select("hf:o/r", several).files());
        assertEquals(
                List.of("m-Q4_0.gguf"), select("hf:o/r/m-Q4_0.gguf", several).files());
        assertEquals(
                List.of("m-Q4_0.gguf"),
                select("hf:o/r", List.of("m-Q4_0.gguf", "mmproj-a.gguf", "mmproj-b.gguf"))
                        .files());
        assertEquals(
                List.of("x/m-Q4_0.gguf", "x/mmproj-F16.gguf"),
                select(
                                "hf:o/r",
                                List.of("mmproj-F16.gguf", "x/m-Q4_0.gguf", "x/mmproj-F16.gguf", "x/y/mmproj-F16.gguf"))
                        .files());
    }

    private static @Nullable String vision(String reference, List<String> names) {
        return ModelSelection.vision(HubReference.parse(reference), names).gguf();
    }

    @Test
    void allPartsOfAModelAreOne() {
        List<String> parts = List.of(
                "BF16/m-BF16-00001-of-00003.gguf",
                "BF16/m-BF16-00002-of-00003.gguf",
                "BF16/m-BF16-00003-of-00003.gguf",
                "m-Q8_0-00001-of-00002.gguf",
                "m-Q8_0-00002-of-00002.gguf",
                "mmproj-BF16.gguf");
        ModelSelection selection = select("hf:o/r:BF16", parts);
        assertEquals("BF16/m-BF16-00001-of-00003.gguf", selection.gguf());
        assertEquals(parts.subList(0, 3), selection.files());
        assertEquals(
                parts.subList(3, 6), select("hf:o/r", parts).files(), "the usual quantization, and a vision tower");
        assertEquals(
                parts.subList(0, 3),
                select("hf:o/r/BF16/m-BF16-00002-of-00003.gguf", parts).files());
        assertEquals("m-Q4_K_M-00001-of-00001.gguf", gguf("hf:o/r:Q4_K_M", "m-Q4_K_M-00001-of-00001.gguf"));

        String none = refusal("hf:o/r:Q4_0", parts);
        assertTrue(none.endsWith("it has BF16/m-BF16-00001-of-00003.gguf, m-Q8_0-00001-of-00002.gguf"), none);
        String missing = refusal("hf:o/r:BF16", parts.subList(1, 6));
        assertTrue(
                missing.contains("hf:o/r:BF16 is in 3 files, but BF16/m-BF16-00001-of-00003.gguf is missing"), missing);
        String several = refusal(
                "hf:o/r:BF16", List.of("a-BF16.gguf", "b-BF16-00001-of-00002.gguf", "b-BF16-00002-of-00002.gguf"));
        assertTrue(several.contains("could be any of a-BF16.gguf, b-BF16-00001-of-00002.gguf"), several);
        String unnamed = refusal("hf:o/r", List.of("a-00001-of-00002.gguf", "a-00002-of-00002.gguf", "b.gguf"));
        assertTrue(unnamed.endsWith("name one of a-00001-of-00002.gguf, b.gguf"), unnamed);
        assertEquals(
                2,
                select("hf:o/r", List.of("a-00001-of-00002.gguf", "a-00002-of-00002.gguf"))
                        .files()
                        .size());
    }

    @Test
    void shardsOfAFolderHaveAnyNames() {
        List<String> files = List.of("config.json", "qwen.safetensors");
        assertEquals(files, select("hf:o/r", files).files());
        assertEquals(
                List.of("config.json", "model.safetensors.index.json", "head.safetensors", "layers.safetensors"),
                select(
                                "hf:o/r",
                                List.of(
                                        "adapter_model.safetensors",
                                        "config.json",
                                        "consolidated.safetensors",
                                        "head.safetensors",
                                        "layers.safetensors",
                                        "model.safetensors.index.json"))
                        .files());
        assertEquals(
                List.of("config.json", "a-00001-of-00002.safetensors", "a-00002-of-00002.safetensors"),
                select("hf:o/r", List.of("a-00001-of-00002.safetensors", "a-00002-of-00002.safetensors", "config.json"))
                        .files());
        assertTrue(refusal("hf:o/r", List.of("a.safetensors", "b.safetensors", "config.json"))
                .contains("no GGUF file"));
    }

    @Test
    void aFolderIsWhatALoaderReads() {
        ModelSelection selection = select(
                "hf:o/r",
                List.of(
                        "model.safetensors-00002-of-00002.safetensors",
                        "model.safetensors-00001-of-00002.safetensors",
                        "model.safetensors.index.json",
                        "config.json",
                        "generation_config.json",
                        "tokenizer.json",
                        "chat_template.jinja",
                        "additional_chat_templates/tool_use.jinja",
                        "additional_chat_templates/README.md",
                        "merges.txt",
                        "README.md",
                        "LICENSE.txt",
                        "pytorch_model.bin",
                        "onnx/model.onnx",
                        "onnx/config.json",
                        "original/model.safetensors",
                        "m-Q4_0.gguf"));
        assertNull(selection.gguf());
        assertEquals(
                List.of(
                        "additional_chat_templates/tool_use.jinja",
                        "chat_template.jinja",
                        "config.json",
                        "generation_config.json",
                        "merges.txt",
                        "model.safetensors.index.json",
                        "tokenizer.json",
                        "model.safetensors-00001-of-00002.safetensors",
                        "model.safetensors-00002-of-00002.safetensors"),
                selection.files());
        assertEquals(
                List.of("config.json", "model.safetensors"),
                select("hf:o/r", List.of("model-00001-of-00001.safetensors", "model.safetensors", "config.json"))
                        .files());
    }

    @Test
    void aQuantizationIsAskedOfGgufFilesOnly() {
        assertTrue(refusal("hf:o/r:Q4_0", List.of("config.json", "model.safetensors"))
                .contains("no GGUF file"));
        assertEquals("m-Q4_0.gguf", gguf("hf:o/r:Q4_0", "config.json", "model.safetensors", "m-Q4_0.gguf"));
    }

    @Test
    void aFileIsThatFile() {
        assertEquals("a/x.gguf", gguf("hf:o/r/a/x.gguf", "a/x.gguf", "x.gguf"));
        assertTrue(refusal("hf:o/r/y.gguf", List.of("x.gguf")).contains("x.gguf"));
    }
}
