package kawi;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;
import kawi.checkpoint.Checkpoint;
import kawi.files.Fixture;
import kawi.gguf.GgufEdit;
import kawi.gguf.GgufFile;
import kawi.quant.WeightFormats;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class QuantizationTest {

    private static final int[] IDS = {5, 17, 3, 250, 0, 99, 41, 7, 7, 128};

    @TempDir
    Path folder;

    private Path write(Path model, String format) {
        Path file = folder.resolve(format + ".gguf");
        Quantization.of(model, format).writeTo(file, step -> {});
        return file;
    }

    private static float[] logits(ModelLoader loader) {
        try (Model model = loader.load();
                Sequence sequence = model.newSequence()) {
            sequence.append(IDS);
            return sequence.logits();
        }
    }

    /** @param but tensors that may differ */
    private static void assertSameTensors(Path expected, Path found, Predicate<String> but) {
        try (GgufFile a = GgufFile.open(expected);
                GgufFile b = GgufFile.open(found)) {
            List<String> names =
                    a.tensorNames().stream().filter(but.negate()).sorted().toList();
            assertTrue(names.size() > 50);
            for (String name : names) {
                assertEquals(a.format(name), b.format(name), name);
                assertArrayEquals(a.shape(name), b.shape(name), name);
                assertArrayEquals(
                        a.tensor(name).data().toArray(ValueLayout.JAVA_BYTE),
                        b.tensor(name).data().toArray(ValueLayout.JAVA_BYTE),
                        name);
            }
        }
    }

    /**
     * The files on both sides of the fixtures were written by the reference, with heads in different orders. Those in
     * GGUF lack the 1 of two norms of the prediction layer, and have rows that are no whole blocks in F32.
     */
    @ParameterizedTest
    @CsvSource({
        "text-vgtk-tied/f32, text-vgtk-tied/gguf/model-f32.gguf, F32",
        "text-veqk-untied/f32, text-veqk-untied/gguf/model-q8_0.gguf, Q8_0"
    })
    void aFolderBecomesTheFileOfTheReference(String from, String to, String format) {
        Path file = write(Fixture.path(from), format);
        assertSameTensors(
                Fixture.path(to),
                file,
                name -> name.matches(".*nextn.[eh]norm.*") || (format.equals("Q8_0") && name.contains("ffn_down")));
        try (GgufFile expected = GgufFile.open(Fixture.path(to));
                GgufFile found = GgufFile.open(file)) {
            for (String key : expected.metadata().keys()) {
                boolean ofPrediction = key.equals("qwen35.block_count") && format.equals("Q8_0");
                if (key.startsWith("qwen35.") && !ofPrediction) {
                    assertEquals(
                            expected.metadata().value(key), found.metadata().value(key), key);
                }
            }
            assertEquals("qwen35", found.metadata().string("general.architecture"));
            assertEquals(2, found.metadata().integer("general.quantization_version"));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"F16", "Q8_0", "Q4_0", "K4", "Q4_K_M", "Q3_K_M"})
    void loadingQuantizesToTheSameModel(String format) {
        Path original = Fixture.path(Fixture.BF16_FOLDER);
        float[] ofFile = logits(Model.loader(write(original, format)));
        for (String tier : List.of("scalar", "vector")) {
            assertArrayEquals(
                    ofFile, logits(Model.loader(original).quantize(format).kernels(tier)), tier);
        }
    }

    /** An importance matrix of the fixture, which is not the same for all columns. */
    private Path importance(Path model) throws IOException {
        Path text = Files.writeString(folder.resolve("text.txt"), "abc def ghi ".repeat(300));
        Path matrix = folder.resolve("imatrix.gguf");
        Importance.of(model, text).chunkTokens(64).writeTo(matrix, step -> {});
        return matrix;
    }

    @ParameterizedTest
    @ValueSource(strings = {"Q4_0", "IQ4_NL", "Q4_1"})
    void loadingQuantizesWithImportanceToTheSameModel(String format) throws IOException {
        Path original = folder.resolve("model.gguf");
        RandomModel.of("tiny").type("F32").writeTo(original, step -> {});
        Path matrix = importance(original);
        Path file = folder.resolve("with.gguf");
        Quantization.of(original, format).importance(matrix).writeTo(file, step -> {});
        float[] expected = logits(Model.loader(file));
        assertArrayEquals(expected, logits(Model.loader(original).quantize(format, matrix)));
        assertFalse(Arrays.equals(expected, logits(Model.loader(original).quantize(format))));
    }

    @Test
    void aQuantizedFileIsQuantizedAgain() {
        Path original = Fixture.path(Fixture.Q8_0_GGUF);
        Path file = folder.resolve("again.gguf");
        QuantizationReport report = Quantization.of(original, "Q4_0").writeTo(file, step -> {});
        assertTrue(report.warnings().getFirst().startsWith("the weights are quantized already (Q8_0)"));
        assertArrayEquals(
                logits(Model.loader(file)), logits(Model.loader(original).quantize("Q4_0")));
    }

    @Test
    void formatsThatTheFileHasAreKept() {
        Path model = folder.resolve("model.gguf");
        RandomModel.of("tiny").type("Q4_0").writeTo(model, step -> {});
        assertSameTensors(model, write(model, "Q4_0"), name -> name.startsWith("token_embd"));
    }

    @Test
    void theFileDoesNotDependOnTheNumberOfThreads() throws IOException {
        Path model = folder.resolve("model.gguf");
        RandomModel.of("tiny").writeTo(model, step -> {});
        byte[] expected = Files.readAllBytes(write(model, "Q4_K_M"));
        Path other = folder.resolve("other.gguf");
        Quantization.of(model, "q4_k_m").threads(1).writeTo(other, step -> {});
        assertArrayEquals(expected, Files.readAllBytes(other));
    }

    @Test
    void matricesMayHaveFormatsOfTheirOwn() {
        Path model = folder.resolve("model.gguf");
        RandomModel.of("tiny").writeTo(model, step -> {});
        Path file = folder.resolve("mixed.gguf");
        QuantizationReport report = Quantization.of(model, "Q4_0")
                .tensor("blk\\.0\\.ffn_down", "Q6_K")
                .tensor("ffn", "Q5_0")
                .writeTo(file, step -> {});
        try (GgufFile mixed = GgufFile.open(file)) {
            assertEquals("Q6_K", mixed.format("blk.0.ffn_down.weight").name());
            assertEquals("Q5_0", mixed.format("blk.1.ffn_down.weight").name());
            assertEquals("Q5_0", mixed.format("blk.0.ffn_up.weight").name());
            assertEquals("Q4_0", mixed.format("blk.0.ssm_out.weight").name());
            assertEquals("F32", mixed.format("blk.0.ssm_conv1d.weight").name());
            assertEquals("F32", mixed.format("blk.0.attn_norm.weight").name());
            long bytes = report.tensors().stream()
                    .mapToLong(QuantizationReport.Tensors::bytes)
                    .sum();
            assertEquals(mixed.dataBytes(), bytes);
        }
    }

    @Test
    void anUnknownFormatIsRejected() {
        Quantization unknown = Quantization.of(Fixture.path(Fixture.F32_GGUF), "Q4_X");
        Path file = folder.resolve("x.gguf");
        String message =
                String.valueOf(assertThrows(IllegalArgumentException.class, () -> unknown.writeTo(file, step -> {}))
                        .getMessage());
        assertTrue(message.startsWith("there is no format \"Q4_X\" to write; the formats are F32, F16,"), message);
        Quantization pattern =
                Quantization.of(Fixture.path(Fixture.F32_GGUF), "Q4_0").tensor("(", "Q8_0");
        assertEquals(
                "\"(\" is not a regular expression: Unclosed group",
                assertThrows(IllegalArgumentException.class, () -> pattern.writeTo(file, step -> {}))
                        .getMessage());
        assertFalse(Files.exists(file));
    }

    @Test
    void theModelItselfIsNotReplaced() throws IOException {
        Path model = Files.copy(Fixture.path(Fixture.F32_GGUF), folder.resolve("model.gguf"));
        Quantization same = Quantization.of(model, "Q8_0");
        assertEquals(
                model + " is the model itself; give another file to write",
                assertThrows(IllegalArgumentException.class, () -> same.writeTo(model, step -> {}))
                        .getMessage());
    }

    @Test
    void nothingRemainsOfWorkThatWasEnded() throws IOException {
        Path file = folder.resolve("x.gguf");
        Quantization quantization = Quantization.of(Fixture.path(Fixture.F32_GGUF), "Q8_0");
        assertThrows(
                IllegalStateException.class,
                () -> quantization.writeTo(file, step -> {
                    if (step.done() > 0) {
                        throw new IllegalStateException("enough");
                    }
                }));
        try (Stream<Path> left = Files.list(folder)) {
            assertEquals(List.of(), left.toList());
        }
    }

    @Test
    void progressIsCountedInBytes() {
        long[] last = {-1, 0};
        Quantization.of(Fixture.path(Fixture.F32_GGUF), "Q8_0").writeTo(folder.resolve("x.gguf"), step -> {
            assertEquals(Progress.Stage.QUANTIZE, step.stage());
            assertEquals("x.gguf", step.subject());
            assertTrue(step.done() >= last[0]);
            last[0] = step.done();
            last[1] = step.total();
        });
        assertEquals(last[1], last[0]);
        assertTrue(last[1] > 900_000);
    }

    @Test
    void aChatOfAQuantizedModelIsNotThatOfTheOriginal() {
        Path model = folder.resolve("model.gguf");
        RandomModel.of("tiny").type("F32").writeTo(model, step -> {});
        Path saved = folder.resolve("saved.chat");
        try (Model quantized = Model.loader(model).quantize("Q8_0").load();
                Chat chat = quantized.chat().maxTokens(2).open()) {
            chat.send("Hello.");
            chat.save(saved);
            quantized.chat().load(saved).close();
        }
        try (Model original = Model.load(model)) {
            ChatBuilder builder = original.chat();
            assertThrows(ModelFileException.class, () -> builder.load(saved));
        }
    }

    @Test
    void factorsOfTensorsAreAppliedOnce() {
        Path plain = folder.resolve("plain.gguf");
        RandomModel.of("tiny").type("NVFP4").writeTo(plain, step -> {});
        MemorySegment half = MemorySegment.ofArray(new byte[] {0, 0, 0, 0x3f});
        Path scaled = GgufEdit.of(plain)
                .tensor("blk.0.ffn_up.scale", WeightFormats.byName("F32"), new long[] {1}, half)
                .writeTo(folder.resolve("scaled.gguf"));
        Path file = write(scaled, "F32");
        try (GgufFile written = GgufFile.open(file)) {
            assertFalse(written.hasTensor("blk.0.ffn_up.scale"));
        }
        float[] expected;
        try (Checkpoint before = Checkpoint.open(scaled)) {
            expected = before.tensor("blk.0.ffn_up.weight").toFloats();
        }
        try (Checkpoint after = Checkpoint.open(file)) {
            assertArrayEquals(expected, after.tensor("blk.0.ffn_up.weight").toFloats());
        }
    }
}
