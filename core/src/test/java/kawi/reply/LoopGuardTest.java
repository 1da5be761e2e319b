package kawi.reply;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.function.Supplier;
import java.util.zip.GZIPInputStream;
import kawi.Model;
import kawi.checkpoint.Checkpoint;
import kawi.tokenizer.Tokenizer;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The guard over text: with the demo model's tokenizer, of about four letters per token, and with Qwen3.5's. */
class LoopGuardTest {

    private static final List<Tokenizer> TOKENIZERS = new ArrayList<>();
    private static final List<int[]> STORIES = new ArrayList<>();

    @BeforeAll
    static void load() throws IOException {
        byte[] bytes;
        try (InputStream gguf =
                Objects.requireNonNull(LoopGuardTest.class.getResourceAsStream("/kawi/demo/demo-q8_0.gguf"))) {
            bytes = gguf.readAllBytes();
        }
        try (Model model = Model.loader(bytes, "demo-q8_0.gguf").load()) {
            try (Arena arena = Arena.ofConfined();
                    Checkpoint checkpoint = Checkpoint.of(bytes, "demo-q8_0.gguf", arena)) {
                TOKENIZERS.add(Objects.requireNonNull(checkpoint.tokenizer()));
            }
            for (String question :
                    List.of("Tell me a story about a fox.", "What is three plus four?", "Who are you?")) {
                for (int seed = 0; seed < 3; seed++) {
                    var answer =
                            model.prompt(question).seed(seed).maxTokens(300).generate();
                    STORIES.add(
                            answer.tokens().stream().mapToInt(Integer::intValue).toArray());
                }
            }
        }
        Path file = Path.of(System.getProperty("kawi.shared", "missing"), "tokenizers", "qwen35-tokenizer.json.gz");
        if (Files.exists(file)) {
            try (var in = new GZIPInputStream(Files.newInputStream(file))) {
                TOKENIZERS.add(Tokenizer.fromJson(in.readAllBytes(), null, "qwen35-tokenizer.json"));
            }
        }
    }

    /** The number of tokens after which a loop was noticed, or -1. */
    static int noticed(LoopGuard guard, int... tokens) {
        for (int i = 0; i < tokens.length; i++) {
            if (guard.accept(tokens[i])) {
                return i + 1;
            }
        }
        return -1;
    }

    @Test
    void legitimateRepetitionPasses() {
        for (Tokenizer tokenizer : TOKENIZERS) {
            passes(LoopGuard::forThought, LoopSamples.legitimateInThoughts(), tokenizer);
            passes(LoopGuard::forAnswer, LoopSamples.legitimateInAnswers(), tokenizer);
        }
    }

    private static void passes(Supplier<LoopGuard> guard, Map<String, String> samples, Tokenizer tokenizer) {
        samples.forEach((name, text) -> {
            int[] tokens = tokenizer.encode(text);
            assertEquals(-1, noticed(guard.get(), tokens), name + " of " + tokens.length + " tokens");
        });
    }

    @Test
    void loopsAreNoticed() {
        for (Tokenizer tokenizer : TOKENIZERS) {
            notices(LoopGuard::forThought, LoopSamples.loopsInThoughts(), tokenizer, 2100);
            notices(LoopGuard::forAnswer, LoopSamples.loopsInAnswers(), tokenizer, 4200);
        }
    }

    private static void notices(Supplier<LoopGuard> guard, Map<String, String> samples, Tokenizer tokenizer, int most) {
        samples.forEach((name, text) -> {
            int[] tokens = tokenizer.encode(text);
            int after = noticed(guard.get(), tokens);
            assertTrue(after > 0 && after <= most, name + ": after " + after + " of " + tokens.length);
        });
    }

    @Test
    void whatTheDemoModelWritesPasses() {
        for (int[] story : STORIES) {
            assertEquals(-1, noticed(LoopGuard.forThought(), story));
            assertEquals(-1, noticed(LoopGuard.forAnswer(), story));
        }
    }

    @Test
    void theSourceOfThisProjectPasses() throws IOException {
        Path root = Path.of("").toAbsolutePath();
        Assumptions.assumeTrue(Files.isDirectory(root.resolve("src/main/java")), "the sources are not here: " + root);
        List<Path> files;
        try (var all = Files.walk(root.resolve("src"))) {
            files = all.filter(file -> file.toString().endsWith(".java")).toList();
        }
        Tokenizer tokenizer = TOKENIZERS.getLast();
        for (Path file : files) {
            int[] tokens = tokenizer.encode(Files.readString(file));
            assertEquals(-1, noticed(LoopGuard.forThought(), tokens), file.toString());
            assertEquals(-1, noticed(LoopGuard.forAnswer(), tokens), file.toString());
        }
    }

    @Test
    void dataThatWasLetPassLeavesNoSuspicion() {
        var guard = LoopGuard.forThought();
        int[] zeros = new int[1900];
        assertEquals(-1, noticed(guard, zeros));
        int[] prose = new Random(5).ints(4000, 0, 500).toArray();
        assertEquals(-1, noticed(guard, prose));
        assertEquals(-1, noticed(guard, zeros));
    }

    @Test
    void anAnswerIsGivenMoreTimeThanAThought() {
        int[] sentence = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
        int[] loop = new int[2000];
        Arrays.setAll(loop, i -> sentence[i % sentence.length]);
        assertEquals(512, noticed(LoopGuard.forThought(), loop));
        assertEquals(1024, noticed(LoopGuard.forAnswer(), loop));
    }

    @Test
    void nothingIsSaidOfAnEmptyHistory() {
        assertFalse(LoopGuard.forThought().accept(0));
        assertFalse(LoopGuard.forAnswer().accept(-1));
    }
}
