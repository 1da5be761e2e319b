package kawi.architecture;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import kawi.compute.KernelTier;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** However sequences are cut into spans and spans are put together, in whatever order: the bits of each alone. */
class BatchPropertyTest {

    private static final List<String> FIXTURES =
            List.of("text-vgtk-tied/f32", "text-veqk-untied/gguf/model-q8_0.gguf", "kimi-linear", "attnres");

    @Property(tries = 60)
    void anyInterleavingIsAsEachSequenceAlone(
            @ForAll @IntRange(min = 0, max = 3) int fixture,
            @ForAll KernelTier tier,
            @ForAll @IntRange(min = 1, max = 3) int threads,
            @ForAll @IntRange(min = 1, max = 5) int sequences,
            @ForAll long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        try (TestModel model = new TestModel(FIXTURES.get(fixture), tier, threads)) {
            int width = model.decoder().vocabularySize();
            List<Progress> all = new ArrayList<>();
            for (int i = 0; i < sequences; i++) {
                int[] ids = random.ints(random.nextInt(1, 40), 0, 60).toArray();
                float[] expected = model.logits(model.sequence(), ids);
                all.add(new Progress(model.sequence(), ids, expected));
            }
            Batch batch = new Batch();
            List<Progress> left = new ArrayList<>(all);
            while (!left.isEmpty()) {
                batch.clear();
                List<Progress> waiting = new ArrayList<>(left);
                int spans = random.nextInt(1, left.size() + 1);
                List<Progress> taken = new ArrayList<>();
                for (int i = 0; i < spans; i++) {
                    Progress next = waiting.remove(random.nextInt(waiting.size()));
                    next.span(batch, random.nextInt(1, next.remaining() + 1));
                    taken.add(next);
                }
                model.decoder().forward(batch, () -> false);
                for (Progress progress : taken) {
                    progress.check(model.decoder(), width);
                }
                left.removeIf(progress -> progress.remaining() == 0);
            }
        }
    }

    /** A sequence, all ids that it is to have, and the logits after each of them. */
    private record Progress(SequenceState sequence, int[] ids, float[] expected) {

        int remaining() {
            return ids.length - sequence.length();
        }

        void span(Batch batch, int rows) {
            batch.add(sequence, ids, sequence.length(), rows, rows, 0);
        }

        void check(Decoder decoder, int width) {
            int from = sequence.length() - sequence.outputs();
            assertArrayEquals(
                    Arrays.copyOfRange(expected, from * width, sequence.length() * width),
                    Runs.outputs(decoder, sequence));
        }
    }
}
