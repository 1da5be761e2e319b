package kawi.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import kawi.Chat;
import kawi.ClosedException;
import kawi.FinishReason;
import kawi.Model;
import kawi.Reply;
import kawi.ReplyListener;
import kawi.Sequence;
import kawi.Speculation;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Closing cancels: whatever uses what is closed ends after the step it is in, and closing waits for no more than that
 * step.
 */
@Timeout(60)
class ClosingTest {

    private static final String FOX = "Tell me a story about a fox who lost a kite.";

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private LoadedModel model;

    @BeforeEach
    void load() throws IOException {
        model = DemoConversations.loader().load();
    }

    @AfterEach
    void close() {
        model.close();
        threads.shutdownNow();
    }

    /** Holds a step of a sequence between two layers. */
    private static final class HeldStep implements BooleanSupplier {
        private final CountDownLatch inside = new CountDownLatch(1);
        private final CountDownLatch goOn = new CountDownLatch(1);
        private final AtomicInteger layers = new AtomicInteger();

        @Override
        public boolean getAsBoolean() {
            if (layers.incrementAndGet() == 3) {
                inside.countDown();
                await(goOn);
            }
            return false;
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            assertTrue(latch.await(50, TimeUnit.SECONDS));
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** Waits until a thread waits for another one, for longer than a lock that is held for a moment. */
    private static void awaitWaiting(AtomicReference<Thread> thread) throws InterruptedException {
        for (int seen = 0; seen < 5; ) {
            Thread known = thread.get();
            boolean waits = known != null
                    && switch (known.getState()) {
                        case WAITING, TIMED_WAITING, BLOCKED -> true;
                        default -> false;
                    };
            seen = waits ? seen + 1 : 0;
            Thread.sleep(1);
        }
    }

    private static Throwable failure(Future<?> future) {
        return Objects.requireNonNull(
                assertThrows(java.util.concurrent.ExecutionException.class, () -> future.get(50, TimeUnit.SECONDS))
                        .getCause());
    }

    @Test
    void closingWaitsForTheStepAndCancelsIt() throws Exception {
        for (boolean whole : new boolean[] {false, true}) {
            TokenSequence sequence = model.openSequence(true);
            HeldStep held = new HeldStep();
            Future<?> step = threads.submit(() -> sequence.append(new int[400], held));
            await(held.inside);
            Runnable close = whole ? model::close : sequence::close;
            AtomicReference<Thread> closer = new AtomicReference<>();
            Future<?> closing = threads.submit(() -> {
                closer.set(Thread.currentThread());
                close.run();
            });
            awaitWaiting(closer);
            assertThrows(TimeoutException.class, () -> closing.get(50, TimeUnit.MILLISECONDS));
            assertEquals(3, held.layers.get());
            held.goOn.countDown();
            closing.get(50, TimeUnit.SECONDS);
            IllegalStateException e = assertInstanceOf(ClosedException.class, failure(step));
            assertTrue(String.valueOf(e.getMessage()).contains("closed; a step was cancelled by that"), e.getMessage());
            assertEquals(3, held.layers.get(), "not asked any more once it is closed");
        }
        assertEquals(0, model.memoryUse().sequences());
    }

    @Test
    void anotherCallerCanBeCancelledWhileItWaitsForItsTurn() throws Exception {
        TokenSequence first = model.openSequence(true);
        TokenSequence second = model.openSequence(true);
        HeldStep held = new HeldStep();
        Future<?> step = threads.submit(() -> first.append(new int[300], held));
        await(held.inside);
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch cancel = new CountDownLatch(1);
        Future<?> waiting = threads.submit(() -> second.append(new int[] {1}, () -> {
            asked.countDown();
            return cancel.getCount() == 0;
        }));
        await(asked);
        assertFalse(waiting.isDone());
        cancel.countDown();
        assertInstanceOf(CancellationException.class, failure(waiting));
        assertTrue(second.broken());
        second.restore(null);
        held.goOn.countDown();
        step.get(50, TimeUnit.SECONDS);
        second.append(new int[] {1}, () -> false);
        assertEquals(1, second.length());
    }

    @Test
    void afterAnInterruptEveryMethodOfASequenceRefuses() {
        AtomicInteger layers = new AtomicInteger();
        TokenSequence inside = model.openSequence(true);
        try (Sequence sequence = new UserSequence(model, inside)) {
            sequence.append(1, 2, 3);
            assertThrows(
                    CancellationException.class,
                    () -> inside.append(new int[] {4}, () -> layers.incrementAndGet() > 2));
            float[] row = new float[model.vocabularySize()];
            List<Runnable> methods = List.of(
                    sequence::length,
                    sequence::logits,
                    () -> sequence.logits(row),
                    () -> sequence.append(5),
                    () -> sequence.append(new int[] {5}, (position, logits) -> {}),
                    () -> sequence.fork().close());
            for (Runnable method : methods) {
                IllegalStateException e = assertThrows(IllegalStateException.class, method::run);
                assertEquals(
                        "this sequence was interrupted in the middle of a step and can only be closed", e.getMessage());
            }
        }
        assertEquals(0, model.memoryUse().sequences());
    }

    /** A prompt whose reading is told of: more than 512 tokens. */
    private String longText() {
        return "The fox has a kite and the kite has a tail. ".repeat(60);
    }

    @Test
    void aModelClosesWhileAPromptIsReadAndAListenerIsBusy() throws Exception {
        CountDownLatch reading = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        Future<Reply> answer = threads.submit(() -> model.prompt(longText()).generate(new ReplyListener() {
            @Override
            public void onText(String piece) {}

            @Override
            public void onProgress(kawi.Progress.Step step) {
                reading.countDown();
                await(goOn);
            }
        }));
        await(reading);
        threads.submit(model::close).get(50, TimeUnit.SECONDS);
        goOn.countDown();
        Reply reply = answer.get(50, TimeUnit.SECONDS);
        assertEquals(FinishReason.CANCELLED, reply.finishReason());
        assertEquals("", reply.text());
        assertThrows(IllegalStateException.class, () -> model.generate(FOX));
    }

    /** Closed after some pieces of text, by the listener itself. */
    private static Reply closedAfter(int pieces, Chat chat, Runnable closing, Speculation speculation) {
        AtomicInteger left = new AtomicInteger(pieces);
        return chat.message(FOX).maxTokens(40).speculation(speculation).send(piece -> {
            if (left.decrementAndGet() == 0) {
                closing.run();
            }
        });
    }

    @Test
    void tokensThatAreKnownAlreadyDoNotFollowAClose() throws IOException {
        List<Integer> whole;
        try (Chat chat = model.chat().temperature(0).open()) {
            whole = chat.message(FOX).maxTokens(40).send().tokens();
        }
        for (boolean all : new boolean[] {false, true}) {
            List<Reply> replies = new ArrayList<>();
            for (Speculation speculation : List.of(Speculation.off(), new Speculation.Rehearsal(whole, 8, 1))) {
                try (Model own = DemoConversations.loader().load();
                        Chat chat = own.chat().temperature(0).open()) {
                    replies.add(closedAfter(3, chat, all ? own::close : chat::close, speculation));
                }
            }
            assertEquals(FinishReason.CANCELLED, replies.getLast().finishReason());
            assertEquals(replies.getFirst().tokens(), replies.getLast().tokens());
            assertEquals(replies.getFirst().text(), replies.getLast().text());
        }
    }

    @Test
    void aModelOrAChatIsClosedByItsOwnListener() throws IOException {
        try (Chat chat = model.chat().temperature(0).open()) {
            Runnable closing = chat::close;
            Reply reply = chat.send(FOX, piece -> closing.run());
            assertEquals(FinishReason.CANCELLED, reply.finishReason());
            assertFalse(reply.text().isEmpty());
            assertThrows(IllegalStateException.class, () -> chat.send(FOX));
        }
        try (Model own = DemoConversations.loader().load()) {
            Runnable closing = own::close;
            Reply reply = own.prompt(FOX).temperature(0).generate(piece -> closing.run());
            assertEquals(FinishReason.CANCELLED, reply.finishReason());
            assertFalse(reply.text().isEmpty());
        }
    }

    @Test
    void aSequenceIsClosedByItsOwnCallback() {
        Sequence sequence = model.newSequence();
        List<Integer> heard = new ArrayList<>();
        assertThrows(
                IllegalStateException.class,
                () -> sequence.append(new int[20], (position, logits) -> {
                    heard.add(position);
                    sequence.close();
                }));
        // The logits of one pass have been copied before they are handed over.
        assertEquals(16, heard.size());
        assertEquals(0, model.memoryUse().sequences());
    }

    @Test
    void aChatIsClosedWhileItAnswers() throws Exception {
        CountDownLatch answering = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        Chat chat = model.chat().temperature(0).open();
        Future<Reply> answer = threads.submit(() -> chat.send(FOX, piece -> {
            answering.countDown();
            await(goOn);
        }));
        await(answering);
        threads.submit(chat::close).get(50, TimeUnit.SECONDS);
        assertEquals(0, model.memoryUse().sequences());
        goOn.countDown();
        assertEquals(FinishReason.CANCELLED, answer.get(50, TimeUnit.SECONDS).finishReason());
        assertEquals(0, chat.snapshots().bytes());
        assertEquals(0, model.memoryUse().sequences());
    }

    @Test
    void aStreamOfAClosedChatEnds() {
        for (int pieces = 0; pieces < 3; pieces++) {
            Chat chat = model.chat().temperature(0).open();
            Iterator<String> stream = chat.stream(FOX).iterator();
            for (int i = 0; i < pieces; i++) {
                assertFalse(stream.next().isEmpty());
            }
            chat.close();
            while (stream.hasNext()) {
                stream.next(); // what an iterator has looked ahead, and what was held back
            }
            assertEquals(0, model.memoryUse().sequences());
        }
    }

    @Test
    void aStreamLeftAtItsLastPieceDoesNotKeepAChatFromClosing() {
        int pieces;
        try (Chat chat = model.chat().temperature(0).maxTokens(8).open()) {
            pieces = chat.stream(FOX).toList().size();
        }
        for (int left = 0; left <= pieces; left++) {
            Stream<String> stream;
            try (Chat chat = model.chat().temperature(0).maxTokens(8).open()) {
                stream = chat.stream(FOX);
                assertEquals(left, stream.limit(left).toList().size());
            }
            stream.close();
        }
        assertEquals(0, model.memoryUse().sequences());
    }

    @Test
    void aBusyChatCanBeForked() {
        try (Chat chat = model.chat().temperature(0).maxTokens(12).open()) {
            String first = chat.send(FOX).text();
            try (Stream<String> left = chat.stream("What is the name of the fox?")) {
                assertFalse(left.iterator().next().isEmpty());
                IllegalStateException busy = assertThrows(IllegalStateException.class, () -> chat.send("Hello."));
                assertTrue(String.valueOf(busy.getMessage()).contains("fork it"), busy.getMessage());
                try (Chat fork = chat.fork()) {
                    assertEquals(2, fork.messages().size());
                    assertEquals(first, fork.messages().getLast().text());
                    assertTrue(fork.send("What did the fox lose?").stats().reusedTokens() > 0);
                }
            }
        }
    }

    /** One rule for what an answer leaves behind, however it is cancelled. */
    @Test
    void aCancelledAnswerStaysAsFarAsItCame() {
        try (Chat interrupted = model.chat().temperature(0).open();
                Chat handled = model.chat().temperature(0).open();
                Chat left = model.chat().temperature(0).open();
                Chat unread = model.chat().temperature(0).open()) {
            interrupted.send(FOX, piece -> Thread.currentThread().interrupt());
            assertTrue(Thread.interrupted());
            kawi.Cancellation handle = new kawi.Cancellation();
            handled.message(FOX).cancelWith(handle).send(piece -> handle.cancel());
            try (Stream<String> stream = left.stream(FOX)) {
                assertEquals("Once", stream.findFirst().orElseThrow());
            }
            for (Chat chat : Arrays.asList(interrupted, handled, left)) {
                assertEquals(2, chat.messages().size());
                assertEquals("Once", chat.messages().getLast().text());
                assertTrue(chat.undo());
                assertEquals(List.of(), chat.messages());
            }
            // A stream that nobody has read from has not sent its message.
            unread.stream(FOX).close();
            assertEquals(List.of(), unread.messages());
        }
    }

    @Test
    void savingAndLoadingEndWhenInterrupted(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("fox.chat");
        try (Chat chat = model.chat().temperature(0).maxTokens(4).open()) {
            chat.send(FOX);
            Thread.currentThread().interrupt();
            assertThrows(CancellationException.class, () -> chat.save(file));
            assertTrue(Thread.interrupted());
            assertFalse(Files.exists(file));
            chat.save(file);
        }
        long before = model.memoryUse().bytes();
        Thread.currentThread().interrupt();
        assertThrows(CancellationException.class, () -> model.chat().load(file));
        assertTrue(Thread.interrupted());
        assertEquals(before, model.memoryUse().bytes());
        try (Chat chat = model.chat().load(file)) {
            assertEquals(2, chat.messages().size());
        }
    }

    @Test
    void whoWaitsForWhatIsReadAheadCanBeCancelled() throws Exception {
        CachedSequence sequence = new CachedSequence(model, model.newSnapshots(1L << 30));
        ReadAhead readAhead = new ReadAhead(sequence);
        TokenSequence other = model.openSequence(true);
        HeldStep held = new HeldStep();
        Future<?> step = threads.submit(() -> other.append(new int[300], held));
        await(held.inside);
        readAhead.start(PromptTokens.of(new int[] {1, 2, 3})); // waits for its turn
        readAhead.await(() -> true);
        assertEquals(0, sequence.length());
        held.goOn.countDown();
        step.get(50, TimeUnit.SECONDS);
        sequence.close();
    }
}
