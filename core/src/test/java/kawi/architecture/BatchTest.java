package kawi.architecture;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CancellationException;
import java.util.stream.Stream;
import kawi.compute.KernelTier;
import kawi.kernels.Activations;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Several sequences in one pass: each computes, to the last bit, what it would compute alone. */
class BatchTest {

    private static final String FLOATS = "text-vgtk-tied/f32";
    private static final String QUANTIZED = "text-veqk-untied/gguf/model-q8_0.gguf";
    private static final String KIMI = "kimi-linear";
    private static final String ATTENTION_RESIDUALS = "attnres";

    record Case(String fixture, KernelTier tier, int threads) {

        TestModel open() {
            return new TestModel(fixture, tier, threads);
        }
    }

    static Stream<Case> cases() {
        return Stream.of(FLOATS, QUANTIZED, KIMI, ATTENTION_RESIDUALS)
                .flatMap(fixture -> Arrays.stream(KernelTier.values())
                        .flatMap(tier -> Stream.of(1, 2, 3).map(threads -> new Case(fixture, tier, threads))));
    }

    private static int[] ids(int seed, int count) {
        return new SplittableRandom(seed).ints(count, 0, 60).toArray();
    }

    /** Two sequences decode, one beyond a page of keys, and a third one reads its prompt. */
    @ParameterizedTest
    @MethodSource("cases")
    void threeSequencesInOnePassAreAsThreePasses(Case of) {
        int[] near = ids(1, 7);
        int[] far = ids(2, 260);
        int[] prompt = ids(3, 33);
        try (TestModel model = of.open()) {
            float[] nearAlone = model.logits(model.sequence(near), 5);
            float[] farAlone = model.logits(model.sequence(far), 6);
            float[] promptAlone = model.logits(model.sequence(), prompt);

            SequenceState a = model.sequence(near);
            SequenceState b = model.sequence(far);
            SequenceState c = model.sequence();
            Batch batch = new Batch();
            batch.add(a, new int[] {5}, 0, 1, 1, 0);
            batch.add(c, prompt, 0, prompt.length, prompt.length, 0);
            batch.add(b, new int[] {6}, 0, 1, 1, 0);
            model.decoder().forward(batch, () -> false);

            assertArrayEquals(nearAlone, Runs.outputs(model.decoder(), a));
            assertArrayEquals(farAlone, Runs.outputs(model.decoder(), b));
            assertArrayEquals(promptAlone, Runs.outputs(model.decoder(), c));
            assertEquals(near.length + 1, a.length());
            assertEquals(far.length + 1, b.length());
            assertEquals(prompt.length, c.length());
        }
    }

    @Test
    void logitsOfSeveralSequencesComeFromOneProduct() {
        try (TestModel model = new TestModel(FLOATS, KernelTier.SCALAR, 2)) {
            SequenceState a = model.sequence(1, 2, 3);
            SequenceState b = model.sequence(4, 5);
            float[] ofA = Runs.outputs(model.decoder(), a);
            float[] ofB = Runs.outputs(model.decoder(), b);
            int vocabulary = model.decoder().vocabularySize();
            Activations together =
                    model.decoder().logits(new Outputs().add(b, 1).add(a, 0).add(a, 2));
            float[] rows = Runs.rows(together.floats(), 3 * vocabulary);
            assertArrayEquals(Arrays.copyOfRange(ofB, vocabulary, 2 * vocabulary), row(rows, 0, vocabulary));
            assertArrayEquals(Arrays.copyOfRange(ofA, 0, vocabulary), row(rows, 1, vocabulary));
            assertArrayEquals(Arrays.copyOfRange(ofA, 2 * vocabulary, 3 * vocabulary), row(rows, 2, vocabulary));
            assertThrows(IllegalArgumentException.class, () -> new Outputs().add(b, 2));
        }
    }

    private static float[] row(float[] rows, int row, int width) {
        return Arrays.copyOfRange(rows, row * width, (row + 1) * width);
    }

    @Test
    void onlyTheOutputsAskedForAreKept() {
        try (TestModel model = new TestModel(FLOATS, KernelTier.SCALAR, 1)) {
            int[] ids = ids(1, 20);
            float[] all = model.logits(model.sequence(), ids);
            SequenceState sequence = model.sequence();
            model.decoder().forward(new Batch().add(sequence, ids, 0, ids.length, 3, 0), () -> false);
            assertEquals(3, sequence.outputs());
            int width = model.decoder().vocabularySize();
            assertArrayEquals(Arrays.copyOfRange(all, 17 * width, 20 * width), Runs.outputs(model.decoder(), sequence));
            model.decoder().forward(new Batch().add(sequence, ids, 0, 1, 0, 0), () -> false);
            assertEquals(0, sequence.outputs());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {FLOATS, KIMI, ATTENTION_RESIDUALS})
    void givenEmbeddingsAreAsTheIdsTheyWereTakenFrom(String fixture) {
        try (TestModel model = new TestModel(fixture, KernelTier.SCALAR, 2)) {
            int[] ids = ids(4, 30);
            float[] expected = model.logits(model.sequence(), ids);
            MemorySegment rows = MemorySegment.ofArray(model.embeddings(ids));
            int[] positions = new int[ids.length * Batch.AXES];
            long[] keys = new long[ids.length];
            for (int i = 0; i < ids.length; i++) {
                Arrays.fill(positions, i * Batch.AXES, (i + 1) * Batch.AXES, i);
                keys[i] = 1L << 40 | ids[i];
            }
            SequenceState given = model.sequence();
            Batch batch = new Batch().span(given, ids.length, 0);
            batch.embeddings(rows, ids.length, positions, keys);
            model.decoder().forward(batch, () -> false);
            assertArrayEquals(expected, Runs.outputs(model.decoder(), given));
            assertEquals(ids.length, given.nextPosition());
            assertEquals(1L << 40 | ids[2], given.key(2));

            SequenceState mixed = model.sequence();
            batch.clear();
            long rowBytes = (long) model.decoder().hiddenSize() * Float.BYTES;
            batch.span(mixed, ids.length, 0)
                    .ids(ids, 0, 10)
                    .embeddings(
                            rows.asSlice(10 * rowBytes, 5 * rowBytes),
                            5,
                            Arrays.copyOfRange(positions, 30, 45),
                            Arrays.copyOfRange(keys, 10, 15))
                    .ids(ids, 15, 15);
            model.decoder().forward(batch, () -> false);
            assertArrayEquals(expected, Runs.outputs(model.decoder(), mixed));
            assertEquals(ids[20], mixed.key(20));
        }
    }

    @Test
    void aBatchThatCannotRunTouchesNothing() {
        try (TestModel model = new TestModel(FLOATS, KernelTier.SCALAR, 1)) {
            SequenceState a = model.sequence(1, 2);
            SequenceState b = model.sequence(3);
            Batch batch = new Batch().add(a, new int[] {4}, 0, 1, 1, 0);
            assertThrows(IllegalArgumentException.class, () -> batch.span(a, 0, 0), "twice in one batch");
            batch.add(b, new int[] {1_000_000}, 0, 1, 1, 0);
            IllegalArgumentException e = assertThrows(
                    IllegalArgumentException.class, () -> model.decoder().forward(batch, () -> false));
            assertEquals("row 1: token id 1000000 is not in the vocabulary of 272", e.getMessage());
            assertFalse(a.broken());
            assertEquals(2, a.length());
            assertThrows(
                    IllegalArgumentException.class,
                    () -> model.decoder().forward(new Batch().add(a, new int[] {4}, 0, 1, 2, 0), () -> false),
                    "more outputs than rows");
            assertThrows(
                    IllegalArgumentException.class,
                    () -> model.decoder().forward(new Batch().span(a, 0, 0), () -> false),
                    "no rows");
            Batch old = new Batch().add(a, new int[] {4}, 0, 1, 1, 0);
            Runs.append(model.decoder(), a, 7);
            assertThrows(IllegalStateException.class, () -> model.decoder().forward(old, () -> false));
            MemorySegment narrow = MemorySegment.ofArray(new float[3]);
            Batch wrong = new Batch().span(b, 0, 0).embeddings(narrow, 1, new int[Batch.AXES], new long[1]);
            assertThrows(IllegalArgumentException.class, () -> model.decoder().forward(wrong, () -> false));
        }
    }

    @Test
    void cancellingBreaksEverySequenceOfTheBatchAndNoOther() {
        try (TestModel model = new TestModel(FLOATS, KernelTier.SCALAR, 1)) {
            SequenceState a = model.sequence(1, 2);
            SequenceState b = model.sequence(3);
            SequenceState other = model.sequence(4);
            Batch batch = new Batch().add(a, new int[] {4}, 0, 1, 1, 0).add(b, new int[] {5}, 0, 1, 1, 0);
            int[] layers = {0};
            assertThrows(CancellationException.class, () -> model.decoder().forward(batch, () -> ++layers[0] > 2));
            assertTrue(a.broken());
            assertTrue(b.broken());
            assertFalse(other.broken());
            assertThrows(IllegalStateException.class, () -> model.decoder().logits(a, 0, new float[272]));
            assertThrows(IllegalStateException.class, a::fork);
            assertThrows(IllegalStateException.class, () -> other.assign(a));
            assertFalse(other.broken());
            a.assign(other);
            assertArrayEquals(model.logits(other, 9), model.logits(a, 9));
        }
    }

    /** As when memory ends in the middle of a copy: layers disagree, so the copy must not count as whole. */
    @Test
    void aCopyThatFailsIsBroken() {
        try (TestModel model = new TestModel(FLOATS, KernelTier.SCALAR, 1)) {
            SequenceState to = model.sequence(1, 2);
            SequenceState from = model.sequence(3, 4, 5);
            from.close();
            assertThrows(IllegalStateException.class, () -> to.assign(from));
            assertTrue(to.broken());
            assertThrows(IllegalStateException.class, () -> new Batch().span(to, 0, 0));
            to.clear();
            assertFalse(to.broken());
            assertArrayEquals(model.logits(model.sequence(), 8), model.logits(to, 8));
        }
    }

    @Test
    void aForkGoesItsOwnWay() {
        try (TestModel model = new TestModel(FLOATS, KernelTier.SCALAR, 1)) {
            int[] ids = ids(5, 270);
            SequenceState a = model.sequence(ids);
            try (SequenceState fork = a.fork()) {
                assertEquals(ids.length, fork.length());
                assertEquals(ids[3], fork.key(3));
                float[] last = new float[272];
                model.decoder().logits(fork, 0, last);
                float[] all = Runs.outputs(model.decoder(), a);
                assertArrayEquals(Arrays.copyOfRange(all, all.length - 272, all.length), last);
                float[] seven = model.logits(fork, 7);
                assertArrayEquals(model.logits(model.sequence(ids), 8), model.logits(a, 8));
                assertArrayEquals(model.logits(model.sequence(ids), 7), seven);
            }
        }
    }

    /** A state knows its memory, and a copy shares the full pages of keys and values. */
    @ParameterizedTest
    @ValueSource(strings = {FLOATS, KIMI})
    void memoryIsMeasured(String fixture) {
        try (TestModel model = new TestModel(fixture, KernelTier.SCALAR, 1)) {
            SequenceState sequence = model.sequence(ids(6, 300));
            Map<Object, Long> parts = parts(sequence);
            assertEquals(sum(parts), sequence.bytes());
            try (SequenceState fork = sequence.fork()) {
                assertEquals(sequence.bytes(), fork.bytes());
                Map<Object, Long> shared = parts(fork);
                shared.keySet().retainAll(parts.keySet());
                assertEquals(pageBytes(fixture), sum(shared), "one full page of one layer");
            }
            sequence.clear();
            assertEquals(sum(parts) - 2 * pageBytes(fixture), sequence.bytes());
        }
    }

    private static long pageBytes(String fixture) {
        // After values of 12 numbers, kernels may read up to a multiple of 16.
        return fixture.equals(FLOATS) ? 2 * 2 * 32 * 256 * 4 : 2 * (16 + 12) * 256 * 4 + 64;
    }

    private static Map<Object, Long> parts(SequenceState sequence) {
        Map<Object, Long> parts = new HashMap<>();
        sequence.forEachPart((part, bytes) -> parts.put(part, bytes));
        return parts;
    }

    private static long sum(Map<Object, Long> parts) {
        return parts.values().stream().mapToLong(bytes -> bytes).sum();
    }
}
