package kawi.engine;

import static kawi.engine.VisionModel.picture;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import kawi.Part;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;
import org.jspecify.annotations.Nullable;

/** Prompts with pictures that begin alike: whatever states are cached, the logits are those of a prompt read alone. */
class ImageCachePropertyTest {

    /** Two of the same size, and one of another. */
    private static final List<Part.Image> PICTURES = List.of(picture(1, 2, 2), picture(2, 2, 2), picture(3, 1, 3));

    private static Path folder = Path.of("");
    private static @Nullable LoadedModel loaded;

    @BeforeContainer
    static void load() throws IOException {
        folder = Files.createTempDirectory("kawi-vision");
        loaded = VisionModel.in(folder).load();
    }

    @AfterContainer
    static void close() throws IOException {
        model().close();
        try (Stream<Path> files = Files.list(folder)) {
            files.forEach(file -> {
                try {
                    Files.delete(file);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        }
        Files.delete(folder);
    }

    private static LoadedModel model() {
        if (loaded == null) {
            throw new IllegalStateException("the model has not been loaded");
        }
        return loaded;
    }

    /** A prompt of parts, each of which is a picture or a few tokens, with random boundaries. */
    private static PromptTokens prompt(List<Integer> parts, SplittableRandom random) {
        int pad = model().requireTokenizer().id("<|image_pad|>").orElseThrow();
        List<Integer> ids = new ArrayList<>();
        List<Part> pictures = new ArrayList<>();
        for (int part : parts) {
            if (part < PICTURES.size()) {
                ids.add(pad);
                pictures.add(PICTURES.get(part));
            } else {
                ids.addAll(List.of(part, part + 1));
            }
        }
        ids.add(9);
        PromptTokens prompt = model().vision()
                .prepareForIds(pictures, Settings.DEFAULT)
                .append(
                        PromptTokens.of(new int[0]),
                        ids.stream().mapToInt(Integer::intValue).toArray(),
                        0);
        int[] boundaries = random.ints(random.nextInt(3), 1, prompt.length() + 1)
                .sorted()
                .distinct()
                .toArray();
        return new PromptTokens(prompt.text(), prompt.images(), boundaries, 0, false, null, "", DroppedTurns.NONE);
    }

    private static float[] alone(PromptTokens prompt) {
        float[] row = new float[model().vocabularySize()];
        try (CachedSequence sequence = new CachedSequence(model(), null)) {
            CachedSequence.Reading reading = sequence.read(prompt, () -> false, step -> {}, row);
            assertEquals(prompt.length(), reading.read());
        }
        return row;
    }

    @Property(tries = 40)
    void aCachedStateIsThatOfItsPictures(@ForAll long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        List<Integer> parts = new ArrayList<>();
        try (SnapshotStore store = model().newSnapshots(1L << 30);
                CachedSequence sequence = new CachedSequence(model(), store)) {
            for (int round = 0; round < 5; round++) {
                int kept = random.nextInt(parts.size() + 1);
                parts.subList(kept, parts.size()).clear();
                for (int i = random.nextInt(4); i > 0; i--) {
                    parts.add(random.nextInt(PICTURES.size() + 3));
                }
                PromptTokens prompt = prompt(parts, random);
                float[] row = new float[model().vocabularySize()];
                sequence.read(prompt, () -> false, step -> {}, row);
                assertArrayEquals(alone(prompt), row, "prompt " + round + " of " + parts);
            }
        }
    }
}
