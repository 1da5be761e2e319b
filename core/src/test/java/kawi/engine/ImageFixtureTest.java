package kawi.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import kawi.Model;
import kawi.Part;
import kawi.Prompt;
import kawi.Reply;
import kawi.Speculation;
import kawi.TokenLogprob;
import kawi.architecture.Reference;
import kawi.files.Fixture;
import org.junit.jupiter.api.Test;

/** Prompts with pictures and films, from files to tokens, against transformers 5.18. */
class ImageFixtureTest {

    private static final double TOLERANCE = 1e-4;
    private static final Reference REFERENCE = new Reference("vision-vgtk-tied/f32");
    private static final String MEDIA = "vision-vgtk-tied/pixels/";
    private static final int IMAGE = 260;
    private static final int FILM = 261;

    private static Path media(String name) {
        return Fixture.path(MEDIA + name);
    }

    /** The ids of a reference with one placeholder for each image. */
    private static int[] collapsed(String text, int placeholder) {
        int[] ids = REFERENCE.ids(text + ".ids");
        List<Integer> kept = new ArrayList<>();
        for (int i = 0; i < ids.length; i++) {
            if (ids[i] != placeholder || ids[i - 1] != placeholder) {
                kept.add(ids[i]);
            }
        }
        return kept.stream().mapToInt(Integer::intValue).toArray();
    }

    private static Prompt merged(Model model) {
        return model.prompt(collapsed("merged", IMAGE))
                .image(media("image_a.png"))
                .image(media("image_b.png"))
                .temperature(0)
                .maxTokens(REFERENCE.ids("merged.greedy").length);
    }

    private static Prompt film(Model model) {
        List<Part.Image> frames = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            frames.add(Part.image(media("video.frame%d.png".formatted(i))));
        }
        return model.prompt(collapsed("video", FILM)).video(frames, 2).temperature(0);
    }

    /** Compares the probabilities of the tokens of a prompt with the logits of the reference. */
    private static void assertLogits(String text, Prompt prompt) {
        float[] logits = REFERENCE.expected(text + ".logits");
        int[] ids = REFERENCE.ids(text + ".ids");
        assertArrayEquals(ids, prompt.tokens());
        int vocabulary = logits.length / ids.length;
        List<TokenLogprob> scores = prompt.promptLogprobs(vocabulary);
        assertEquals(ids.length - 1, scores.size());
        double scale = 1;
        for (float logit : logits) {
            scale = Math.max(scale, Math.abs(logit));
        }
        for (int row = 0; row < scores.size(); row++) {
            double sum = 0;
            for (int id = 0; id < vocabulary; id++) {
                sum += Math.exp(logits[row * vocabulary + id]);
            }
            assertEquals(vocabulary, scores.get(row).top().size());
            for (TokenLogprob top : scores.get(row).top()) {
                assertEquals(
                        logits[row * vocabulary + top.token()] - Math.log(sum),
                        top.logprob(),
                        2 * TOLERANCE * scale,
                        text + " row " + row);
            }
        }
    }

    @Test
    void picturesInATextGiveTheReferencesLogitsAndAnswer() {
        try (Model model = Model.load(Fixture.path("vision-vgtk-tied/f32"))) {
            assertTrue(model.seesImages());
            assertLogits("merged", merged(model));
            Reply reply = merged(model).ignoreEnd().generate();
            assertEquals(14, reply.stats().images().tokens());
            int[] greedy = REFERENCE.ids("merged.greedy");
            assertEquals(Arrays.stream(greedy).boxed().toList(), reply.tokens());
            for (int guesses = 1; guesses <= 3; guesses++) {
                assertEquals(
                        reply.tokens(),
                        merged(model)
                                .ignoreEnd()
                                .speculation(Speculation.upTo(guesses))
                                .generate()
                                .tokens());
            }
        }
    }

    @Test
    void aFilmGivesTheReferencesLogits() {
        try (Model model = Model.load(Fixture.path("vision-vgtk-tied/f32"))) {
            assertLogits("video", film(model));
        }
    }
}
