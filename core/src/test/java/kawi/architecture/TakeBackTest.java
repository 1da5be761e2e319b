package kawi.architecture;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import kawi.compute.KernelTier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Rows that were taken back have never been: to the last bit, in every layer. */
class TakeBackTest {

    record Case(String fixture, KernelTier tier, int threads) {

        TestModel open() {
            return new TestModel(fixture, tier, threads);
        }
    }

    static Stream<Case> cases() {
        return Stream.of("text-vgtk-tied/f32", "text-veqk-untied/gguf/model-q8_0.gguf", "kimi-linear", "attnres")
                .flatMap(fixture -> Arrays.stream(KernelTier.values())
                        .flatMap(tier -> Stream.of(1, 2, 3).map(threads -> new Case(fixture, tier, threads))));
    }

    private static void append(TestModel model, SequenceState sequence, int revocable, int... ids) {
        model.decoder().forward(new Batch().add(sequence, ids, 0, ids.length, ids.length, revocable), () -> false);
    }

    private static byte[] memory(SequenceState sequence) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        sequence.forEach(part -> bytes.writeBytes(part.toArray(ValueLayout.JAVA_BYTE)));
        return bytes.toByteArray();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void fiveAppendedThreeTakenBack(Case of) {
        try (TestModel model = of.open()) {
            int[] prompt = new SplittableRandom(1).ints(254, 0, 60).toArray();
            SequenceState never = model.sequence(prompt);
            SequenceState back = model.sequence(prompt);
            append(model, back, 5, 1, 2, 3, 4, 5);
            back.takeBack(3);
            assertEquals(prompt.length + 2, back.length());
            assertEquals(prompt.length + 2, back.nextPosition());
            assertEquals(2, back.outputs());
            append(model, never, 0, 1, 2);
            assertArrayEquals(Runs.outputs(model.decoder(), never), Runs.outputs(model.decoder(), back));
            for (int[] more : new int[][] {{7}, {8, 9, 10}, {11}}) {
                assertArrayEquals(model.logits(never, more), model.logits(back, more), Arrays.toString(more));
            }
            assertArrayEquals(memory(never), memory(back));
        }
    }

    /** A speculating loop: every step appends drafts, some of which stay. */
    @ParameterizedTest
    @MethodSource("cases")
    void stepAfterStep(Case of) {
        SplittableRandom random = new SplittableRandom(2);
        try (TestModel model = of.open()) {
            SequenceState plain = model.sequence(3, 1, 4);
            SequenceState drafting = model.sequence(3, 1, 4);
            SequenceState other = model.sequence(1, 5);
            SequenceState otherAlone = model.sequence(1, 5);
            Batch batch = new Batch();
            for (int step = 0; step < 12; step++) {
                int rows = random.nextInt(1, SequenceState.MAX_REVOCABLE + 2);
                int kept = random.nextInt(1, rows + 1);
                int[] ids = random.ints(rows, 0, 60).toArray();
                batch.clear();
                batch.add(other, ids, 0, 1, 1, 0).add(drafting, ids, 0, rows, rows, rows - 1);
                model.decoder().forward(batch, () -> false);
                drafting.takeBack(rows - kept);
                float[] expected = model.logits(plain, Arrays.copyOf(ids, kept));
                assertArrayEquals(expected, Runs.outputs(model.decoder(), drafting), "step " + step);
                assertArrayEquals(
                        model.logits(otherAlone, ids[0]), Runs.outputs(model.decoder(), other), "step " + step);
            }
            assertArrayEquals(model.logits(plain, 6), model.logits(drafting, 6));
            assertArrayEquals(memory(plain), memory(drafting));
        }
    }

    /** Copies are made, saved and read in between, while rows may still be taken back. */
    @ParameterizedTest
    @MethodSource("cases")
    void copiesKnowWhatMayBeTakenBack(Case of) {
        try (TestModel model = of.open()) {
            SequenceState a = model.sequence(1, 2, 3);
            append(model, a, 4, 4, 5, 6, 7);
            a.takeBack(1);
            SequenceState copy = model.sequence();
            copy.assign(a);
            assertEquals(3, copy.revocable());
            copy.takeBack(2);
            a.takeBack(1);
            assertArrayEquals(model.logits(model.sequence(1, 2, 3, 4), 9), model.logits(copy, 9));

            SequenceState read = model.sequence();
            MemorySegment saved = MemorySegment.ofArray(memory(a));
            long[] at = {0};
            read.fill(new long[] {1, 2, 3, 4, 5}, 5, a.revocable(), true, part -> {
                part.copyFrom(saved.asSlice(at[0], part.byteSize()));
                at[0] += part.byteSize();
            });
            float[] expected = model.logits(model.sequence(1, 2, 3, 4, 5), 9);
            assertArrayEquals(expected, model.logits(read, 9));
            assertArrayEquals(expected, model.logits(a, 9));
        }
    }

    @Test
    void onlyRevocableRowsOfTheLastPassCanBeTakenBack() {
        try (TestModel model = new TestModel("text-vgtk-tied/f32", KernelTier.SCALAR, 1)) {
            SequenceState sequence = model.sequence(1, 2, 3);
            IllegalArgumentException e = assertThrows(IllegalArgumentException.class, () -> sequence.takeBack(1));
            assertEquals(
                    "1 rows cannot be taken back, only up to 0: those that the last pass appended as revocable",
                    e.getMessage());
            append(model, sequence, 2, 4, 5, 6);
            assertThrows(IllegalArgumentException.class, () -> sequence.takeBack(3));
            sequence.takeBack(1);
            assertEquals(1, sequence.revocable());
            assertEquals(5, sequence.length());
            append(model, sequence, 0, 7);
            assertThrows(IllegalArgumentException.class, () -> sequence.takeBack(1));
            assertThrows(
                    IllegalArgumentException.class,
                    () -> new Batch().span(sequence, 0, SequenceState.MAX_REVOCABLE + 1));
        }
    }
}
