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
import kawi.gguf.GgufEdit;
import kawi.gguf.MetadataArray;
import kawi.gguf.MetadataType;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Prompts with pictures and films, from files to tokens, against transformers 5.18. */
class ImageFixtureTest {

    private static final double TOLERANCE = 1e-4;
    private static final String MEDIA = "vision-vgtk-tied/pixels/";
    private static final int IMAGE = 260;
    private static final int FILM = 261;
    private static final String TOKENS = "tokenizer.ggml.tokens";

    @TempDir
    private Path folder;

    private static Path media(String name) {
        return Fixture.path(MEDIA + name);
    }

    /** The ids of a reference with one placeholder for each image. */
    private static int[] collapsed(Reference reference, String text, int placeholder) {
        int[] ids = reference.ids(text + ".ids");
        List<Integer> kept = new ArrayList<>();
        for (int i = 0; i < ids.length; i++) {
            if (ids[i] != placeholder || ids[i - 1] != placeholder) {
                kept.add(ids[i]);
            }
        }
        return kept.stream().mapToInt(Integer::intValue).toArray();
    }

    private static Prompt merged(Model model, Reference reference) {
        return model.prompt(collapsed(reference, "merged", IMAGE))
                .image(media("image_a.png"))
                .image(media("image_b.png"))
                .temperature(0)
                .maxTokens(reference.ids("merged.greedy").length);
    }

    private static Prompt film(Model model, Reference reference) {
        List<Part.Image> frames = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            frames.add(Part.image(media("video.frame%d.png".formatted(i))));
        }
        return model.prompt(collapsed(reference, "video", FILM))
                .video(frames, 2)
                .temperature(0);
    }

    /** Compares the probabilities of the tokens of a prompt with the logits of the reference. */
    private static void assertLogits(Reference reference, String text, Prompt prompt) {
        float[] logits = reference.expected(text + ".logits");
        int[] ids = reference.ids(text + ".ids");
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

    /** The folder, or the GGUF file and its mmproj, whose tokens have the names of published models. */
    private Model load(String name) {
        if (!name.equals("gguf")) {
            return Model.load(Fixture.path("vision-vgtk-tied/" + name));
        }
        GgufEdit edit = GgufEdit.of(Fixture.path("vision-vgtk-tied/gguf/model-f32.gguf"));
        List<Object> tokens = new ArrayList<>(((MetadataArray) edit.value(TOKENS)).values());
        tokens.set(IMAGE, "<|image_pad|>");
        tokens.set(FILM, "<|video_pad|>");
        edit.put(TOKENS, MetadataType.STRING, tokens).put("tokenizer.ggml.merges", MetadataType.STRING, List.of());
        return Model.loader(edit.writeTo(folder.resolve("model.gguf")))
                .vision(Fixture.path("vision-vgtk-tied/gguf/mmproj-f32.gguf"))
                .imageTokens(4, 64)
                .load();
    }

    @ParameterizedTest
    @CsvSource({"f32, f32", "bf16, bf16", "gguf, f32"})
    void promptsGiveTheReferencesLogitsAndAnswer(String name, String expected) {
        Reference reference = new Reference("vision-vgtk-tied/" + expected);
        try (Model model = load(name)) {
            assertTrue(model.seesImages());
            assertLogits(reference, "merged", merged(model, reference));
            assertLogits(reference, "video", film(model, reference));
            Reply reply = merged(model, reference).ignoreEnd().generate();
            assertEquals(14, reply.stats().images().tokens());
            assertEquals(Arrays.stream(reference.ids("merged.greedy")).boxed().toList(), reply.tokens());
            for (int guesses = 1; guesses <= 3; guesses++) {
                assertEquals(
                        reply.tokens(),
                        merged(model, reference)
                                .ignoreEnd()
                                .speculation(Speculation.upTo(guesses))
                                .generate()
                                .tokens());
            }
        }
    }
}
