package kawi.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import kawi.Cancellation;
import kawi.Chat;
import kawi.FinishReason;
import kawi.Prompt;
import kawi.Reply;
import kawi.ReplyEvent;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Answers on threads of their own: futures and publishers. */
@Timeout(60)
class AsyncAnswerTest {

    private static final long PAUSE_NANOS = 5_000_000;

    private static LoadedModel model;

    @BeforeAll
    static void load() throws IOException {
        model = DemoConversations.loader().load();
    }

    @AfterAll
    static void close() {
        model.close();
    }

    private final AtomicInteger steps = new AtomicInteger();

    /** Counts the tokens that are generated. */
    private Prompt story() {
        return model.prompt("Tell me a story about a fox.")
                .temperature(0)
                .logitsProcessor((tokens, logits) -> steps.incrementAndGet());
    }

    /** An answer that takes seconds, so that it does not end by itself before it is cancelled. */
    private Prompt endless() {
        return story().logitsProcessor((tokens, logits) -> LockSupport.parkNanos(PAUSE_NANOS))
                .ignoreEnd()
                .loopGuard(false)
                .maxTokens(100_000);
    }

    private void awaitSteps(int count) throws InterruptedException {
        while (steps.get() < count) {
            Thread.sleep(1);
        }
    }

    /** The answer ends within a token, and there is none after its end. */
    private void assertStopped() throws InterruptedException {
        int before = steps.get();
        while (model.activity().running() > 0) {
            Thread.sleep(1);
        }
        int end = steps.get();
        assertTrue(end <= before + 1, before + " to " + end);
        Thread.sleep(50);
        assertEquals(end, steps.get());
    }

    @Test
    void aFutureHasTheAnswer() throws Exception {
        Reply reply = story().maxTokens(20).generate();
        assertEquals(reply.text(), story().maxTokens(20).generateAsync().get().text());
        try (Chat chat = model.chat().temperature(0).maxTokens(20).open()) {
            assertEquals(
                    reply.text(),
                    chat.message("Tell me a story about a fox.")
                            .sendAsync()
                            .get()
                            .text());
            assertEquals(2, chat.messages().size());
        }
        IllegalStateException refused = assertInstanceOf(
                IllegalStateException.class,
                assertThrows(
                                ExecutionException.class,
                                () -> story().raw()
                                        .thinking(true)
                                        .generateAsync()
                                        .get())
                        .getCause());
        assertTrue(String.valueOf(refused.getMessage()).startsWith("a raw prompt does not support thinking(true)"));
    }

    @Test
    void cancellingAFutureEndsTheAnswer() throws Exception {
        CompletableFuture<Reply> future = endless().generateAsync();
        awaitSteps(3);
        assertTrue(future.cancel(false));
        assertThrows(CancellationException.class, future::get);
        assertStopped();
    }

    @Test
    void cancellingAFutureEndsAChatsAnswer() throws Exception {
        try (Chat chat = model.chat()
                .ignoreEnd()
                .loopGuard(false)
                .logitsProcessor((tokens, logits) -> steps.incrementAndGet())
                .open()) {
            CompletableFuture<Reply> future = chat.message("Tell me a story.").sendAsync();
            awaitSteps(3);
            future.cancel(true);
            assertStopped();
        }
    }

    @Test
    void handlesOfTheCallerStillWork() throws Exception {
        Cancellation first = new Cancellation();
        Cancellation second = new Cancellation();
        for (Cancellation handle : List.of(first, second)) {
            CompletableFuture<Reply> future =
                    endless().cancelWith(new Cancellation()).cancelWith(handle).generateAsync();
            awaitSteps(steps.get() + 3);
            handle.cancel();
            assertEquals(FinishReason.CANCELLED, future.get().finishReason());
        }
    }

    /** Takes events and asks for none by itself. */
    private static final class Reader implements Flow.Subscriber<ReplyEvent> {
        private final LinkedBlockingQueue<ReplyEvent> events = new LinkedBlockingQueue<>();
        private final CompletableFuture<List<ReplyEvent>> end = new CompletableFuture<>();
        private final List<ReplyEvent> all = new ArrayList<>();
        private final CompletableFuture<Flow.Subscription> subscription = new CompletableFuture<>();

        @Override
        public void onSubscribe(Flow.Subscription subscription) {
            this.subscription.complete(subscription);
        }

        @Override
        public void onNext(ReplyEvent event) {
            all.add(event);
            events.add(event);
        }

        @Override
        public void onError(Throwable throwable) {
            end.completeExceptionally(throwable);
        }

        @Override
        public void onComplete() {
            end.complete(all);
        }

        void request(long count) {
            subscription.join().request(count);
        }

        ReplyEvent next() throws InterruptedException {
            request(1);
            return java.util.Objects.requireNonNull(events.poll(30, TimeUnit.SECONDS));
        }
    }

    @Test
    void eventsAreGeneratedAsTheyAreRequested() throws Exception {
        Reader reader = new Reader();
        story().maxTokens(30).publisher().subscribe(reader);
        Thread.sleep(50);
        assertEquals(0, steps.get());
        assertInstanceOf(ReplyEvent.Text.class, reader.next());
        Thread.sleep(50);
        int afterOne = steps.get();
        assertTrue(afterOne < 10, afterOne + " tokens for one piece");
        assertInstanceOf(ReplyEvent.Text.class, reader.next());
        reader.request(Long.MAX_VALUE);
        reader.request(Long.MAX_VALUE);
        List<ReplyEvent> events = reader.end.get();
        Reply reply =
                assertInstanceOf(ReplyEvent.Completed.class, events.getLast()).reply();
        assertEquals(story().maxTokens(30).generate().text(), reply.text());
        assertEquals(
                reply.text(),
                events.stream()
                        .map(event -> event instanceof ReplyEvent.Text text ? text.piece() : "")
                        .collect(Collectors.joining()));
    }

    @Test
    void eachSubscriberHasAnAnswerOfItsOwn() throws Exception {
        Flow.Publisher<ReplyEvent> publisher = story().maxTokens(5).publisher();
        Reader one = new Reader();
        Reader two = new Reader();
        publisher.subscribe(one);
        publisher.subscribe(two);
        one.request(100);
        two.request(100);
        assertEquals(one.end.get().size(), two.end.get().size());
        assertThrows(NullPointerException.class, () -> publisher.subscribe(null));
    }

    @Test
    void cancellingASubscriptionEndsTheAnswer() throws Exception {
        Reader reader = new Reader();
        endless().publisher().subscribe(reader);
        reader.request(Long.MAX_VALUE);
        awaitSteps(3);
        reader.subscription.join().cancel();
        assertStopped();
        assertFalse(reader.end.isDone());
        Reader waiting = new Reader();
        endless().publisher().subscribe(waiting);
        waiting.next();
        waiting.subscription.join().cancel();
        assertStopped();
        Reader never = new Reader();
        endless().publisher().subscribe(never);
        never.subscription.join().cancel();
        never.request(1);
        assertStopped();
    }

    @Test
    void failuresReachTheSubscriber() throws Exception {
        Reader refused = new Reader();
        story().raw().thinking(true).publisher().subscribe(refused);
        refused.request(1);
        assertInstanceOf(
                IllegalStateException.class,
                assertThrows(ExecutionException.class, refused.end::get).getCause());
        Reader misused = new Reader();
        endless().publisher().subscribe(misused);
        misused.next();
        misused.request(0);
        assertInstanceOf(
                IllegalArgumentException.class,
                assertThrows(ExecutionException.class, misused.end::get).getCause());
        assertStopped();
    }

    @Test
    void aSubscriberThatThrowsEndsTheAnswer() throws Exception {
        CountDownLatch thrown = new CountDownLatch(1);
        endless().publisher().subscribe(new Flow.Subscriber<>() {
            @Override
            public void onSubscribe(Flow.Subscription subscription) {
                subscription.request(Long.MAX_VALUE);
            }

            @Override
            public void onNext(ReplyEvent event) {
                thrown.countDown();
                throw new IllegalStateException("on purpose");
            }

            @Override
            public void onError(Throwable throwable) {}

            @Override
            public void onComplete() {}
        });
        thrown.await();
        assertStopped();
    }

    record City(String city) {}

    @Test
    void aChatsToolsAreEvents() throws Exception {
        Script script = new Script(
                model,
                "hm\n</think>\n\n<tool_call>\n<function=w>\n<parameter=city>\nSolo\n</parameter>\n</function>"
                        + "\n</tool_call>",
                "\n</think>\n\nDone.");
        try (Chat chat = model.chat()
                .tool("w", "Weather", City.class, City::city)
                .thinking(true)
                .logitsProcessor(script)
                .open()) {
            Reader reader = new Reader();
            chat.message("Weather?").publisher().subscribe(reader);
            reader.request(Long.MAX_VALUE);
            assertEquals(
                    List.of("Thinking", "Called", "Returned", "Text", "Completed"),
                    reader.end.get().stream()
                            .map(event -> event.getClass().getSimpleName())
                            .distinct()
                            .toList());
            assertEquals(4, chat.messages().size());
        }
    }

    /** Nothing waits for ever on a model that is closed. */
    @Test
    void closingTheModelEndsWhatWaits() throws Exception {
        LoadedModel other = DemoConversations.loader().load();
        Reader reader = new Reader();
        other.prompt("Tell me a story.").publisher().subscribe(reader);
        reader.next();
        other.close();
        assertInstanceOf(
                IllegalStateException.class,
                assertThrows(ExecutionException.class, reader.end::get).getCause());
    }
}
