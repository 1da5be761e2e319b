package kawi.architecture;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import kawi.compute.KernelTier;
import kawi.kernels.DeltaShape;
import kawi.kernels.DeltaState;
import kawi.kernels.PagePool;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Defects of speculation that other engines had, each with a number of its report: a sequence from which rows were
 * taken back equals, to the last bit, one that never had them, in its logits, its guesses, and all of its state.
 */
class RollbackTest {

    /** A fixture with a prediction layer, and one without; every tier. */
    record Case(String fixture, KernelTier tier, int threads) {

        TestModel open() {
            return new TestModel(fixture, tier, threads);
        }
    }

    static Stream<Case> cases() {
        return Stream.of("text-vgtk-tied/f32", "text-veqk-untied/gguf/model-q8_0.gguf")
                .flatMap(fixture -> Stream.of(
                        new Case(fixture, KernelTier.SCALAR, 1),
                        new Case(fixture, KernelTier.VECTOR, 1),
                        new Case(fixture, KernelTier.ASSEMBLED, 1),
                        new Case(fixture, KernelTier.ASSEMBLED, 3)));
    }

    /** Ids of a sequence, beside the sequence. */
    private static final class Text {
        private final TestModel model;
        private final SequenceState sequence;
        private final List<Integer> ids = new ArrayList<>();

        Text(TestModel model, int... prompt) {
            this.model = model;
            this.sequence = model.sequence();
            sequence.guessing(true);
            append(prompt.length, 0, prompt);
        }

        private void append(int outputs, int revocable, int... more) {
            Batch batch = new Batch().add(sequence, more, 0, more.length, outputs, revocable);
            model.decoder().forward(batch, () -> false);
            appended(more);
        }

        void appended(int... more) {
            Arrays.stream(more).forEach(ids::add);
        }

        void takeBack(int rows) {
            sequence.takeBack(rows);
            ids.subList(ids.size() - rows, ids.size()).clear();
        }

        /** A sequence that never had any other rows, read in one pass. */
        Text anew() {
            return new Text(model, ids.stream().mapToInt(Integer::intValue).toArray());
        }

        /** Compares logits and guesses, now and after more rows, and all memory. */
        void assertEqualsOneAnew(String what) {
            Text never = anew();
            assertEquals(never.sequence.nextPosition(), sequence.nextPosition(), what);
            assertEquals(never.guess(), guess(), what);
            for (int[] more : new int[][] {{5}, {6, 7, 8}, {9}}) {
                append(more.length, 0, more);
                never.append(more.length, 0, more);
                assertArrayEquals(
                        Runs.outputs(model.decoder(), never.sequence), Runs.outputs(model.decoder(), sequence), what);
                assertEquals(never.guess(), guess(), what);
            }
            assertArrayEquals(memory(never.sequence), memory(sequence), what);
            never.sequence.close();
        }

        List<DraftHeadTest.Drafted> guess() {
            return model.decoder().draftHead() == null
                    ? List.of()
                    : List.of(DraftHeadTest.guess(model, sequence, 11, 3));
        }
    }

    static byte[] memory(SequenceState sequence) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        sequence.forEach(part -> bytes.writeBytes(part.toArray(ValueLayout.JAVA_BYTE)));
        return bytes.toByteArray();
    }

    private static int[] prompt(int length) {
        return new SplittableRandom(length).ints(length, 0, 250).toArray();
    }

    /** llama.cpp#26695: taking back a whole batch left the state changed. */
    @ParameterizedTest
    @MethodSource("cases")
    void aWholeBatch(Case of) {
        try (TestModel model = of.open()) {
            Text text = new Text(model, prompt(20));
            text.append(1, 4, 1, 2, 3, 4);
            text.takeBack(4);
            text.append(3, 3, 1, 2, 3);
            text.guess();
            text.takeBack(3);
            text.assertEqualsOneAnew("whole batches");
        }
    }

    /** llama.cpp#22746, beellama.cpp#165: a partial rollback, and another one before the next pass and after it. */
    @ParameterizedTest
    @MethodSource("cases")
    void oneAfterAnother(Case of) {
        try (TestModel model = of.open()) {
            Text text = new Text(model, prompt(10));
            text.append(6, 5, 1, 2, 3, 4, 5, 6);
            text.takeBack(2);
            text.guess();
            text.takeBack(1);
            text.takeBack(0);
            text.takeBack(1);
            assertEquals(1, text.sequence.revocable());
            text.append(3, 2, 7, 8, 9);
            text.takeBack(1);
            text.append(3, 2, 8, 8, 8);
            text.takeBack(2);
            text.assertEqualsOneAnew("rollback after rollback");
        }
    }

    /** llama.cpp#28123, llama-cpp-turboquant#352: copies have the history and replay pending rows once. */
    @ParameterizedTest
    @MethodSource("cases")
    void copiesWithPendingRows(Case of) {
        try (TestModel model = of.open()) {
            Text text = new Text(model, prompt(33));
            text.append(5, 4, 1, 2, 3, 4, 5);
            text.takeBack(2);
            Text copy = new Text(model, 1);
            copy.sequence.assign(text.sequence);
            copy.ids.clear();
            copy.ids.addAll(text.ids);
            Text read = new Text(model, 2);
            read.ids.clear();
            read.ids.addAll(text.ids);
            fill(read.sequence, text);
            copy.takeBack(1);
            text.append(1, 0, 9);
            text.append(1, 0, 9);
            read.takeBack(2);
            copy.assertEqualsOneAnew("copy");
            text.assertEqualsOneAnew("original");
            read.assertEqualsOneAnew("saved");
        }
    }

    private static void fill(SequenceState read, Text text) {
        MemorySegment saved = MemorySegment.ofArray(memory(text.sequence));
        long[] at = {0};
        long[] keys = text.ids.stream().mapToLong(Integer::longValue).toArray();
        read.fill(keys, text.sequence.nextPosition(), text.sequence.revocable(), true, part -> {
            part.copyFrom(saved.asSlice(at[0], part.byteSize()));
            at[0] += part.byteSize();
        });
        assertEquals(saved.byteSize(), at[0]);
    }

    /** ik_llama.cpp#2260: several sequences in one batch, each with its own rollback. */
    @ParameterizedTest
    @MethodSource("cases")
    void severalSequencesInABatch(Case of) {
        SplittableRandom random = new SplittableRandom(4);
        try (TestModel model = of.open()) {
            List<Text> texts = List.of(new Text(model, prompt(3)), new Text(model, prompt(40)), new Text(model, 1));
            Batch batch = new Batch();
            for (int step = 0; step < 8; step++) {
                batch.clear();
                int[][] ids = new int[texts.size()][];
                for (int i = 0; i < ids.length; i++) {
                    ids[i] = random.ints(random.nextInt(1, 6), 0, 250).toArray();
                    batch.add(texts.get(i).sequence, ids[i], 0, ids[i].length, 1, ids[i].length - 1);
                }
                model.decoder().forward(batch, () -> false);
                for (int i = 0; i < ids.length; i++) {
                    texts.get(i).appended(ids[i]);
                    texts.get(i).takeBack(random.nextInt(ids[i].length));
                }
                if (step % 3 == 1 && model.decoder().draftHead() != null) {
                    DraftHeadTest.guess(
                            model, texts.stream().map(text -> text.sequence).toList(), 3, 2);
                }
            }
            for (int i = 0; i < texts.size(); i++) {
                texts.get(i).assertEqualsOneAnew("sequence " + i);
            }
        }
    }

    /** ik_llama.cpp#2222: rows of the prediction layer depend on no later row. */
    @Test
    void guessesDoNotKnowTheFuture() {
        try (TestModel model = new TestModel("text-vgtk-tied/f32", KernelTier.VECTOR, 1)) {
            int[] ids = prompt(60);
            Text whole = new Text(model, ids);
            DraftHeadTest.guess(model, whole.sequence, 3, 1);
            byte[] all = memory(whole.sequence);
            Text revoked = new Text(model, Arrays.copyOf(ids, 50));
            revoked.append(10, 10, prompt(10));
            revoked.guess();
            revoked.takeBack(10);
            revoked.append(10, 0, Arrays.copyOfRange(ids, 50, 60));
            DraftHeadTest.guess(model, revoked.sequence, 3, 1);
            assertArrayEquals(all, memory(revoked.sequence));
            for (int length : new int[] {1, 2, 33, 34, 59}) {
                Text prefix = new Text(model, Arrays.copyOf(ids, length));
                Text longer = new Text(model, Arrays.copyOf(ids, length));
                longer.append(1, 1, ids[length]);
                longer.guess();
                longer.takeBack(1);
                assertEquals(prefix.guess(), longer.guess(), "after " + length);
            }
        }
    }

    /** Bonsai-demo#196: what can be taken back takes a fraction of a state, not a state for each row. */
    @Test
    void revocableRowsAreSmall() {
        DeltaShape shape = new DeltaShape(16, 16, 128, 128, 4, true, false); // 0.8B
        try (PagePool pool = new PagePool();
                Arena arena = Arena.ofConfined()) {
            DeltaState state = DeltaState.allocate(shape, arena, pool);
            state.reserve(8);
            assertTrue(state.bytes() < 1.7 * DeltaState.bytes(shape), () -> state.bytes() + " bytes");
            state.release();
        }
    }

    /** Any order of passes, rollbacks, guesses and copies, of sequences that are in the same passes or not. */
    @ParameterizedTest
    @MethodSource("cases")
    void anyOrder(Case of) {
        SplittableRandom random = new SplittableRandom(Objects.hash(of.tier, of.threads, 7));
        try (TestModel model = of.open()) {
            List<Text> texts = new ArrayList<>(List.of(new Text(model, 1), new Text(model, prompt(35))));
            for (int step = 0; step < 40; step++) {
                Text text = texts.get(random.nextInt(texts.size()));
                switch (random.nextInt(6)) {
                    case 0, 1, 2 -> {
                        int[] ids = random.ints(random.nextInt(1, random.nextInt(4) == 0 ? 50 : 9), 0, 250)
                                .toArray();
                        int revocable = random.nextInt(Math.min(ids.length, SequenceState.MAX_REVOCABLE) + 1);
                        text.append(1, revocable, ids);
                    }
                    case 3 -> text.takeBack(random.nextInt(text.sequence.revocable() + 1));
                    case 4 -> text.guess();
                    default -> {
                        Text other = texts.get(random.nextInt(texts.size()));
                        if (!other.equals(text)) {
                            other.sequence.assign(text.sequence);
                            other.ids.clear();
                            other.ids.addAll(text.ids);
                        }
                    }
                }
            }
            for (Text text : texts) {
                text.assertEqualsOneAnew(text.ids.toString());
            }
        }
    }
}
