package kawi.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import kawi.Chat;
import kawi.ClosedException;
import kawi.Model;
import kawi.Sequence;
import kawi.architecture.SequenceState;
import org.junit.jupiter.api.Test;

/** What kept states take, and that it stays within what was allowed. */
class SnapshotLimitTest {

    private static final String FOX = "Tell me a story about a fox who lost a kite.";

    private static long bytes(List<Chat> chats) {
        return chats.stream().mapToLong(chat -> chat.snapshots().bytes()).sum();
    }

    private static List<Chat> chats(Model model, int count) {
        List<Chat> chats = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            chats.add(model.chat().temperature(0).maxTokens(6).open());
        }
        return chats;
    }

    @Test
    void allConversationsOfAModelHaveOneLimit() throws IOException {
        long one;
        List<String> answers = new ArrayList<>();
        try (Model model = DemoConversations.loader().load();
                Chat chat = model.chat().temperature(0).maxTokens(6).open()) {
            for (int turn = 0; turn < 3; turn++) {
                answers.add(chat.send(FOX).text());
            }
            chat.fork().close(); // waits for what is read ahead
            one = chat.snapshots().bytes() / chat.snapshots().entries();
        }
        long limit = 3 * one + one / 2;
        try (Model model = DemoConversations.loader().snapshotBytes(limit).load()) {
            List<Chat> chats = chats(model, 5);
            for (int turn = 0; turn < 3; turn++) {
                for (Chat chat : chats) {
                    assertEquals(answers.get(turn), chat.send(FOX).text());
                    chat.fork().close();
                    assertTrue(bytes(chats) <= limit, bytes(chats) + " of " + limit);
                }
            }
            assertTrue(bytes(chats) > limit / 2);
            // What was used last is there, what was not used for longest is not.
            assertTrue(chats.getLast().snapshots().entries() > 0);
            assertEquals(0, chats.getFirst().snapshots().entries());
            assertTrue(chats.getLast().send("And then?").stats().reusedTokens() > 0);
            chats.forEach(Chat::close);
            assertEquals(0, bytes(chats));
        }
        assertThrows(
                IllegalArgumentException.class, () -> DemoConversations.loader().snapshotBytes(-1));
    }

    @Test
    void countingOneByOneGivesWhatARecountGives() throws IOException {
        try (LoadedModel model = DemoConversations.loader().load()) {
            List<SequenceState> states = new ArrayList<>();
            TokenSequence sequence = model.openSequence(true);
            for (int i = 0; i < 6; i++) {
                sequence.append(new int[130], () -> false);
                states.add(sequence.snapshot());
                states.add(sequence.snapshot());
            }
            SharedBytes shared = new SharedBytes();
            List<SequenceState> counted = new ArrayList<>();
            Random random = new Random(5);
            for (int step = 0; step < 300; step++) {
                SequenceState state = states.get(random.nextInt(states.size()));
                if (counted.remove(state)) {
                    shared.remove(SharedBytes.Share.of(state));
                } else {
                    counted.add(state);
                    shared.add(SharedBytes.Share.of(state));
                }
                IdentityHashMap<Object, Long> parts = new IdentityHashMap<>();
                counted.forEach(each -> each.forEachPart(parts::put));
                assertEquals(parts.values().stream().mapToLong(bytes -> bytes).sum(), shared.total());
            }
            states.forEach(SequenceState::close);
        }
    }

    /** A state can be given up while it is being read; it is freed by the last who reads it. */
    @Test
    void aStateInUseOutlivesItsPlaceInTheStore() throws Exception {
        try (LoadedModel model = DemoConversations.loader().load()) {
            SnapshotStore store = model.newSnapshots(1L << 30);
            TokenSequence sequence = model.openSequence(true);
            int[] text = {1, 2, 3, 4};
            sequence.append(text, () -> false);
            store.keep(TokenText.of(text), text.length, sequence);
            assertEquals(1, store.stats().entries());
            CountDownLatch closed = new CountDownLatch(1);
            boolean found = store.useLongest(TokenText.of(text), (tokens, state) -> {
                Thread.ofVirtual().start(() -> {
                    store.close();
                    closed.countDown();
                });
                try {
                    assertTrue(closed.await(50, TimeUnit.SECONDS));
                } catch (InterruptedException e) {
                    throw new AssertionError(e);
                }
                assertEquals(0, store.stats().bytes());
                TokenSequence copy = model.openSequence(true);
                copy.restore(state);
                assertEquals(text.length, copy.length());
            });
            assertTrue(found);
            store.keep(TokenText.of(text), text.length, sequence);
            assertEquals(0, store.stats().entries(), "a closed store keeps nothing");
            assertThrows(ClosedException.class, store::share);
        }
    }

    @Test
    void aCopyThatFailsHalfWayIsBroken() throws IOException {
        try (LoadedModel model = DemoConversations.loader().load();
                SequenceState copy = model.newState()) {
            TokenSequence sequence = model.openSequence(true);
            sequence.append(new int[300], () -> false);
            try (SequenceState whole = sequence.snapshot()) {
                SequenceState freed = sequence.snapshot();
                freed.close();
                copy.assign(whole);
                assertThrows(IllegalStateException.class, () -> copy.assign(freed));
                assertTrue(copy.broken());
                assertThrows(IllegalStateException.class, () -> copy.forEach(part -> {}));
                assertThrows(IllegalStateException.class, () -> sequence.restore(copy));
                copy.assign(whole);
                assertEquals(300, copy.length());
                copy.forEach(part -> {});
            }
        }
    }

    /** What idle chats take is what the plan says, and closing them gives it back. */
    @Test
    void planAndUseAgree() throws IOException {
        try (Model model = DemoConversations.loader().contextLength(256).load()) {
            assertEquals(0, model.memoryUse().bytes());
            List<Chat> chats = chats(model, 50);
            assertEquals(0, model.memoryUse().bytes(), "a chat that has not been used takes nothing");
            for (Chat chat : chats) {
                chat.send(FOX);
                chat.fork().close();
            }
            assertEquals(50, model.memoryUse().sequences());
            assertEquals(
                    chats.stream().mapToInt(chat -> chat.snapshots().entries()).sum(),
                    model.memoryUse().snapshots());
            long planned = (model.memoryPlan().total() - model.memoryPlan().weights())
                    * (model.memoryUse().sequences() + model.memoryUse().snapshots());
            assertEquals((double) planned, (double) model.memoryUse().bytes(), planned / 20.0);
            chats.forEach(Chat::close);
            assertEquals(0, model.memoryUse().bytes());
        }
    }

    @Test
    void whatForksShareCountsOnce() throws IOException {
        try (Model model = DemoConversations.loader().load();
                Sequence sequence = model.newSequence()) {
            sequence.append(new int[600]);
            long one = model.memoryUse().bytes();
            long page = model.memoryPlan().keysAndValues() / 4 / 2; // the prediction layer, which has half, has none
            try (Sequence fork = sequence.fork()) {
                // Two full pages of 256 tokens are shared.
                assertEquals(2 * one - 2 * page, model.memoryUse().bytes());
                fork.append(new int[200]);
                assertEquals(2 * one - page, model.memoryUse().bytes());
                assertEquals(2, model.memoryUse().sequences());
            }
            assertEquals(one, model.memoryUse().bytes());
        }
    }
}
