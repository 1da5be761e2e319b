package kawi.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import kawi.RandomModel;
import kawi.gguf.GgufFile;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class QuantizeCommandTest {

    @TempDir
    Path folder;

    private Path model = Path.of("");

    @BeforeEach
    void write() {
        model = folder.resolve("model.gguf");
        RandomModel.of("tiny").writeTo(model, step -> {});
    }

    @Test
    void writesAModelThatRuns() {
        Path file = folder.resolve("out.gguf");
        String result = Cli.run("quantize", model, file, "--format", "Q4_K_M", "--tensor", "ssm_out=Q8_0")
                .result();
        List<String> lines = result.lines().toList();
        assertEquals("format     tensors          weights        bytes", lines.getFirst());
        assertTrue(lines.getLast().matches(".*out\\.gguf: 3\\.\\d MiB, 5\\.\\d\\d bits per weight"), result);
        try (GgufFile written = GgufFile.open(file)) {
            assertEquals("Q8_0", written.format("blk.0.ssm_out.weight").name());
            assertEquals("Q4_K", written.format("blk.0.ffn_up.weight").name());
        }
        String ofFile = Cli.run("score", "-m", file, "--ids", "1,2,3,4").result();
        String plain = folder.resolve("plain.gguf").toString();
        Cli.run("quantize", model, plain, "--format", "Q4_K_M").result();
        String ofPlain = Cli.run("score", "-m", plain, "--ids", "1,2,3,4").result();
        assertEquals(
                ofPlain,
                Cli.run("score", "-m", model, "--quantize", "Q4_K_M", "--ids", "1,2,3,4")
                        .result());
        assertNotEquals(ofFile, ofPlain);
    }

    @Test
    void loadingUsesAnImportanceMatrix() throws IOException {
        Path text = Files.writeString(folder.resolve("text.txt"), "one two three ".repeat(100));
        Path matrix = folder.resolve("imatrix.gguf");
        Cli.run("imatrix", model, "--text", text, "--ctx", "64", "-o", matrix).result();
        Path file = folder.resolve("out.gguf");
        Cli.run("quantize", model, file, "--format", "IQ4_NL", "--imatrix", matrix)
                .result();
        String ofFile = Cli.run("score", "-m", file, "--ids", "1,2,3,4").result();
        assertEquals(
                ofFile,
                Cli.run("score", "-m", model, "--quantize", "IQ4_NL", "--imatrix", matrix, "--ids", "1,2,3,4")
                        .result());
        assertEquals(
                "kawi score: --imatrix is for --quantize, which is not given",
                Cli.run("score", "-m", model, "--imatrix", matrix, "--ids", "1").complaint(2));
    }

    @Test
    void aFileIsNotOverwritten() throws IOException {
        Path file = Files.writeString(folder.resolve("precious.gguf"), "precious");
        assertEquals(
                "kawi quantize: %s already exists; --force overwrites it".formatted(file),
                Cli.run("quantize", model, file, "--format", "Q8_0").complaint(1));
        assertEquals("precious", Files.readString(file));
        Cli.run("quantize", model, file, "--format", "Q8_0", "--force").result();
        assertTrue(Files.size(file) > 100_000);
    }

    @Test
    void mistakesAreUsageErrors() {
        Path file = folder.resolve("out.gguf");
        assertTrue(Cli.run("quantize", model, file, "--format", "Q9")
                .complaint(2)
                .startsWith("kawi quantize: there is no format \"Q9\" to write; the formats are "));
        assertTrue(Cli.run("quantize", model, file, "--format", "Q8_0", "--tensor", "ffn=Q9")
                .complaint(2)
                .startsWith("kawi quantize: weight format Q9 is not supported"));
    }
}
