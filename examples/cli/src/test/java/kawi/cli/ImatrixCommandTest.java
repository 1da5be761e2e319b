package kawi.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import kawi.RandomModel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImatrixCommandTest {

    @TempDir
    Path folder;

    @Test
    void quantizationUsesTheFile() throws IOException {
        Path model = folder.resolve("model.gguf");
        RandomModel.of("tiny").writeTo(model, step -> {});
        Path text = Files.writeString(folder.resolve("text.txt"), "A fox lost a kite. ".repeat(8));
        Path file = folder.resolve("imatrix.gguf");
        assertEquals(
                file + "\n",
                Cli.run("imatrix", model, "--text", text, "--ctx", "64", "-o", file)
                        .result()
                        .replace("\r", ""));
        Path with = folder.resolve("with.gguf");
        Cli.run("quantize", model, with, "--format", "K4_S", "--imatrix", file).result();
        Path without = folder.resolve("without.gguf");
        Cli.run("quantize", model, without, "--format", "K4_S").result();
        assertEquals(Files.size(without), Files.size(with));
        assertTrue(Files.mismatch(with, without) > 0);
        assertEquals(
                "kawi imatrix: %s already exists; --force overwrites it".formatted(file),
                Cli.run("imatrix", model, "--text", text, "-o", file).complaint(1));
        assertTrue(Cli.run("imatrix", model, "--text", text, "--ctx", "4096", "-o", file, "--force")
                .complaint(2)
                .endsWith("less than one chunk of 4096; take a longer text or smaller chunks"));
        assertTrue(Cli.run("quantize", model, with, "--force", "--format", "Q4_0", "--imatrix", text)
                .complaint(1)
                .contains("text.txt is not an importance matrix"));
    }
}
