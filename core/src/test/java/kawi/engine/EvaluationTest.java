package kawi.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.stream.Stream;
import kawi.Cancellation;
import kawi.Divergence;
import kawi.Model;
import kawi.ModelLoader;
import kawi.Perplexity;
import kawi.Sequence;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Perplexity and KL divergence against their definitions, written down once more in plain loops. */
class EvaluationTest {

    private static final int CONTEXT = 32;
    private static final int FIRST = CONTEXT / 2;
    private static final int HEADER_BYTES = 20;

    private static final String TEXT =
            "Once upon a time, there was a kind fox named Milo. He lived in a quiet forest. He had a red kite and took "
                    + "it everywhere. One cool afternoon, Milo could not find the kite. Milo was worried. He looked "
                    + "under the old bridge, but it was not there. Then he looked in the tall grass, but he found only "
                    + "a sleepy beetle. On the way home, Milo met Molly the girl, who had a café.";

    private static Model model;

    @TempDir
    private Path folder;

    @BeforeAll
    static void load() throws IOException {
        model = loader().load();
    }

    @AfterAll
    static void close() {
        model.close();
    }

    private static ModelLoader loader() throws IOException {
        return Model.loader(DemoConversations.gguf(), "demo-q8_0.gguf");
    }

    private static int[] tokens() {
        return model.tokenizer().orElseThrow().encode(TEXT);
    }

    /** The log-probabilities after each token of a chunk. */
    private static double[][] logarithms(int[] tokens, int chunk) {
        double[][] rows = new double[CONTEXT][];
        try (Sequence sequence = model.newSequence()) {
            sequence.append(Arrays.copyOfRange(tokens, chunk * CONTEXT, (chunk + 1) * CONTEXT), (position, logits) -> {
                double sum = 0;
                for (float logit : logits) {
                    sum += Math.exp(logit);
                }
                double[] row = new double[logits.length];
                for (int i = 0; i < row.length; i++) {
                    row[i] = logits[i] - Math.log(sum);
                }
                rows[position] = row;
            });
        }
        return rows;
    }

    @Test
    void thePerplexityIsThatOfTheSecondHalfOfEachChunk() {
        int[] tokens = tokens();
        int chunks = tokens.length / CONTEXT;
        assertTrue(chunks >= 2);
        List<Double> nats = new ArrayList<>();
        int bytes = 0;
        for (int chunk = 0; chunk < chunks; chunk++) {
            double[][] rows = logarithms(tokens, chunk);
            for (int i = FIRST; i < CONTEXT - 1; i++) {
                int next = tokens[chunk * CONTEXT + i + 1];
                nats.add(-rows[i][next]);
                bytes += model.tokenizer().orElseThrow().bytes(next).length;
            }
        }
        double mean = mean(nats);
        double variance =
                nats.stream().mapToDouble(x -> (x - mean) * (x - mean)).sum() / nats.size();

        Perplexity perplexity = model.evaluation().contextLength(CONTEXT).perplexity(TEXT);

        assertEquals(chunks, perplexity.chunks());
        assertEquals(nats.size(), perplexity.tokens());
        assertEquals(chunks * 15L, perplexity.tokens());
        assertEquals(mean, perplexity.meanNats(), 1e-9);
        assertEquals(Math.exp(mean), perplexity.value(), 1e-8);
        assertEquals(Math.exp(mean) * Math.sqrt(variance / (nats.size() - 1)), perplexity.error(), 1e-7);
        assertEquals(bytes, perplexity.bytes());
        assertEquals(mean * nats.size() / Math.log(2) / bytes, perplexity.bitsPerByte(), 1e-9);
    }

    private static double mean(List<Double> values) {
        return values.stream().mapToDouble(x -> x).average().orElseThrow();
    }

    @Test
    void theBaseFileHasTheTokensAndTheLogarithms() throws IOException {
        Path file = folder.resolve("base");
        Perplexity perplexity =
                model.evaluation().contextLength(CONTEXT).chunks(2).base(file).perplexity(TEXT);
        assertEquals(2, perplexity.chunks());
        ByteBuffer base = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        assertEquals(HEADER_BYTES + 2 * CONTEXT * 4 + 2 * 15 * 2 * (2048 + 4), base.capacity());
        byte[] magic = new byte[8];
        base.get(magic);
        assertEquals("_logits_", new String(magic, StandardCharsets.US_ASCII));
        assertEquals(CONTEXT, base.getInt());
        assertEquals(2048, base.getInt());
        assertEquals(2, base.getInt());
        int[] tokens = tokens();
        for (int i = 0; i < 2 * CONTEXT; i++) {
            assertEquals(tokens[i], base.getInt());
        }
        for (int chunk = 0; chunk < 2; chunk++) {
            double[][] rows = logarithms(tokens, chunk);
            for (int i = FIRST; i < CONTEXT - 1; i++) {
                float scale = base.getFloat();
                float minimum = base.getFloat();
                for (double logarithm : rows[i]) {
                    double expected =
                            Math.max(logarithm, Arrays.stream(rows[i]).max().orElseThrow() - 16);
                    float recorded = scale * (base.getShort() & 0xffff) + minimum;
                    assertEquals(expected, recorded, 0.51 * scale + 1e-5);
                }
            }
        }
        assertFalse(base.hasRemaining());
    }

    /**
     * The file was written by llama.cpp (build 11669 of Debian) from the beginning of the demo model's valid.txt:
     * {@code llama-perplexity -m demo-q8_0.gguf -f valid.txt -c 16 -b 16 --chunks 2 --kl-divergence-base FILE}.
     * Compared with the file it came from, llama.cpp reports a perplexity of 2.5319.
     */
    @Test
    void aFileOfLlamaCppIsComparedByTheDefinition() throws IOException {
        byte[] content = resource();
        Path file = Files.write(folder.resolve("llama"), content);
        Divergence divergence = model.evaluation().divergence(file);

        ByteBuffer base = ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN);
        int context = base.getInt(8);
        int width = base.getInt(12);
        int rows = context - 1 - context / 2;
        int[] tokens = new int[2 * context];
        base.position(HEADER_BYTES);
        base.asIntBuffer().get(tokens);
        base.position(HEADER_BYTES + tokens.length * 4);
        List<Double> divergences = new ArrayList<>();
        List<Double> changes = new ArrayList<>();
        List<Double> nats = new ArrayList<>();
        List<Double> baseNats = new ArrayList<>();
        int same = 0;
        for (int chunk = 0; chunk < 2; chunk++) {
            float[][] logits = new float[context][];
            try (Sequence sequence = model.newSequence()) {
                sequence.append(
                        Arrays.copyOfRange(tokens, chunk * context, (chunk + 1) * context),
                        (position, row) -> logits[position] = row.clone());
            }
            for (int i = context / 2; i < context / 2 + rows; i++) {
                float scale = base.getFloat();
                float minimum = base.getFloat();
                double sum = 0;
                for (float logit : logits[i]) {
                    sum += Math.exp(logit);
                }
                double divergenceOfRow = 0;
                int top = 0;
                int baseTop = 0;
                float[] recorded = new float[width];
                for (int id = 0; id < width; id++) {
                    recorded[id] = scale * (base.getShort() & 0xffff) + minimum;
                    top = logits[i][id] > logits[i][top] ? id : top;
                    baseTop = recorded[id] > recorded[baseTop] ? id : baseTop;
                    if (recorded[id] > -16) {
                        double logarithm = logits[i][id] - Math.log(sum);
                        divergenceOfRow += Math.exp(recorded[id]) * (recorded[id] - logarithm);
                    }
                }
                int next = tokens[chunk * context + i + 1];
                same += top == baseTop ? 1 : 0;
                divergences.add(divergenceOfRow);
                nats.add(Math.log(sum) - logits[i][next]);
                baseNats.add((double) -recorded[next]);
                changes.add(Math.exp(-nats.getLast()) - Math.exp(-baseNats.getLast()));
            }
        }
        assertFalse(base.hasRemaining());
        int n = divergences.size();
        assertEquals(2 * rows, n);
        assertEquals(2.5319, divergence.base().value(), 1e-3);
        assertEquals(Math.exp(mean(baseNats)), divergence.base().value(), 1e-8);
        assertEquals(Math.exp(mean(nats)), divergence.perplexity().value(), 1e-8);
        assertEquals(mean(nats) - mean(baseNats), divergence.logRatio().value(), 1e-9);
        assertEquals(error(difference(nats, baseNats)), divergence.logRatio().error(), 1e-6);
        assertEquals(mean(divergences), divergence.mean().value(), 1e-9);
        assertEquals(error(divergences), divergence.mean().error(), 1e-9);
        assertEquals((double) same / n, divergence.sameTop().value());
        assertEquals(mean(changes), divergence.change().value(), 1e-9);
        List<Double> squares = changes.stream().map(x -> x * x).toList();
        double root = Math.sqrt(mean(squares));
        assertEquals(root, divergence.rootMeanSquareChange().value(), 1e-9);
        assertEquals(
                error(squares) / (2 * root), divergence.rootMeanSquareChange().error(), 1e-9);
        List<Double> sorted = divergences.stream().sorted().toList();
        assertEquals(sorted.getFirst(), divergence.quantile(0), 1e-9);
        assertEquals((sorted.get(n / 2 - 1) + sorted.get(n / 2)) / 2, divergence.quantile(0.5), 1e-9);
        assertEquals(
                0.13 * sorted.get(n - 1) + 0.87 * sorted.get(n - 2), divergence.quantile(1 - 0.87 / (n - 1)), 1e-9);
        assertEquals(changes.stream().max(Double::compare).orElseThrow(), divergence.changeQuantile(1), 1e-8);
        assertEquals(1, divergence.correlation(), 0.01);
        assertThrows(IllegalArgumentException.class, () -> divergence.quantile(1.5));
    }

    private static List<Double> difference(List<Double> a, List<Double> b) {
        List<Double> differences = new ArrayList<>();
        for (int i = 0; i < a.size(); i++) {
            differences.add(a.get(i) - b.get(i));
        }
        return differences;
    }

    private static double error(List<Double> values) {
        double mean = mean(values);
        double squares =
                values.stream().mapToDouble(x -> (x - mean) * (x - mean)).sum();
        return Math.sqrt(squares / values.size() / (values.size() - 1));
    }

    private static byte[] resource() throws IOException {
        try (InputStream in =
                Objects.requireNonNull(EvaluationTest.class.getResourceAsStream("/kawi/quality/demo-q8_0.base"))) {
            return in.readAllBytes();
        }
    }

    @Test
    void resultsDoNotDependOnThreads() throws IOException {
        Path one = folder.resolve("one");
        Path three = folder.resolve("three");
        Perplexity first;
        Perplexity second;
        try (Model other = loader().threads(1).load()) {
            first = other.evaluation().contextLength(90).base(one).perplexity(TEXT);
        }
        try (Model other = loader().threads(3).load()) {
            second = other.evaluation().contextLength(90).base(three).perplexity(TEXT);
            assertEquals(
                    model.evaluation().divergence(one).toString(),
                    other.evaluation().divergence(three).toString());
        }
        assertEquals(first, second);
        assertArrayEquals(Files.readAllBytes(one), Files.readAllBytes(three));
    }

    @Test
    void addedTokensAreRecognizedUnlessTheyAreSpecial() throws IOException {
        Path file = folder.resolve("base");
        model.evaluation().contextLength(4).chunks(1).base(file).perplexity("<think>\n\n</think><|im_end|>");
        ByteBuffer base = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        int think = model.tokenizer().orElseThrow().id("<think>").orElseThrow();
        int[] rest = model.tokenizer().orElseThrow().encode("<|im_end|>");
        assertEquals(think, base.getInt(HEADER_BYTES));
        assertEquals(rest[0], base.getInt(HEADER_BYTES + 3 * 4));
    }

    /** llama.cpp does the same with such a file: the tokens in the base file are those of the text. */
    @Test
    void theTokenThatBeginsTextsReplacesTheFirstOfEachChunk() throws IOException {
        byte[] gguf = DemoConversations.gguf();
        String keys = new String(gguf, StandardCharsets.ISO_8859_1);
        String adds = "tokenizer.ggml.add_bos_token";
        gguf[keys.indexOf(adds) + adds.length() + 4] = 1; // after the type
        gguf[keys.indexOf("tokenizer.ggml.eos_token_id") + "tokenizer.ggml.".length()] = 'b';
        Path file = folder.resolve("base");
        try (Model beginning = Model.loader(gguf, "beginning.gguf").load()) {
            Perplexity perplexity =
                    beginning.evaluation().contextLength(4).chunks(2).base(file).perplexity(TEXT);
            int[] tokens = tokens();
            ByteBuffer base = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
            base.position(HEADER_BYTES);
            int first = base.getInt();
            for (int i = 0; i < 7; i++) {
                assertEquals(tokens[i], base.getInt());
            }
            assertTrue(model.endTokens().contains(first), () -> "token " + first);
            double nats = 0;
            int[][] chunks = {{first, tokens[0], tokens[1]}, {first, tokens[4], tokens[5]}};
            for (int chunk = 0; chunk < 2; chunk++) {
                try (Sequence sequence = beginning.newSequence()) {
                    sequence.append(chunks[chunk]);
                    float[] logits = sequence.logits();
                    double sum = 0;
                    for (float logit : logits) {
                        sum += Math.exp(logit);
                    }
                    nats += Math.log(sum) - logits[tokens[chunk * 4 + 2]];
                }
            }
            assertEquals(nats, perplexity.nats(), 1e-9);
            Divergence same = beginning.evaluation().divergence(file);
            assertEquals(perplexity, same.perplexity());
        }
    }

    @Test
    void aTextThatIsTooShortIsASentence() {
        var tooShort = assertThrows(
                IllegalArgumentException.class, () -> model.evaluation().perplexity("Once upon a time"));
        assertEquals(
                "the text has 4 tokens, fewer than one chunk of 512; a longer text or a shorter context is required",
                tooShort.getMessage());
        var tooLong = assertThrows(
                IllegalArgumentException.class, () -> model.evaluation().contextLength(1025));
        assertTrue(String.valueOf(tooLong.getMessage()).contains("between 4 and 1024"), tooLong.getMessage());
        assertThrows(IllegalArgumentException.class, () -> model.evaluation().chunks(0));
    }

    @Test
    void aCancelledEvaluationLeavesNoFile() throws IOException {
        Path file = folder.resolve("base");
        Cancellation cancellation = new Cancellation();
        List<Integer> chunks = new ArrayList<>();
        assertThrows(
                CancellationException.class,
                () -> model.evaluation()
                        .contextLength(CONTEXT)
                        .base(file)
                        .cancelWith(cancellation)
                        .listener((soFar, all) -> {
                            chunks.add(soFar.chunks());
                            assertEquals(tokens().length / CONTEXT, all);
                            cancellation.cancel();
                        })
                        .perplexity(TEXT));
        assertEquals(List.of(1), chunks);
        try (Stream<Path> files = Files.list(folder)) {
            assertEquals(List.of(), files.toList());
        }
    }

    /** Changes of the file of llama.cpp: a position, the number written there, and a part of the message. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "0, 7, does not begin with",
                "8, 0, a context of 0,",
                "8, 3, a context of 3,",
                "8, -5, a context of -5,",
                "8, 2000, exceed the context length of 1024",
                "8, 17, it may not have been written to its end",
                "12, 0, a vocabulary of 0",
                "12, 2047, a vocabulary of 2047 tokens, but the model has 2048",
                "12, 2147483647, a vocabulary of 2147483647 tokens, but the model has 2048",
                "16, 0, and 0 chunks",
                "16, 3, it may not have been written to its end",
                "16, 2147483647, it may not have been written to its end",
                "20, 2048, token 0 is 2048",
                "20, -1, token 0 is -1",
                "148, 2143289344, scale NaN",
                "148, 1065353216, scale 1.0",
                "148, -1082130432, scale -1.0",
                "152, 1065353216, minimum 1.0",
                "152, 2139095040, minimum Infinity"
            })
    void aDamagedFileIsASentence(String damage) throws IOException {
        String[] parts = damage.split(", ", 3);
        byte[] content = resource();
        ByteBuffer.wrap(content)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(Integer.parseInt(parts[0]), Integer.parseInt(parts[1]));
        Path file = Files.write(folder.resolve("damaged"), content);
        var failure = assertThrows(
                IllegalArgumentException.class, () -> model.evaluation().divergence(file));
        assertTrue(String.valueOf(failure.getMessage()).contains(parts[2]), failure.getMessage());
        assertTrue(String.valueOf(failure.getMessage()).contains(file.toString()), failure.getMessage());
    }

    @Test
    void aFileThatIsCutShortOrMissingIsASentence() throws IOException {
        byte[] content = resource();
        for (int length : new int[] {0, 7, 19, 20, 21, 1000, content.length - 1}) {
            Path file = Files.write(folder.resolve("cut"), Arrays.copyOf(content, length));
            var failure = assertThrows(
                    IllegalArgumentException.class, () -> model.evaluation().divergence(file));
            assertTrue(String.valueOf(failure.getMessage()).contains("KL-divergence base file"), failure.getMessage());
        }
        assertThrows(UncheckedIOException.class, () -> model.evaluation().divergence(folder.resolve("missing")));
        var directory = assertThrows(
                IllegalArgumentException.class, () -> model.evaluation().divergence(folder));
        assertTrue(String.valueOf(directory.getMessage()).contains("is not a regular file"), directory.getMessage());
    }
}
