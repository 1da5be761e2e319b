package kawi.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import kawi.Cancellation;
import kawi.Chat;
import kawi.ChatBuilder;
import kawi.FinishReason;
import kawi.Message;
import kawi.Model;
import kawi.ModelLoader;
import kawi.Progress;
import kawi.Reply;
import kawi.ReplyListener;
import kawi.Sequence;
import kawi.random.NarrowModel;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Prompts of thousands of tokens: in pieces, interrupted, saved, and with less memory for states than they take. */
class LongPromptTest {

    private static final int LENGTH = 4096;

    @TempDir
    private static Path folder;

    private static Path file;

    @BeforeAll
    static void write() throws IOException {
        file = NarrowModel.writeTo(folder.resolve("narrow.gguf"));
    }

    private static ModelLoader loader() {
        return Model.loader(file).threads(2);
    }

    private static ChatBuilder chat(Model model) {
        return model.chat().temperature(0).maxTokens(4).ignoreEnd().logprobs(2);
    }

    /** Words with a needle among them. */
    private static String text(int length) {
        Random random = new Random(5);
        StringBuilder text = new StringBuilder();
        while (text.length() < length) {
            text.append(text.length() / 100 == length / 300 ? "the needle is 4711 " : "river stone moon ", 0, 12)
                    .append(random.nextInt(10));
        }
        return text.substring(0, length);
    }

    private static int[] ids(Model model) {
        return Arrays.copyOf(model.prompt(List.of(Message.user(text(LENGTH)))).tokens(), LENGTH);
    }

    private static float[] logits(Model model, int[] ids, int piece) {
        try (Sequence sequence = model.newSequence()) {
            for (int at = 0; at < ids.length; at += piece) {
                sequence.append(Arrays.copyOfRange(ids, at, Math.min(ids.length, at + piece)));
            }
            return sequence.logits();
        }
    }

    @Test
    void piecesDoNotChangeABit() {
        try (Model model = loader().load()) {
            int[] ids = ids(model);
            assertArrayEquals(logits(model, ids, LENGTH), logits(model, ids, 100));
            long perToken = model.memoryPlan().keysAndValues() / NarrowModel.CONTEXT;
            assertEquals(128, perToken);
        }
    }

    /** The published models are extended so far. */
    @Test
    void aMillionPositionsHaveLinearMemory() {
        try (Model model =
                        loader().ropeScaling("yarn:4").contextLength(1_010_000).load();
                Sequence sequence = model.newSequence()) {
            assertEquals(1_010_000, model.contextLength());
            int pages = Math.ceilDiv(1_010_000, 256);
            assertEquals(256L * 128 * pages, model.memoryPlan().keysAndValues());
            sequence.append(1, 2, 3);
            assertTrue(Float.isFinite(sequence.logits()[0]));
        }
    }

    /** Cancels an answer once so many tokens of its prompt have been processed. */
    private static Reply cancelled(Chat chat, String text, int tokens) {
        Cancellation cancellation = new Cancellation();
        return chat.message(text).cancelWith(cancellation).send(new ReplyListener() {
            @Override
            public void onText(String piece) {}

            @Override
            public void onProgress(Progress.Step step) {
                if (step.done() > tokens) {
                    cancellation.cancel();
                }
            }
        });
    }

    private static void assertSame(Reply expected, Reply actual) {
        assertEquals(expected.tokens(), actual.tokens());
        assertEquals(expected.logprobs(), actual.logprobs());
    }

    @Test
    void aCancelledPromptIsResumedHereAndElsewhere() {
        String text = text(3600);
        Path saved = folder.resolve("cancelled.chat");
        Reply whole;
        try (Model model = loader().load();
                Chat chat = chat(model).open();
                Chat other = chat(model).open()) {
            whole = other.send(text);
            Reply none = cancelled(chat, text, CachedSequence.CHECKPOINT + 300);
            assertEquals(FinishReason.CANCELLED, none.finishReason());
            assertEquals(List.of(), none.tokens());
            assertEquals(1, chat.snapshots().entries());
            chat.save(saved);
            Reply resumed = chat.again().send();
            assertEquals(CachedSequence.CHECKPOINT, resumed.stats().reusedTokens());
            assertSame(whole, resumed);
            other.fork().close(); // waits for what is read ahead
            chat.fork().close();
            assertEquals(other.snapshots().entries(), chat.snapshots().entries(), "the checkpoint is gone");
        }
        try (Model model = loader().load();
                Chat chat = chat(model).load(saved)) {
            Reply resumed = chat.again().send();
            assertEquals(CachedSequence.CHECKPOINT, resumed.stats().reusedTokens());
            assertSame(whole, resumed);
        }
    }

    /** What a state shares with the conversation takes no memory, so its keys and values may exceed the limit. */
    @Test
    void statesMayHaveMoreKeysAndValuesThanTheirLimit() {
        long limit = 300 << 10;
        String text = text(3600);
        Path saved = folder.resolve("limited.chat");
        Reply second;
        try (Model model = loader().snapshotBytes(limit).prefixCache(limit).load()) {
            assertTrue(3600 * 128 > limit);
            try (Chat chat = chat(model).snapshotBytes(limit).open()) {
                assertEquals(0, chat.send(text).stats().reusedTokens());
                assertTrue(chat.again().send().stats().reusedTokens() > 3500);
                assertTrue(chat.snapshots().bytes() <= limit);
                chat.save(saved);
                second = chat.send("Where is it?");
                assertTrue(second.stats().reusedTokens() > 3500);
            }
            try (Chat chat = chat(model).snapshotBytes(limit).load(saved)) {
                Reply restored = chat.send("Where is it?");
                assertTrue(restored.stats().reusedTokens() > 3500);
                assertSame(second, restored);
            }
            model.prompt(List.of(Message.user(text), Message.assistant("?"), Message.user("?")))
                    .maxTokens(1)
                    .generate();
            assertTrue(model.prefixCache().bytes() <= limit, "nothing is shared any more");
        }
    }
}
