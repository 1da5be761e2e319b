package kawi.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import kawi.BusyException;
import kawi.Cancellation;
import kawi.Chat;
import kawi.ClosedException;
import kawi.Concurrency;
import kawi.ContextLengthException;
import kawi.FinishReason;
import kawi.Model;
import kawi.Prompt;
import kawi.Reply;
import kawi.Sequence;
import kawi.Tool;
import kawi.ToolChoice;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The limits of what a model does at once: who waits, who is refused, and that none waits for good. */
@SuppressWarnings("try") // an answer is held by being open
@Timeout(60)
class AdmissionTest {

    private static final String FOX = "Tell me a story about a fox who lost a kite.";

    private final ExecutorService threads = Executors.newCachedThreadPool();

    @AfterEach
    void stop() {
        threads.shutdownNow();
    }

    private static LoadedModel load(Concurrency limits) throws IOException {
        return DemoConversations.loader().threads(1).concurrency(limits).load();
    }

    private static Concurrency limits(int sequences, int waiting) {
        return Concurrency.defaults().sequences(sequences).waiting(waiting);
    }

    private static void await(CountDownLatch latch) {
        try {
            assertTrue(latch.await(50, TimeUnit.SECONDS));
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static void awaitWaiting(Model model, int count) throws InterruptedException {
        while (model.activity().waiting() != count) {
            Thread.sleep(1);
        }
    }

    private static Prompt prompt(Model model) {
        return model.prompt(FOX).temperature(0).maxTokens(8);
    }

    /** An answer in progress that does not end before it is released. */
    private final class Held implements AutoCloseable {
        private final CountDownLatch goOn = new CountDownLatch(1);
        private final Future<Reply> reply;

        Held(Prompt prompt) {
            CountDownLatch begun = new CountDownLatch(1);
            reply = threads.submit(() -> prompt.generate(piece -> {
                begun.countDown();
                AdmissionTest.await(goOn);
            }));
            AdmissionTest.await(begun);
        }

        @Override
        public void close() {
            goOn.countDown();
            try {
                assertEquals(8, reply.get(50, TimeUnit.SECONDS).tokens().size());
            } catch (InterruptedException | ExecutionException | TimeoutException e) {
                throw new AssertionError(e);
            }
        }
    }

    private static String message(Exception e) {
        return Objects.requireNonNull(e.getMessage());
    }

    @Test
    void callersWaitInTheOrderOfArrivalOrAreRefused() throws Exception {
        try (Model model = load(limits(2, 3))) {
            List<Integer> order = Collections.synchronizedList(new ArrayList<>());
            List<Future<Reply>> waiting = new ArrayList<>();
            try (Held one = new Held(prompt(model))) {
                try (Held two = new Held(prompt(model))) {
                    assertEquals(2, model.activity().running());
                    for (int i = 0; i < 3; i++) {
                        int number = i;
                        waiting.add(threads.submit(() -> prompt(model)
                                .logitsProcessor((tokens, logits) -> {
                                    if (tokens.length() == tokens.promptLength()) {
                                        order.add(number);
                                    }
                                })
                                .generate()));
                        awaitWaiting(model, i + 1);
                    }
                    BusyException e = assertThrows(
                            BusyException.class, () -> prompt(model).generate());
                    assertEquals(
                            "the answer was not begun: 2 answers are in progress and 3 callers wait already; "
                                    + "try again later, or raise a limit of ModelLoader.concurrency",
                            message(e));
                    assertTrue(e.retryAfter().compareTo(Duration.ofSeconds(1)) >= 0);
                    assertEquals(1, model.activity().refused());
                    assertEquals(List.of(), order);
                }
                for (Future<Reply> each : waiting) {
                    assertEquals(8, each.get(50, TimeUnit.SECONDS).tokens().size());
                }
                assertEquals(List.of(0, 1, 2), order);
            }
            assertEquals(0, model.activity().running());
            assertEquals(0, model.activity().keyValueBytes());
        }
    }

    @Test
    void aCallerWaitsNoLongerThanItSays() throws Exception {
        try (Model model = load(limits(1, 10));
                Held one = new Held(prompt(model));
                Chat chat = model.chat().maxWait(Duration.ZERO).open()) {
            assertTrue(message(assertThrows(BusyException.class, () -> chat.send(FOX)))
                    .contains("answers in progress number 1, of at most 1"));
            assertEquals(List.of(), chat.messages());
            BusyException e = assertThrows(
                    BusyException.class,
                    () -> prompt(model).maxWait(Duration.ofMillis(30)).generate());
            assertTrue(message(e).contains("it has waited for "), message(e));
            assertEquals(0, model.activity().waiting());
            Cancellation handle = new Cancellation();
            Future<Reply> cancelled =
                    threads.submit(() -> prompt(model).cancelWith(handle).generate());
            awaitWaiting(model, 1);
            handle.cancel();
            assertEquals(
                    FinishReason.CANCELLED, cancelled.get(50, TimeUnit.SECONDS).finishReason());
            assertThrows(IllegalArgumentException.class, () -> prompt(model).maxWait(Duration.ofMillis(-1)));
        }
    }

    @Test
    void anAnswerWithinAnotherDoesNotWait() throws Exception {
        try (Model model = load(limits(1, 10))) {
            String alone = prompt(model).generate().text();
            List<String> nested = new ArrayList<>();
            prompt(model).generate(piece -> nested.add(prompt(model).generate().text()));
            assertFalse(nested.isEmpty());
            nested.forEach(text -> assertEquals(alone, text));
            try (Stream<String> outer = prompt(model).stream()) {
                Iterator<String> pieces = outer.iterator();
                assertFalse(pieces.next().isEmpty());
                assertEquals(alone, prompt(model).generate().text());
            }
            assertEquals(0, model.activity().running());
        }
    }

    @Test
    void aStreamThatNobodyConsumesKeepsNoOneWaiting() throws Exception {
        try (Model model = load(limits(1, 10))) {
            String alone = prompt(model).generate().text();
            try (Stream<String> left = prompt(model).stream()) {
                Iterator<String> pieces = left.iterator();
                StringBuilder text = new StringBuilder(pieces.next());
                assertEquals(1, model.activity().running());
                Future<Reply> other = threads.submit(() -> prompt(model).generate());
                assertEquals(alone, other.get(50, TimeUnit.SECONDS).text());
                pieces.forEachRemaining(text::append);
                assertEquals(alone, text.toString());
            }
            assertEquals(0, model.activity().running());
        }
    }

    /** A tool may ask the model, on its own thread or another one: its answer has no place meanwhile. */
    @Test
    void aToolThatAsksTheModelDoesNotWaitForItsOwnAnswer() throws Exception {
        record Question(int number) {}
        try (Model model = load(limits(1, 10))) {
            String alone = prompt(model).generate().text();
            Tool ask = Tool.of("ask", "Asks", Question.class, question -> {
                String own = prompt(model).generate().text();
                String other = CompletableFuture.supplyAsync(
                                () -> prompt(model).generate().text(), threads)
                        .join();
                return own.equals(other) ? own : "different";
            });
            try (Chat chat = model.chat()
                    .tools(ask)
                    .toolChoice(ToolChoice.required())
                    .maxWait(Duration.ZERO)
                    .temperature(0)
                    .maxTokens(80)
                    .open()) {
                Reply reply = chat.send(FOX);
                assertEquals(alone, reply.tools().getFirst().text());
            }
        }
    }

    /** The bytes of a page of keys and values. */
    private static long page() throws IOException {
        try (Model model = DemoConversations.loader().contextLength(256).load()) {
            return model.memoryPlan().keysAndValues();
        }
    }

    @Test
    void answersWaitForMemory() throws Exception {
        try (Model model = load(limits(10, 10).keyValueBytes(2 * page()))) {
            try (Held one = new Held(prompt(model))) {
                assertEquals(page(), model.activity().keyValueBytes());
                try (Held two = new Held(prompt(model))) {
                    BusyException e = assertThrows(
                            BusyException.class,
                            () -> prompt(model).maxWait(Duration.ZERO).generate());
                    assertTrue(message(e).contains(" of keys and values, and answers in progress have "), message(e));
                }
                prompt(model).maxWait(Duration.ZERO).generate();
            }
        }
    }

    @Test
    void anAnswerEndsWhenItsMemoryIsUsedUp() throws Exception {
        try (Model model = load(limits(10, 10).keyValueBytes(2 * page() + 1))) {
            assertEquals(1024, model.contextLength());
            Reply reply =
                    prompt(model).ignoreEnd().loopGuard(false).maxTokens(4000).generate();
            assertEquals(FinishReason.CONTEXT_FULL, reply.finishReason());
            assertEquals(512 + 1, reply.stats().promptTokens() + reply.stats().generatedTokens());
            ContextLengthException e = assertThrows(
                    ContextLengthException.class,
                    () -> model.prompt(IntStream.range(0, 600).toArray()).generate());
            assertEquals(512, e.contextLength());
        }
        assertThrows(IllegalArgumentException.class, () -> load(limits(1, 1).keyValueBytes(100)));
    }

    @Test
    void sequencesCountAndAreRefusedInsteadOfWaiting() throws Exception {
        int[] tokens = IntStream.range(0, 400).toArray();
        try (Model model = load(limits(10, 10).keyValueBytes(3 * page() - 1));
                Sequence kept = model.newSequence()) {
            try (Sequence sequence = model.newSequence()) {
                sequence.append(tokens);
                // Half of what two pages may take: the prediction layer has none, because nothing is guessed.
                assertEquals(page(), model.activity().keyValueBytes());
                BusyException answer = assertThrows(
                        BusyException.class, () -> prompt(model).maxTokens(900).generate());
                assertTrue(message(answer).contains("sequences"), message(answer));
                BusyException append = assertThrows(BusyException.class, () -> kept.append(tokens));
                assertTrue(message(append).startsWith("no token was appended: the sequence needs "), message(append));
                assertEquals(0, kept.length());
            }
            kept.append(1, 2, 3);
            assertEquals(3, kept.length());
        }
    }

    @Test
    void manyVirtualThreadsGetTheirTurn() throws Exception {
        try (Model model = load(limits(4, 300));
                ExecutorService virtual = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Integer> alone = prompt(model).generate().tokens();
            List<Future<Reply>> all = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                all.add(virtual.submit(() -> prompt(model).generate()));
            }
            for (Future<Reply> each : all) {
                assertEquals(alone, each.get(50, TimeUnit.SECONDS).tokens());
            }
        }
    }

    @Test
    void severalAnswersNeedOnePlaceAndShareTheirPrompt() throws Exception {
        try (Model model = load(limits(3, 0))) {
            Prompt prompt = prompt(model).temperature(1).seed(3);
            long before = model.activity().prefilledTokens();
            List<Reply> replies = prompt.generateAll(8);
            assertEquals(
                    prompt.countTokens() + 7, model.activity().prefilledTokens() - before, "the prompt is read once");
            for (int i = 0; i < 8; i++) {
                assertEquals(
                        prompt.seed(3 + i).generate().tokens(), replies.get(i).tokens());
            }
            try (Held one = new Held(prompt(model));
                    Held two = new Held(prompt(model))) {
                assertEquals(
                        replies.stream().map(Reply::tokens).toList(),
                        prompt.generateAll(8).stream().map(Reply::tokens).toList());
            }
        }
    }

    @Test
    void theFailureOfOneOfSeveralAnswersIsThrown() throws Exception {
        try (Model model = load(limits(4, 0))) {
            UnsupportedOperationException e = assertThrows(
                    UnsupportedOperationException.class,
                    () -> prompt(model)
                            .logitsProcessor((tokens, logits) -> {
                                if (tokens.length() - tokens.promptLength() == 3) {
                                    throw new UnsupportedOperationException("processor");
                                }
                            })
                            .generateAll(5));
            assertEquals("processor", e.getMessage());
            Thread.currentThread().interrupt();
            List<Reply> replies = prompt(model).generateAll(4);
            assertTrue(Thread.interrupted());
            replies.forEach(reply -> assertEquals(FinishReason.CANCELLED, reply.finishReason()));
            assertEquals(0, model.activity().running());
        }
    }

    @Test
    void invalidLimitsAreRejected() {
        assertThrows(IllegalArgumentException.class, () -> limits(0, 1));
        assertThrows(IllegalArgumentException.class, () -> limits(1, -1));
        assertThrows(
                IllegalArgumentException.class, () -> Concurrency.defaults().keyValueBytes(0));
    }

    @Test
    void anAnswerOfAClosedModelDoesNotBegin() throws Exception {
        Model model = load(limits(1, 10));
        Future<Reply> waiting;
        CountDownLatch goOn = new CountDownLatch(1);
        CountDownLatch begun = new CountDownLatch(1);
        Future<Reply> held = threads.submit(() -> prompt(model).generate(piece -> {
            begun.countDown();
            await(goOn);
        }));
        await(begun);
        waiting = threads.submit(() -> prompt(model).generate());
        awaitWaiting(model, 1);
        model.close();
        goOn.countDown();
        assertEquals(FinishReason.CANCELLED, held.get(50, TimeUnit.SECONDS).finishReason());
        try {
            assertEquals(
                    FinishReason.CANCELLED, waiting.get(50, TimeUnit.SECONDS).finishReason());
        } catch (ExecutionException e) {
            assertInstanceOf(ClosedException.class, e.getCause());
        }
    }
}
