package kawi.architecture;

import static kawi.architecture.Reference.assertClose;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import kawi.compute.KernelTier;
import kawi.kernels.Activations;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Multi-token prediction: exact, and the same bits however rows are divided. */
class DraftHeadTest {

    private static final double TOLERANCE = 1e-4;

    /** Guesses for one sequence. */
    record Drafted(List<Integer> ids, List<Float> confidences) {}

    static Drafted guess(TestModel model, SequenceState sequence, int nextId, int count) {
        return guess(model, List.of(sequence), nextId, count).getFirst();
    }

    static List<Drafted> guess(TestModel model, List<SequenceState> sequences, int nextId, int count) {
        Guesses guesses = new Guesses();
        int[][] ids = new int[sequences.size()][count];
        float[][] confidences = new float[sequences.size()][count];
        for (int i = 0; i < ids.length; i++) {
            guesses.add(sequences.get(i), nextId, count, ids[i], confidences[i]);
        }
        head(model).guess(guesses, () -> false);
        return java.util.stream.IntStream.range(0, ids.length)
                .mapToObj(i -> new Drafted(
                        Arrays.stream(ids[i]).limit(guesses.made(i)).boxed().toList(),
                        java.util.stream.IntStream.range(0, guesses.made(i))
                                .mapToObj(j -> confidences[i][j])
                                .toList()))
                .toList();
    }

    static DraftHead head(TestModel model) {
        return Objects.requireNonNull(model.decoder().draftHead());
    }

    static SequenceState guessing(TestModel model) {
        SequenceState sequence = model.sequence();
        sequence.guessing(true);
        return sequence;
    }

    static SequenceState guessing(TestModel model, int[] ids, int... chunks) {
        SequenceState sequence = guessing(model);
        Runs.logits(model.decoder(), sequence, ids, chunks);
        return sequence;
    }

    @ParameterizedTest
    @CsvSource({
        "text-vgtk-tied/f32,                  text-vgtk-tied/f32",
        "text-vgtk-tied/bf16,                 text-vgtk-tied/bf16",
        "text-vgtk-tied/gguf/model-f32.gguf,  text-vgtk-tied/f32",
        "text-veqk-untied/f32,                text-veqk-untied/f32",
        "text-veqk-untied/bf16,               text-veqk-untied/bf16"
    })
    void reproducesTheReference(String checkpoint, String folder) {
        Reference reference = new Reference(folder);
        int[] ids = reference.ids("ids_short");
        float[] hidden = reference.expected("mtp.hidden");
        float[] logits = reference.expected("mtp.logits");
        int rows = ids.length - 1;
        try (TestModel model = new TestModel(checkpoint, KernelTier.SCALAR, 1)) {
            SequenceState trunk = model.sequence(ids);
            int width = model.decoder().hiddenSize();
            MemorySegment h = model.arena().allocate((long) ids.length * width * Float.BYTES, 64);
            for (int row = 0; row < ids.length; row++) {
                trunk.copyOutput(row, h, (long) row * width * Float.BYTES);
            }
            Stack.Draft draft = Objects.requireNonNull(model.parts().draft());
            LayerState cache = Objects.requireNonNull(model.sequence().draft()).cache();
            try (DraftLayer layer =
                    new DraftLayer(model.compute(), draft, model.parts().eps())) {
                layer.begin(rows);
                for (int row = 0; row < rows; row++) {
                    layer.of(trunk, cache, row);
                    layer.row(h, (long) row * width * Float.BYTES, ids[row + 1], null, row, row, row);
                }
                Activations y = layer.run();
                assertClose(hidden, Runs.rows(y.floats(), rows * width), TOLERANCE, "mtp.hidden");
                int vocabulary = model.decoder().vocabularySize();
                Activations out = Activations.outputs(model.arena(), rows, vocabulary);
                model.compute().products(y, rows).with(draft.head(), out).run();
                assertClose(logits, Runs.rows(out.floats(), rows * vocabulary), TOLERANCE, "mtp.logits");
            }
            assertGuesses(model, ids, logits);
        }
    }

    /** The guess after each row is the largest logit of the reference, with its probability. */
    private static void assertGuesses(TestModel model, int[] ids, float[] logits) {
        int vocabulary = model.decoder().vocabularySize();
        for (int row = 0; row < ids.length - 1; row++) {
            SequenceState sequence = guessing(model, Arrays.copyOf(ids, row + 1), row + 1);
            Drafted drafted = guess(model, sequence, ids[row + 1], 1);
            float[] expected = Arrays.copyOfRange(logits, row * vocabulary, (row + 1) * vocabulary);
            int best = 0;
            for (int id = 1; id < vocabulary; id++) {
                best = expected[id] > expected[best] ? id : best;
            }
            double mass = 0;
            for (float logit : expected) {
                mass += Math.exp(logit - expected[best]);
            }
            assertEquals(List.of(best), drafted.ids(), "row " + row);
            assertEquals(1 / mass, drafted.confidences().getFirst(), 1e-3, "row " + row);
        }
    }

    @ParameterizedTest
    @MethodSource("models")
    void chunksThreadsAndTiersDoNotChangeABit(String fixture) {
        int[] ids = new SplittableRandom(5).ints(100, 0, 260).toArray();
        Drafted expected;
        try (TestModel model = new TestModel(fixture, KernelTier.SCALAR, 1)) {
            expected = guess(model, guessing(model, ids, ids.length), 7, 5);
        }
        assertEquals(5, expected.ids().size());
        for (KernelTier tier : KernelTier.values()) {
            for (int threads : new int[] {1, 3}) {
                try (TestModel model = new TestModel(fixture, tier, threads)) {
                    List<SequenceState> sequences = Stream.of(
                                    new int[] {100}, new int[] {1}, new int[] {37, 63}, new int[] {5, 1, 33, 3, 2, 1})
                            .map(chunks -> guessing(model, ids, chunks))
                            .toList();
                    for (SequenceState sequence : sequences) {
                        assertEquals(expected, guess(model, sequence, 7, 5), () -> tier + " " + threads);
                        assertEquals(expected, guess(model, sequence, 7, 5), "again");
                    }
                    SequenceState other = guessing(model, ids, 100);
                    List<SequenceState> together =
                            Stream.concat(Stream.of(other), sequences.stream()).toList();
                    assertEquals(
                            java.util.Collections.nCopies(5, expected), guess(model, together, 7, 5), "in one batch");
                }
            }
        }
    }

    static Stream<String> models() {
        return Stream.of("text-vgtk-tied/f32", "text-veqk-untied/bf16");
    }

    /** The same rows in passes with those of other sequences, longer than a page of keys and values. */
    @Test
    void otherSequencesOfAPassDoNotChangeABit() {
        SplittableRandom random = new SplittableRandom(6);
        int[][] ids = new int[3][];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = random.ints(290 + 5 * i, 0, 260).toArray();
        }
        try (TestModel model = new TestModel("text-vgtk-tied/f32", KernelTier.VECTOR, 2)) {
            SequenceState[] together = {guessing(model), guessing(model), guessing(model)};
            Batch batch = new Batch();
            int[] at = new int[ids.length];
            while (at[0] < ids[0].length || at[1] < ids[1].length || at[2] < ids[2].length) {
                batch.clear();
                for (int i = 0; i < ids.length; i++) {
                    int rows = Math.min(random.nextInt(60), ids[i].length - at[i]);
                    if (rows > 0) {
                        batch.add(together[i], ids[i], at[i], rows, 1, 0);
                        at[i] += rows;
                    }
                }
                model.decoder().forward(batch, () -> false);
            }
            List<Drafted> drafted = guess(model, List.of(together), 3, 8);
            for (int i = 0; i < ids.length; i++) {
                assertEquals(guess(model, guessing(model, ids[i], 64), 3, 8), drafted.get(i), "sequence " + i);
            }
        }
    }

    @Test
    void aGuessDoesNotChangeLogits() {
        int[] ids = new SplittableRandom(8).ints(70, 0, 260).toArray();
        try (TestModel model = new TestModel("text-vgtk-tied/f32", KernelTier.VECTOR, 1)) {
            float[] expected = Runs.logits(model.decoder(), ids, 70);
            SequenceState sequence = guessing(model);
            float[] actual = new float[expected.length];
            int vocabulary = model.decoder().vocabularySize();
            for (int i = 0; i < ids.length; i++) {
                if (i > 0) {
                    guess(model, sequence, ids[i], 1 + i % 4);
                }
                Runs.append(model.decoder(), sequence, ids[i]);
                System.arraycopy(Runs.outputs(model.decoder(), sequence), 0, actual, i * vocabulary, vocabulary);
            }
            assertArrayEquals(expected, actual);
        }
    }

    @Test
    void aSequenceThatIsNotGuessingHasNoStateOfTheHead() {
        try (TestModel model = new TestModel("text-vgtk-tied/f32", KernelTier.SCALAR, 1)) {
            SequenceState sequence = model.sequence(1, 2, 3);
            DraftState state = Objects.requireNonNull(sequence.draft());
            assertEquals(0, state.bytes());
            assertEquals(new Drafted(List.of(), List.of()), guess(model, sequence, 4, 2));
            sequence.guessing(true);
            Runs.append(model.decoder(), sequence, 4, 5);
            assertEquals(2, guess(model, sequence, 6, 2).ids().size());
            assertEquals(1, state.stored());
            sequence.guessing(false);
            Runs.append(model.decoder(), sequence, 6);
            assertEquals(0, guess(model, sequence, 7, 2).ids().size());
        }
    }

    @Test
    void cancellationEndsTheGuesses() {
        try (TestModel model = new TestModel("text-vgtk-tied/f32", KernelTier.SCALAR, 1)) {
            SequenceState sequence = guessing(model, new int[] {1, 2, 3}, 3);
            Guesses guesses = new Guesses().add(sequence, 4, 6, new int[6], new float[6]);
            int[] queries = {0};
            head(model).guess(guesses, () -> queries[0]++ == 2);
            assertEquals(2, guesses.made(0));
        }
    }
}
