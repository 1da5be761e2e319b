package kawi.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import kawi.gguf.GgufFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

class MakeRandomCommandTest {

    @TempDir
    Path folder;

    private Path make(String type, Object... options) {
        Path file = folder.resolve(type + options.length + ".gguf");
        Object[] args = new Object[5 + options.length];
        List<Object> fixed = List.of("make-random", "tiny", file, "--type", type);
        for (int i = 0; i < args.length; i++) {
            args[i] = i < fixed.size() ? fixed.get(i) : options[i - fixed.size()];
        }
        assertTrue(Cli.run(args).result().startsWith(file + ": "));
        return file;
    }

    @ParameterizedTest
    @ValueSource(strings = {"F32", "BF16", "Q8_0", "Q4_0", "Q4_K_M", "q6_k", "IQ4_XS", "IQ1_M", "NVFP4", "PTQ1_0"})
    void writesAModelThatRuns(String type) {
        JsonNode score =
                Cli.run("score", "-m", make(type), "--ids", "1,2,3,4,5,6,7,8").json();
        double nll = score.get("nll").doubleValue();
        // Nothing to be learnt from noise: about that of a guess among 2048 tokens.
        assertEquals(Math.log(2048), nll, 2, "nll");
        assertEquals(8, score.get("greedy").size());
    }

    @Test
    void writesAVisionPart() throws IOException {
        Path vision = folder.resolve("mmproj.gguf");
        make("Q8_0", "--vision", vision, "--vision-type", "BF16");
        assertTrue(Files.size(vision) > 1000);
        try (var file = GgufFile.open(vision)) {
            assertEquals("BF16", file.format("v.blk.1.attn_qkv.weight").name());
        }
    }

    @Test
    void aFileIsNotOverwritten() throws IOException {
        Path file = Files.writeString(folder.resolve("precious.gguf"), "precious");
        assertEquals(
                "kawi make-random: %s already exists; --force overwrites it".formatted(file),
                Cli.run("make-random", "tiny", file).complaint(1));
        assertEquals("precious", Files.readString(file));
        Cli.run("make-random", "tiny", file, "--type", "Q8_0", "--force").result();
        assertTrue(Files.size(file) > 1000);
    }

    @Test
    void formatsHoldTheSameWeights() {
        try (var exact = GgufFile.open(make("F32"));
                var rounded = GgufFile.open(make("Q8_0"))) {
            for (String name : List.of("token_embd.weight", "blk.0.attn_qkv.weight", "blk.3.ffn_down.weight")) {
                float[] expected = exact.tensor(name).toFloats();
                float[] actual = rounded.tensor(name).toFloats();
                double square = 0;
                double error = 0;
                for (int i = 0; i < expected.length; i++) {
                    square += (double) expected[i] * expected[i];
                    error += Math.pow(expected[i] - actual[i], 2);
                }
                double deviation = 1 / Math.sqrt(exact.tensor(name).columns());
                assertEquals(deviation, Math.sqrt(square / expected.length), 0.02 * deviation, name);
                assertTrue(Math.sqrt(error / square) < 0.01, name);
            }
        }
    }

    @Test
    void vectorsAreAsInPublishedFiles() {
        try (var file = GgufFile.open(make("Q4_K_M"))) {
            assertEquals("F32", file.format("blk.0.ssm_conv1d.weight").name());
            assertEquals("F32", file.format("blk.0.attn_norm.weight").name());
            assertEquals("Q6_K", file.format("token_embd.weight").name());
            assertEquals("Q6_K", file.format("blk.3.attn_v.weight").name());
            assertEquals("Q4_K", file.format("blk.3.attn_q.weight").name());
            assertFalse(file.hasTensor("output.weight"));
            for (float rate : file.tensor("blk.0.ssm_a").toFloats()) {
                assertTrue(rate >= -8 && rate <= -0.05f, "rate " + rate);
            }
            for (float bias : file.tensor("blk.0.ssm_dt.bias").toFloats()) {
                assertTrue(bias >= -5 && bias <= -1, "bias " + bias);
            }
        }
    }

    @Test
    void theSeedDecides() throws IOException {
        byte[] first = Files.readAllBytes(make("Q8_0"));
        byte[] again = Files.readAllBytes(make("Q8_0", "--seed", "1"));
        byte[] other = Files.readAllBytes(make("Q8_0", "--seed", "2", "--stacktrace"));
        assertEquals(-1, java.util.Arrays.mismatch(first, again));
        assertTrue(java.util.Arrays.mismatch(first, other) > 0);
    }

    @Test
    void hasATokenizerAndAChatTemplate() {
        Path model = make("Q4_0");
        String text = "naïve 🦊\n";
        String ids = Cli.withInput(text, "tokenize", "-m", model).result();
        assertEquals(
                text.getBytes(java.nio.charset.StandardCharsets.UTF_8).length,
                ids.strip().split(" ").length);
        assertEquals(
                text, Cli.withInput(ids, "tokenize", "-m", model, "--decode").result());
        JsonNode about = Cli.run("inspect", "--json", model).json();
        assertTrue(about.get("chat_template").booleanValue());
        assertEquals("[1772,1774]", about.get("end_tokens").toString());
        assertEquals(
                5,
                Cli.run("-m", model, "-n", "5", "--ignore-eos", "--json", "hello")
                        .json()
                        .get("tokens")
                        .size());
    }

    @Test
    void takesARealTokenizer() {
        Path model = make("Q4_0", "--tokenizer", Cli.DEMO_TOKENIZER);
        String text = "A fox lost a kite. <|im_end|>";
        for (String option : List.of("--json", "--parse-special")) {
            assertEquals(
                    Cli.run("tokenize", "--tokenizer", Cli.DEMO_TOKENIZER, option, text)
                            .result(),
                    Cli.run("tokenize", "-m", model, option, text).result());
        }
    }

    @Test
    void nonsenseIsASentence() {
        assertTrue(Cli.run("make-random", "huge", folder.resolve("x.gguf"))
                .complaint(2)
                .endsWith("there is no size \"huge\"; the sizes are tiny, 0.8b, 2b, 4b, 9b, 27b"));
        assertTrue(Cli.run("make-random", "tiny", folder.resolve("x.gguf"), "--type", "Q9")
                .complaint(2)
                .contains("there is no type \"Q9\"; the types are F32, "));
        assertTrue(Cli.run("make-random", "tiny", folder.resolve("no/x.gguf"))
                .complaint(1)
                .contains("there is no such file"));
        assertFalse(Files.exists(folder.resolve("x.gguf")));
    }
}
