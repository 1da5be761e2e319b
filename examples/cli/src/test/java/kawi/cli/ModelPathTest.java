package kawi.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ModelPathTest {

    private static String complaint(Object model) {
        String complaint = Cli.run("run", "-m", model, "hello there").complaint(1);
        assertEquals(
                complaint.replace("kawi run: ", ""),
                Cli.run("inspect", model).complaint(1).replace("kawi inspect: ", ""));
        return complaint;
    }

    @ParameterizedTest
    @CsvSource({
        "Qwen/Qwen3.5-0.8B, hf:Qwen/Qwen3.5-0.8B",
        "unsloth/Qwen3.5-4B-GGUF:Q4_K_M, hf:unsloth/Qwen3.5-4B-GGUF:Q4_K_M",
        "Qwen/Qwen3.5-0.8B@main, hf:Qwen/Qwen3.5-0.8B@main",
        "https://huggingface.co/Qwen/Qwen3.5-0.8B, hf:Qwen/Qwen3.5-0.8B",
        "https://huggingface.co/Qwen/Qwen3.5-0.8B/tree/main, hf:Qwen/Qwen3.5-0.8B",
        "huggingface.co/Qwen/Qwen3.5-0.8B/, hf:Qwen/Qwen3.5-0.8B",
        "hf.co/unsloth/Qwen3.5-4B-GGUF:Q4_K_M, hf:unsloth/Qwen3.5-4B-GGUF:Q4_K_M",
        "HF:Qwen/Qwen3.5-0.8B, ",
    })
    void aNameOnAHubIsRecognized(String model, String reference) {
        String complaint = complaint(model);
        assertTrue(complaint.contains(model + " does not exist"), complaint);
        assertEquals(reference != null, complaint.endsWith("; did you mean " + reference + "?"), complaint);
    }

    @Test
    void aNameOfARegistryIsRecognized() {
        assertTrue(complaint("qwen3.5:0.8b").endsWith("\"kawi pull\" downloads one"));
        assertFalse(complaint("model.gguf").contains("kawi pull"));
    }

    @Test
    void theFileInAFolderIsNamed(@TempDir Path folder) throws IOException {
        Path model = Files.copy(Cli.DEMO, folder.resolve("demo.gguf"));
        Files.createFile(folder.resolve("README.md"));
        Files.createFile(folder.resolve("mmproj-F16.gguf"));
        assertEquals(
                "kawi run: %s is a folder without config.json; the model in it is %s".formatted(folder, model),
                complaint(folder));
        Path other = Files.copy(Cli.DEMO, folder.resolve("other.GGUF"));
        assertEquals(
                "kawi run: %s is a folder without config.json; it contains 2 models: %s, %s"
                        .formatted(folder, model, other),
                complaint(folder));
    }

    @Test
    void theFirstPartOfASplitModelIsNamed(@TempDir Path folder) throws IOException {
        Path first = Files.createFile(folder.resolve("m-00001-of-00002.gguf"));
        Files.createFile(folder.resolve("m-00002-of-00002.gguf"));
        assertTrue(complaint(folder).endsWith("the model in it is " + first));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "config.json"})
    void otherFoldersAreReportedByTheLoader(String file, @TempDir Path folder) throws IOException {
        if (!file.isEmpty()) {
            Files.createFile(folder.resolve(file));
        }
        assertFalse(complaint(folder).contains("the model in it"));
    }
}
