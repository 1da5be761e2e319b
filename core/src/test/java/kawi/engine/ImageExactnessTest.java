package kawi.engine;

import static kawi.engine.VisionModel.ask;
import static kawi.engine.VisionModel.picture;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import kawi.Message;
import kawi.Part;
import kawi.Prompt;
import kawi.Reply;
import kawi.Speculation;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The same bits whatever computes a prompt with pictures, however it is divided, and whatever is computed with it. */
class ImageExactnessTest {

    /** More rows than a pass has, so that passes begin and end inside. */
    private static final Part.Image LARGE = picture(1, 17, 18);

    private static final Part.Image SMALL = picture(2, 3, 2);

    private static final List<Message> MESSAGES = List.of(ask("Which of these is older?", LARGE, SMALL));

    @TempDir
    private static Path folder;

    private record Kernels(String tier, int threads) {}

    private static VisionModel vision;
    private static LoadedModel model;
    private static PromptTokens prompt;
    private static float[] expected;

    @BeforeAll
    static void load() throws IOException {
        vision = VisionModel.in(folder);
        model = vision.load();
        prompt = prompt(model, MESSAGES);
        expected = logits(model, prompt, List.of(prompt.length()));
    }

    @AfterAll
    static void close() {
        model.close();
    }

    private static PromptTokens prompt(LoadedModel model, List<Message> messages) {
        return new ChatFormat(model).prompt(messages, List.of(), Settings.DEFAULT);
    }

    /** The logits after the prompt, processed in pieces that end at {@code ends}. */
    private static float[] logits(LoadedModel model, PromptTokens prompt, List<Integer> ends) {
        float[] row = new float[model.vocabularySize()];
        try (TokenSequence sequence = model.openSequence(true);
                PromptEmbeddings images = PromptEmbeddings.of(prompt, step -> {})) {
            int from = 0;
            for (int end : ends) {
                boolean last = end == prompt.length();
                sequence.append(prompt.ids(), from, end, images, true, () -> false, read -> {}, last ? row : null);
                from = end;
            }
            assertEquals(prompt.length(), sequence.length());
        }
        return row;
    }

    @Test
    void anyTierAndNumberOfThreads() {
        List<Message> small = List.of(ask("And this?", picture(3, 2, 1), picture(4, 1, 2)));
        float[] expected = null;
        for (Kernels kernels : List.of(
                new Kernels("scalar", 1),
                new Kernels("vector", 2),
                new Kernels("assembled", 1),
                new Kernels("assembled", 2))) {
            try (LoadedModel other = (LoadedModel) vision.loader()
                    .kernels(kernels.tier())
                    .threads(kernels.threads())
                    .load()) {
                PromptTokens same = prompt(other, small);
                float[] logits = logits(other, same, List.of(same.length()));
                expected = expected == null ? logits : expected;
                assertArrayEquals(expected, logits, kernels.toString());
            } catch (UnsupportedOperationException notHere) {
                assertEquals("assembled", kernels.tier(), notHere.getMessage());
            }
        }
    }

    @Test
    void anyDivisionOfThePrompt() {
        Random random = new Random(3);
        for (int round = 0; round < 12; round++) {
            List<Integer> ends = new ArrayList<>();
            for (int at = 1 + random.nextInt(300);
                    at < prompt.length();
                    at += 1 + random.nextInt(round < 3 ? 9 : 300)) {
                ends.add(at);
            }
            ends.add(prompt.length());
            assertArrayEquals(expected, logits(model, prompt, ends), ends.toString());
        }
    }

    @Test
    void besideOtherAnswers() throws Exception {
        List<Prompt> prompts = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            prompts.add(model.prompt(messages(i)).temperature(0).maxTokens(12).ignoreEnd());
        }
        List<Reply> alone = prompts.stream().map(Prompt::generate).toList();
        try (LoadedModel other = vision.load();
                ExecutorService threads = Executors.newFixedThreadPool(prompts.size())) {
            List<Future<Reply>> together = new ArrayList<>();
            for (int i = 0; i < prompts.size(); i++) {
                Prompt same = other.prompt(messages(i))
                        .temperature(0)
                        .maxTokens(12)
                        .ignoreEnd()
                        .speculation(i < 3 ? Speculation.off() : Speculation.upTo(3));
                together.add(threads.submit((Callable<Reply>) same::generate));
            }
            for (int i = 0; i < prompts.size(); i++) {
                assertEquals(alone.get(i).tokens(), together.get(i).get().tokens(), "answer " + i);
            }
            assertEquals(4, other.imageCache().entries(), "the large picture was encoded once");
            assertEquals(4, other.imageCache().misses());
        }
    }

    private static List<Message> messages(int i) {
        return i % 2 == 0
                ? List.of(Message.user("Text only, number %d. ".formatted(i).repeat(12)))
                : List.of(ask("Number " + i, picture(40 + i, 3, 3 + i), LARGE));
    }
}
