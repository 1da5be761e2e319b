package kawi.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Collectors;
import kawi.KernelSupport;
import kawi.safetensors.SafetensorsFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class ScoreCommandTest {

    private static final int VOCABULARY = 272;

    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource({
        "text-vgtk-tied/f32, text-vgtk-tied/f32",
        "text-vgtk-tied/bf16, text-vgtk-tied/bf16",
        "text-vgtk-tied/gguf/model-f32.gguf, text-vgtk-tied/f32",
        "text-veqk-untied/f32, text-veqk-untied/f32",
        "text-veqk-untied/bf16, text-veqk-untied/bf16"
    })
    void agreesWithTheReference(String model, String reference) {
        int[] ids = ids(reference, "ids_long");
        float[] expected = floats(Cli.fixture(reference + "/reference.safetensors"), "long.logits");
        Path file = folder.resolve("logits.safetensors");

        JsonNode score = Cli.run("score", "-m", Cli.fixture(model), "--ids", list(ids), "--logits", file)
                .json();

        float[] logits = floats(file, "logits");
        assertClose(expected, logits);
        assertEquals(ids.length, score.get("tokens").intValue());
        assertEquals(meanNats(expected, ids), score.get("nll").doubleValue(), 1e-3);
        assertEquals(meanNats(logits, ids), score.get("nll").doubleValue(), 1e-12);
        assertEquals(
                Math.exp(score.get("nll").doubleValue()),
                score.get("perplexity").doubleValue(),
                1e-9 * score.get("perplexity").doubleValue());
        assertFalse(score.has("bits_per_byte"));
        assertArrayEquals(greedy(logits), JsonMapper.shared().convertValue(score.get("greedy"), int[].class));
    }

    @Test
    void theFileOfLogitsHasOneRowPerToken() {
        Path file = folder.resolve("logits.safetensors");
        Cli.run("score", "-m", Cli.fixture("text-vgtk-tied/f32"), "--ids", "5 6,7", "--logits", file)
                .result();
        try (var logits = SafetensorsFile.open(file)) {
            assertEquals("[logits]", logits.tensorNames().toString());
            assertArrayEquals(new long[] {3, VOCABULARY}, logits.shape("logits"));
            assertEquals("F32", logits.format("logits").name());
        }
    }

    @Test
    void idsComeFromFilesOfBothKinds() throws IOException {
        String direct = score("--ids", "5,6,7");
        Path array = Files.writeString(folder.resolve("array.json"), "[5, 6, 7]");
        assertEquals(direct, score("--ids-file", array));
        Path object = Files.writeString(folder.resolve("object.json"), "{\"note\": \"x\", \"ids\": [5, 6, 7]}");
        assertEquals(direct, score("--ids-file", object));
    }

    private static String score(Object option, Object value) {
        return Cli.run("score", "-m", Cli.fixture("text-vgtk-tied/f32"), option, value)
                .result();
    }

    @Test
    void oneTokenPredictsNothing() {
        JsonNode score = JsonMapper.shared().readTree(score("--ids", "5"));
        assertEquals(1, score.get("tokens").intValue());
        assertTrue(score.get("nll").isNull());
        assertTrue(score.get("perplexity").isNull());
        assertEquals(1, score.get("greedy").size());
    }

    @Test
    void windowsAreEvaluatedAlone() {
        int[] ids = Arrays.copyOf(ids("text-vgtk-tied/f32", "ids_long"), 10);
        Path model = Cli.fixture("text-vgtk-tied/f32");
        JsonNode whole = Cli.run("score", "-m", model, "--ids", list(ids), "--window", "4")
                .json();
        double nats = 0;
        int predicted = 0;
        for (int from = 0; from < ids.length; from += 4) {
            int[] piece = Arrays.copyOfRange(ids, from, Math.min(ids.length, from + 4));
            JsonNode alone = Cli.run("score", "-m", model, "--ids", list(piece)).json();
            nats += alone.get("nll").doubleValue() * (piece.length - 1);
            predicted += piece.length - 1;
            for (int i = 0; i < piece.length; i++) {
                assertEquals(alone.get("greedy").get(i), whole.get("greedy").get(from + i));
            }
        }
        assertEquals(10, whole.get("tokens").intValue());
        assertEquals(nats / predicted, whole.get("nll").doubleValue(), 1e-12);
    }

    @Test
    void textCountsInBytes() throws IOException {
        String text = "Once upon a time, there was a kind fox named Milo. He lived in a café.<|im_end|>";
        Path file = Files.writeString(folder.resolve("text.txt"), text);

        JsonNode plain = Cli.run("score", "--text", file).json();
        int predicted = plain.get("tokens").intValue() - 1;
        assertEquals(
                plain.get("nll").doubleValue() * predicted / Math.log(2) / Files.size(file),
                plain.get("bits_per_byte").doubleValue(),
                1e-12);

        JsonNode special = Cli.run("score", "--text", file, "--parse-special").json();
        assertTrue(special.get("tokens").intValue() < plain.get("tokens").intValue());
    }

    @Test
    void resultsDoNotDependOnThreadsAndKernels() {
        int[] ids = ids("text-vgtk-tied/f32", "ids_long");
        Path model = Cli.fixture("text-vgtk-tied/f32");
        String one = Cli.run("score", "-m", model, "--ids", list(ids), "-t", "1", "--kernels", "scalar")
                .result();
        String fastest = KernelSupport.detect().defaultTier();
        String two = Cli.run("score", "-m", model, "--ids", list(ids), "-t", "2", "--kernels", fastest)
                .result();
        assertEquals(one, two);
    }

    @Test
    void moreThanTheContextIsASentenceThatNamesTheWayOut() {
        int[] ids = new int[1100];
        assertEquals(
                "kawi score: 1100 tokens exceed the context length of 1024; "
                        + "--window 1024 splits them into pieces that fit",
                Cli.run("score", "--ids", list(ids)).complaint(1));
    }

    @Test
    void everySourceCanBeStandardInput() throws IOException {
        String expected = Cli.run("score", "--ids", "1,2,3").result();
        assertEquals(expected, Cli.withInput("1 2 3\n", "score", "--ids", "-").result());
        assertEquals(
                expected, Cli.withInput("[1, 2, 3]", "score", "--ids-file", "-").result());
        Path text = Files.writeString(folder.resolve("story.txt"), "Once upon a time");
        assertEquals(
                Cli.run("score", "--text", text).result(),
                Cli.withInput("Once upon a time", "score", "--text", "-").result());
    }

    @Test
    void logitsDoNotOverwriteAFile() throws IOException {
        Path file = Files.writeString(folder.resolve("logits.safetensors"), "precious");
        assertEquals(
                "kawi score: %s already exists; --force overwrites it".formatted(file),
                Cli.run("score", "--ids", "1,2", "--logits", file).complaint(1));
        assertEquals("precious", Files.readString(file));
        Cli.run("score", "--ids", "1,2", "--logits", file, "--force").result();
        assertTrue(Files.size(file) > 100);
    }

    @Test
    void nonsenseIsASentence() throws IOException {
        assertEquals(
                "kawi score: there are no tokens to score",
                Cli.run("score", "--ids", "[]").complaint(1));
        assertEquals(
                "kawi score: \"x\" is not a token id",
                Cli.run("score", "--ids", "1,x").complaint(2));
        assertEquals(
                "kawi score: \"x\" is not a token id",
                Cli.withInput("1 x", "score", "--ids", "-").complaint(1));
        assertTrue(Cli.run("score", "--ids", "1,99999").complaint(1).contains("token id 99999 at index 1"));
        assertTrue(
                Cli.run("score", "--ids", "1,2", "--window", "1").complaint(2).contains("--window is 1"));
        assertTrue(
                Cli.run("score", "--ids", "1", "--text", "a.txt").complaint(2).contains("mutually exclusive"));
        assertEquals(2, Cli.run("score").code());
        assertTrue(
                Cli.run("score", "--text", "no/such.txt").complaint(1).contains("no/such.txt: there is no such file"));
        Path bad = Files.writeString(folder.resolve("bad.json"), "{\"ids\": [1, 2.5]}");
        assertTrue(Cli.run("score", "--ids-file", bad)
                .complaint(1)
                .endsWith("bad.json: element 1 is 2.5, not a token id"));
        Path noJson = Files.writeString(folder.resolve("no.json"), "[1,");
        assertTrue(Cli.run("score", "--ids-file", noJson).complaint(1).contains("no.json is not JSON: line 1"));
        Path text = Files.writeString(folder.resolve("text.txt"), "hello");
        assertTrue(Cli.run("score", "-m", Cli.fixture("text-vgtk-tied/f32"), "--text", text)
                .complaint(1)
                .contains("has no tokenizer; use --ids"));
    }

    private static int[] ids(String fixture, String key) {
        JsonNode reference = JsonMapper.shared().readTree(Cli.fixture(fixture + "/reference.json"));
        return JsonMapper.shared().convertValue(reference.get(key), int[].class);
    }

    private static String list(int[] ids) {
        return Arrays.stream(ids).mapToObj(String::valueOf).collect(Collectors.joining(","));
    }

    private static float[] floats(Path file, String name) {
        try (var tensors = SafetensorsFile.open(file)) {
            return tensors.tensor(name).toFloats();
        }
    }

    /** The tolerance that the fixtures' README sets for f32 engines. */
    private static void assertClose(float[] expected, float[] actual) {
        assertEquals(expected.length, actual.length);
        double scale = 1;
        double difference = 0;
        for (int i = 0; i < expected.length; i++) {
            scale = Math.max(scale, Math.abs(expected[i]));
            difference = Math.max(difference, Math.abs((double) expected[i] - actual[i]));
        }
        assertTrue(difference <= 1e-4 * scale, "largest difference " + difference);
    }

    /** The definition, without the care for overflow. */
    private static double meanNats(float[] logits, int[] ids) {
        double nats = 0;
        for (int t = 0; t + 1 < ids.length; t++) {
            double sum = 0;
            for (int i = 0; i < VOCABULARY; i++) {
                sum += Math.exp(logits[t * VOCABULARY + i]);
            }
            nats += Math.log(sum) - logits[t * VOCABULARY + ids[t + 1]];
        }
        return nats / (ids.length - 1);
    }

    private static int[] greedy(float[] logits) {
        int[] ids = new int[logits.length / VOCABULARY];
        for (int t = 0; t < ids.length; t++) {
            for (int i = 1; i < VOCABULARY; i++) {
                if (logits[t * VOCABULARY + i] > logits[t * VOCABULARY + ids[t]]) {
                    ids[t] = i;
                }
            }
        }
        return ids;
    }
}
