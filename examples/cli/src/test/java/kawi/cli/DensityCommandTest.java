package kawi.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.concurrent.CancellationException;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import kawi.Cancellation;
import kawi.MemoryPlan;
import kawi.Model;
import kawi.ModelFile;
import kawi.Perplexity;
import kawi.Sequence;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;
import org.xml.sax.SAXException;
import tools.jackson.databind.JsonNode;

class DensityCommandTest {

    private static final int CONTEXT = 32;
    private static final double GIB = 1 << 30;

    private static final String STORY =
            "Once upon a time, there was a kind fox named Milo. He lived in a quiet forest. He had a red kite and took "
                    + "it everywhere. One cool afternoon, Milo could not find the kite. Milo was worried. He looked "
                    + "under the old bridge, but it was not there. Then he looked in the tall grass.";

    @TempDir
    private Path folder;

    @Test
    void loadingCanBeCancelled() {
        var out = new ByteArrayOutputStream();
        var terminal = new Terminal(new ByteArrayInputStream(new byte[0]), out, out, false, Map.of());
        Cancellation stop = new Cancellation();
        stop.cancel();
        assertThrows(
                CancellationException.class, () -> new ModelOptions().load(terminal, Cli.DEMO.toString(), true, stop));
    }

    /** Writes the demo model with other weights in one tensor: the given bits of every weight in Q8_0 are inverted. */
    private Path damaged(String name, int bits) throws IOException {
        byte[] gguf = Files.readAllBytes(Cli.DEMO);
        try (ModelFile file = ModelFile.open(Cli.DEMO)) {
            long at = gguf.length
                    - file.tensors().stream().mapToLong(t -> aligned(t.bytes())).sum();
            for (ModelFile.TensorInfo tensor : file.tensors()) {
                if (tensor.name().equals("blk.1.ffn_up.weight")) {
                    assertEquals("Q8_0", tensor.format());
                    for (int i = 0; i < tensor.bytes(); i++) {
                        gguf[(int) at + i] ^= (byte) (i % 34 < 2 ? 0 : bits); // the first two are the scale
                    }
                }
                at += aligned(tensor.bytes());
            }
        }
        return Files.write(folder.resolve(name), gguf);
    }

    private static long aligned(long bytes) {
        return Math.ceilDiv(bytes, 32) * 32;
    }

    /** The log-probabilities of all tokens at the scored positions of the text. */
    private static List<double[]> logarithms(Path path, int[] tokens) {
        List<double[]> rows = new ArrayList<>();
        try (Model model = Model.load(path)) {
            for (int start = 0; start + CONTEXT <= tokens.length; start += CONTEXT) {
                try (Sequence sequence = model.newSequence()) {
                    sequence.append(Arrays.copyOfRange(tokens, start, start + CONTEXT), (position, logits) -> {
                        if (position >= CONTEXT / 2 && position < CONTEXT - 1) {
                            double sum = 0;
                            for (float logit : logits) {
                                sum += Math.exp(logit);
                            }
                            double[] row = new double[logits.length];
                            for (int i = 0; i < row.length; i++) {
                                row[i] = logits[i] - Math.log(sum);
                            }
                            rows.add(row);
                        }
                    });
                }
            }
        }
        return rows;
    }

    private static double bitsPerByte(List<double[]> rows, int[] next, int bytes) {
        double nats = 0;
        for (int i = 0; i < next.length; i++) {
            nats -= rows.get(i)[next[i]];
        }
        return nats / Math.log(2) / bytes;
    }

    @Test
    void everyFigureFollowsFromTheLogits() throws IOException, ParserConfigurationException, SAXException {
        Path text = Files.writeString(folder.resolve("story.txt"), STORY);
        Path near = damaged("near.gguf", 1);
        Path far = damaged("far & <away>.gguf", 15);
        Path chart = folder.resolve("chart.svg");

        JsonNode json = Cli.run(
                        "density",
                        far,
                        Cli.DEMO,
                        near,
                        "--reference",
                        Cli.DEMO,
                        "--text",
                        text,
                        "-c",
                        32,
                        "--json",
                        "--svg",
                        chart)
                .json();

        assertEquals("demo-q8_0.gguf", json.get("reference").stringValue());
        JsonNode models = json.get("models");
        assertEquals(3, models.size());
        int[] tokens;
        int[] next;
        int bytes = 0;
        long weights;
        long parameters;
        try (Model model = Model.load(Cli.DEMO)) {
            tokens = model.tokenizer().orElseThrow().encode(STORY);
            List<Integer> scored = new ArrayList<>();
            for (int i = 0; i < tokens.length / CONTEXT * CONTEXT; i++) {
                if (i % CONTEXT > CONTEXT / 2) {
                    scored.add(tokens[i]);
                    bytes += model.tokenizer().orElseThrow().bytes(tokens[i]).length;
                }
            }
            next = scored.stream().mapToInt(id -> id).toArray();
            weights = model.memoryPlan().weights();
            parameters = model.parameters();
        }
        List<double[]> base = logarithms(Cli.DEMO, tokens);
        assertEquals(next.length, base.size());
        double deflated = 8.0 * deflated(STORY.getBytes(StandardCharsets.UTF_8)) / STORY.length();
        List<Path> paths = List.of(Cli.DEMO, far, near);
        for (int i = 0; i < 3; i++) {
            JsonNode model = models.get(i);
            assertEquals(
                    String.valueOf(paths.get(i).getFileName()),
                    model.get("model").stringValue());
            assertEquals(text.toString(), model.get("text").stringValue());
            assertEquals(STORY.length(), model.get("text_bytes").intValue());
            assertEquals(tokens.length, model.get("tokens").intValue());
            assertEquals(next.length, model.get("scored_tokens").intValue());
            assertEquals(bytes, model.get("scored_bytes").intValue());
            assertEquals(CONTEXT, model.get("context").intValue());
            assertTrue(model.get("machine").stringValue().contains("threads"));
            assertFalse(model.get("untrained").booleanValue());
            assertEquals(weights, model.get("weight_bytes").longValue());
            assertEquals(
                    8.0 * weights / parameters, model.get("bits_per_weight").doubleValue(), 1e-12);

            List<double[]> rows = logarithms(paths.get(i), tokens);
            double bits = bitsPerByte(rows, next, bytes);
            assertEquals(bits, model.get("bits_per_byte").doubleValue(), 1e-9);
            assertEquals(deflated, model.get("deflate_bits_per_byte").doubleValue(), 1e-12);
            assertEquals(deflated - bits, model.get("bits_saved_per_byte").doubleValue(), 1e-9);
            assertEquals(
                    (deflated - bits) / (weights / GIB),
                    model.get("bits_saved_per_byte_per_gib").doubleValue(),
                    1e-5);

            JsonNode cost = model.get("cost");
            assertEquals(weights / GIB, cost.get("gib").doubleValue(), 1e-12);
            assertEquals(
                    bits - bitsPerByte(base, next, bytes),
                    cost.get("bits_per_byte_change").doubleValue(),
                    1e-9);
            double divergence = 0;
            int same = 0;
            for (int row = 0; row < next.length; row++) {
                divergence += divergence(base.get(row), rows.get(row));
                same += top(base.get(row)) == top(rows.get(row)) ? 1 : 0;
            }
            // The base file rounds log-probabilities to 16 / 65535 nats.
            assertEquals(divergence / next.length, cost.get("kld_mean").doubleValue(), 1e-4);
            assertEquals((double) same / next.length, cost.get("same_top").doubleValue(), 1e-12);
            assertTrue(model.get("decode_tokens_per_second").doubleValue() > 0);
            assertEquals(
                    model.get("decode_tokens_per_second").doubleValue()
                            * model.get("decode_bytes_per_token").doubleValue(),
                    model.get("effective_bandwidth").doubleValue(),
                    1);
            assertTrue(model.get("decode_bytes_per_token").doubleValue() > weights / 2.0);
        }
        assertTrue(models.get(0).get("cost").get("dominated_by").isNull());
        assertEquals(
                "demo-q8_0.gguf", models.get(1).get("cost").get("dominated_by").stringValue());
        double worse = models.get(1).get("cost").get("kld_mean").doubleValue();
        double better = models.get(2).get("cost").get("kld_mean").doubleValue();
        assertTrue(worse > 3 * better, worse + " and " + better);

        Document svg = DocumentBuilderFactory.newDefaultInstance()
                .newDocumentBuilder()
                .parse(new ByteArrayInputStream(Files.readAllBytes(chart)));
        assertEquals(3, svg.getElementsByTagName("circle").getLength());
        assertEquals(1, svg.getElementsByTagName("polyline").getLength());
        assertTrue(svg.getDocumentElement().getTextContent().contains("far & <away>.gguf"));
        assertEquals(
                "kawi density: %s already exists; --force overwrites it".formatted(chart),
                Cli.run("density", near, Cli.DEMO, "--text", text, "--svg", chart)
                        .complaint(1));
    }

    private static double divergence(double[] p, double[] q) {
        double sum = 0;
        for (int i = 0; i < p.length; i++) {
            sum += Math.exp(p[i]) * (p[i] - q[i]);
        }
        return sum;
    }

    private static int top(double[] row) {
        int top = 0;
        for (int i = 1; i < row.length; i++) {
            top = row[i] > row[top] ? i : top;
        }
        return top;
    }

    private static int deflated(byte[] bytes) throws IOException {
        var out = new ByteArrayOutputStream();
        try (var stream = new DeflaterOutputStream(out, new Deflater(9))) {
            stream.write(bytes);
        }
        return out.size();
    }

    @Test
    void aScratchFolderIsDeletedWithItsFiles() throws IOException {
        Path folderOfFile;
        try (ScratchFolder scratch = new ScratchFolder()) {
            folderOfFile = Objects.requireNonNull(
                    Files.writeString(scratch.file("reference.base"), "x").getParent());
            assertTrue(Files.exists(folderOfFile));
        }
        assertFalse(Files.exists(folderOfFile));
    }

    @Test
    void randomWeightsAreUntrainedAndRepetitionNeedsNoModel() throws IOException {
        Path random = folder.resolve("random.gguf");
        Cli.run("make-random", "tiny", random, "--type", "Q4_0").result();
        Path text = Files.writeString(folder.resolve("repetition.txt"), "zq ".repeat(60));
        Path questions = Files.writeString(
                folder.resolve("questions.jsonl"),
                "{\"question\": \"Once upon a\", \"choices\": [\" kite\", \" time\"], \"answer\": 1}");
        String table = Cli.run("density", random, Cli.DEMO, "--text", text, "--ctx", 16, "--questions", questions)
                .result();
        List<String> lines = table.lines().map(String::strip).toList();
        assertTrue(lines.contains("random.gguf     untrained"), table);
        for (String expected : List.of(
                "demo-q8_0.gguf .* no capability shown +no capability shown",
                "demo-q8_0.gguf +\\d.*the reference is untrained",
                "demo-q8_0.gguf +1 of 1 +100.0 % +20.7 to 100.0 % +no error")) {
            assertTrue(lines.stream().anyMatch(line -> line.matches(expected)), table);
        }
        for (String title : List.of("Size", "Capability", "Cost of quantization against random.gguf", "Speed")) {
            int at = lines.indexOf(lines.stream()
                    .filter(line -> line.startsWith(title))
                    .findFirst()
                    .orElseThrow());
            String caption = lines.get(at + 1);
            assertTrue(caption.contains("repetition.txt, 180 bytes, "), caption);
            assertTrue(caption.contains("context of 16 tokens"), caption);
            assertTrue(caption.contains("threads"), caption);
        }
        assertFalse(table.toLowerCase(Locale.ROOT).contains("density"), table);
    }

    @Test
    void mistakesAreSentences() throws IOException {
        assertEquals(2, Cli.run("density", "--text", "x.txt").code());
        assertEquals(2, Cli.run("density", Cli.DEMO).code());
        Path text = Files.writeString(folder.resolve("short.txt"), "Once upon a time");
        assertTrue(Cli.run("density", Cli.DEMO, "--text", text)
                .complaint(1)
                .contains("the text has 4 tokens, fewer than one chunk of 512"));
        assertTrue(Cli.run("density", Cli.DEMO, "--text", text, "--svg", folder.resolve("a.svg"))
                .complaint(2)
                .contains("--svg needs two models"));
        Path empty = Files.writeString(folder.resolve("empty.txt"), "");
        assertTrue(Cli.run("density", Cli.DEMO, "--text", empty).complaint(1).contains("empty.txt is empty"));
        assertTrue(
                Cli.run("density", "no/such.gguf", "--text", text).complaint(1).contains("does not exist"));
    }

    private static DensityEntry entry(String name, long weights, boolean untrained, String incomparable) {
        return new DensityEntry(
                name,
                untrained,
                20,
                1000,
                new MemoryPlan(weights, 1, 1, 0, CONTEXT),
                "f16",
                "scalar",
                OptionalLong.empty(),
                untrained ? null : new Perplexity(CONTEXT, 1, 15, 60, 20, 30),
                null,
                incomparable,
                null,
                new MeasuredSpeed(1, 1, 1, 1, OptionalDouble.empty()));
    }

    @Test
    void whatIsNotComparedDoesNotDominate() {
        DensityEntry large = entry("large", 2000, false, "");
        DensityEntry small = entry("small", 1000, false, "");
        DensityEntry untrained = entry("untrained", 10, true, "");
        DensityEntry other = entry("other", 10, false, "has another tokenizer than the reference");
        List<DensityEntry> all = List.of(untrained, other, large, small);
        assertSame(small, large.dominating(all));
        assertNull(small.dominating(all));
        assertNull(untrained.dominating(all));
        assertNull(other.dominating(all));
        assertNull(large.dominating(List.of(large, entry("equal", 2000, false, ""))));
    }

    @Test
    void questionsAreAnsweredWithTheMostProbableChoice() throws IOException {
        Path file = Files.writeString(folder.resolve("questions.jsonl"), """
                {"question": "Once upon a", "choices": [" kite", " time, there was a", " xylophone"], "answer": 1}

                {"question": "Once upon a time, there was a kind fox", "choices": [" zq", " named"], "answer": 1}
                {"question": "Once upon a time, there was a kind fox", "choices": [" zq", " named"], "answer": 0}
                """);
        Questions questions = Questions.read(file);
        assertEquals(3, questions.questions().size());
        try (Model model = Model.load(Cli.DEMO)) {
            var terminal = new Terminal(
                    new ByteArrayInputStream(new byte[0]),
                    new ByteArrayOutputStream(),
                    new ByteArrayOutputStream(),
                    false,
                    Map.of());
            Questions.Result result = questions.ask(model, terminal, new Cancellation());
            assertEquals(new Questions.Result(2, 3), result);
            assertEquals(Math.log(3) / 0.5, result.perGigabyte(500_000_000), 1e-9);
        }
    }

    @Test
    void theIntervalIsWilsons() {
        // Wilson's interval for 8 of 10 in many textbooks.
        assertEquals(0.4902, new Questions.Result(8, 10).lower(), 1e-4);
        assertEquals(0.9433, new Questions.Result(8, 10).upper(), 1e-4);
        assertEquals(0, new Questions.Result(0, 10).lower(), 1e-12);
        assertEquals(1, new Questions.Result(10, 10).upper(), 1e-12);
        assertEquals(Double.POSITIVE_INFINITY, new Questions.Result(10, 10).perGigabyte(1));
    }

    @Test
    void whatIsNoQuestionIsASentence() throws IOException {
        for (String line : List.of(
                "[]",
                "{\"question\": \"a\", \"choices\": [\"b\"], \"answer\": 0}",
                "{\"question\": \"a\", \"choices\": [\"b\", \"c\"], \"answer\": 2}",
                "{\"question\": \"a\", \"choices\": [\"b\", 3], \"answer\": 0}",
                "{\"question\": \"a\", \"choices\": [\"b\", \"c\"], \"answer\": 0.5}",
                "{\"question\": \"\", \"choices\": [\"b\", \"c\"], \"answer\": 0}",
                "{\"choices\": [\"b\", \"c\"], \"answer\": 0}")) {
            Path file = Files.writeString(folder.resolve("bad.jsonl"), "\n" + line);
            var failure = assertThrows(IllegalArgumentException.class, () -> Questions.read(file));
            assertTrue(
                    Failure.sentence(failure).startsWith("line 2 of %s is not a question".formatted(file)),
                    failure.getMessage());
        }
        Path empty = Files.writeString(folder.resolve("none.jsonl"), "\n");
        assertThrows(IllegalArgumentException.class, () -> Questions.read(empty));
    }

    @Test
    void energyIsThatOfPackagesAndItsCountersWrapAround() throws IOException {
        assertTrue(EnergyMeter.in(folder.resolve("missing")).isEmpty());
        assertTrue(EnergyMeter.in(folder).isEmpty());
        Path zone = zone("intel-rapl:0", "package-0", 900);
        zone("intel-rapl:0:0", "core", 100);
        zone("intel-rapl:1", "psys", 100);
        Path second = zone("intel-rapl:2", "package-1", 10);
        EnergyMeter meter = EnergyMeter.in(folder).orElseThrow();
        long[] before = meter.read();
        assertEquals(2, before.length);
        Files.writeString(zone.resolve("energy_uj"), "150\n");
        Files.writeString(second.resolve("energy_uj"), "30\n");
        assertEquals((1000 - 900 + 150 + 20) * 1e-6, meter.joules(before, meter.read()), 1e-15);
    }

    private Path zone(String folderName, String name, long energy) throws IOException {
        Path zone = Files.createDirectory(folder.resolve(folderName));
        Files.writeString(zone.resolve("name"), name + "\n");
        Files.writeString(zone.resolve("energy_uj"), energy + "\n");
        Files.writeString(zone.resolve("max_energy_range_uj"), "1000\n");
        return zone;
    }
}
