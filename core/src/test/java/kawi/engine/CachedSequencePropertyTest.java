package kawi.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import kawi.Speculation;
import kawi.kernels.KvPages;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.lifecycle.AfterContainer;

/** A sequence with guesses, right and wrong ones, is equal to one to which only its tokens were appended. */
class CachedSequencePropertyTest {

    private static final int MAX_LENGTH = 330;

    /** With different formats of keys and values. */
    private static final List<LoadedModel> MODELS = List.of(load("auto"), load("q8:q4"));

    private static LoadedModel load(String keysAndValues) {
        try {
            return DemoConversations.loader()
                    .threads(1)
                    .keysAndValues(keysAndValues)
                    .load();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @AfterContainer
    static void close() {
        for (LoadedModel model : MODELS) {
            assertEquals(0, model.memoryUse().sequences());
            model.close();
        }
    }

    /** Guesses the tokens that will be appended, or others. */
    private static final class Planned implements Guesser {
        private final int[] plan;
        private final Random random;
        private final int[] ids = new int[Speculation.MAX_GUESSES];
        private final float[] confidence = new float[Speculation.MAX_GUESSES];
        private int drafts;

        Planned(int[] plan, Random random) {
            this.plan = plan;
            this.random = random;
        }

        @Override
        public int guess(int[] tokens, int at, int most, int otherRows) {
            int count = random.nextInt(Math.min(most, Speculation.MAX_GUESSES) + 1);
            drafts = random.nextInt(Math.min(most, Speculation.MAX_GUESSES) + 1);
            boolean right = random.nextBoolean();
            for (int i = 0; i < count; i++) {
                tokens[at + i] = right || random.nextBoolean() ? plan[at + i] : plan[at + i] + 1;
            }
            return count;
        }

        @Override
        public int drafts() {
            return drafts;
        }

        @Override
        public int[] draftIds() {
            return ids;
        }

        @Override
        public float[] draftConfidence() {
            return confidence;
        }

        @Override
        public int drafted(int count) {
            return random.nextInt(count + 1);
        }

        @Override
        public void verified(int guessed, int accepted, boolean complete) {}
    }

    /** The logits after each token of a text, without guesses. */
    private static float[][] logits(LoadedModel model, int[] text) {
        float[][] rows = new float[text.length][];
        try (TokenSequence sequence = model.openSequence(false)) {
            sequence.append(text, () -> false, (position, row) -> rows[position] = row.clone());
        }
        return rows;
    }

    /** A sequence and how much of the text it has. */
    private static final class Walk implements AutoCloseable {
        private final Random random;
        private final int[] text;
        private final float[][] expected;
        private final float[] row;
        private final SnapshotStore store;
        private final CachedSequence sequence;
        private final Planned guesser;
        private int length;
        private int reads;

        /** Whether the sequence continues from its tokens when it reads more of the text. */
        private boolean continues = true;

        Walk(long seed) {
            random = new Random(seed);
            LoadedModel model = MODELS.get(random.nextInt(MODELS.size()));
            row = new float[model.vocabularySize()];
            store = model.newSnapshots(Long.MAX_VALUE);
            sequence = new CachedSequence(model, store);
            text = random.ints(MAX_LENGTH, 0, model.vocabularySize() - 1).toArray();
            expected = logits(model, text);
            guesser = new Planned(text, random);
            sequence.guessing(random.nextInt(4) > 0);
            // Half of the walks go over the end of the first page of keys and values.
            length = random.nextBoolean() ? 0 : KvPages.POSITIONS - 1 - random.nextInt(60);
            if (length > 0) {
                sequence.read(PromptTokens.of(Arrays.copyOf(text, length)), () -> false, step -> {}, row);
            }
        }

        boolean more() {
            return length < MAX_LENGTH - 40 && reads++ < 20;
        }

        /** Reads a prompt that begins with the tokens so far. */
        void read() {
            int before = length;
            length += 1 + random.nextInt(12);
            int[] prompt = Arrays.copyOf(text, length);
            PromptTokens tokens = random.nextBoolean()
                    ? PromptTokens.of(prompt)
                    : PromptTokens.of(prompt).keptBeforeLast();
            CachedSequence.Reading reading = sequence.read(tokens, () -> false, step -> {}, row);
            assertArrayEquals(expected[length - 1], row);
            if (continues) {
                assertEquals(before, reading.reused());
            }
            continues = true;
        }

        /** Appends tokens of the answer; guesses may be pending afterwards. */
        void answer() {
            for (int end = length + random.nextInt(16); length < end; length++) {
                sequence.append(text[length], () -> false, row, guesser, MAX_LENGTH - 1 - length);
                assertArrayEquals(expected[length], row);
                assertEquals(length + 1, sequence.length());
            }
        }

        void event() {
            switch (random.nextInt(6)) {
                case 0 -> sequence.finish(new int[0]);
                case 1 -> {
                    length++;
                    sequence.readAhead(PromptTokens.of(Arrays.copyOf(text, length)), () -> false);
                    continues = false; // nothing has been read if that state was cached already
                }
                case 2 -> {
                    // Guesses that are pending take no pass, so there must be more tokens left than guesses.
                    if (length < MAX_LENGTH - 40) {
                        cancel();
                    }
                }
                case 3 -> {
                    length -= random.nextInt(length);
                    continues = false;
                }
                default -> {}
            }
        }

        /** Cancels passes, before they begin or between layers, until one has been cancelled. */
        private void cancel() {
            int queries = random.nextInt(5);
            AtomicInteger left = new AtomicInteger(queries);
            BooleanSupplier cancelled = () -> left.getAndDecrement() <= 0;
            assertThrows(CancellationException.class, () -> {
                while (length < MAX_LENGTH - 1) {
                    sequence.append(text[length], cancelled, row, guesser, MAX_LENGTH - 1 - length);
                    length++;
                }
            });
            assertEquals(length, sequence.length());
            continues = false;
        }

        @Override
        public void close() {
            sequence.close();
            store.close();
        }
    }

    @Property(tries = 60, edgeCases = EdgeCasesMode.NONE)
    void guessesLeaveNoTrace(@ForAll long seed) {
        try (Walk walk = new Walk(seed)) {
            while (walk.more()) {
                walk.read();
                walk.answer();
                walk.event();
            }
        }
    }
}
