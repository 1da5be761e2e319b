package kawi.langchain4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.data.message.ImageContent;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.exception.LangChain4jException;
import dev.langchain4j.exception.TimeoutException;
import dev.langchain4j.exception.UnsupportedFeatureException;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.listener.ChatModelErrorContext;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatModelStreamingEvent;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.CompleteResponse;
import dev.langchain4j.model.chat.response.CompleteToolCall;
import dev.langchain4j.model.chat.response.PartialResponse;
import dev.langchain4j.model.chat.response.PartialResponseContext;
import dev.langchain4j.model.chat.response.PartialThinking;
import dev.langchain4j.model.chat.response.PartialThinkingContext;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.chat.response.StreamingHandle;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import kawi.Model;
import kawi.demo.DemoModel;
import kawi.scripted.ScriptedModel;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class KawiStreamingChatModelTest {

    private static final String STORY = "Tell me a story about a fox who lost a kite.";
    private static final String THOUGHT = "Two and two.\n</think>\n\nFour, of course.";

    private final Model demo = DemoModel.loader().threads(1).load();

    @AfterAll
    void close() {
        demo.close();
    }

    private KawiStreamingChatModel.Builder onDemo() {
        return KawiStreamingChatModel.builder().model(demo);
    }

    private KawiStreamingChatModel.Builder scripted(String answer) {
        return KawiStreamingChatModel.builder().model(ScriptedModel.of(demo, prompt -> answer));
    }

    private static ChatRequest ask(String message) {
        return ChatRequest.builder().messages(UserMessage.from(message)).build();
    }

    /** Records what it is told, in order. */
    private static class Recorder implements StreamingChatResponseHandler {
        final Queue<String> text = new ConcurrentLinkedQueue<>();
        final Queue<String> thinking = new ConcurrentLinkedQueue<>();
        final Queue<String> events = new ConcurrentLinkedQueue<>();
        final CompletableFuture<ChatResponse> response = new CompletableFuture<>();

        @Override
        public void onPartialResponse(PartialResponse piece, PartialResponseContext context) {
            events.add("text");
            text.add(piece.text());
        }

        @Override
        public void onPartialThinking(PartialThinking piece, PartialThinkingContext context) {
            events.add("thinking");
            thinking.add(piece.text());
        }

        @Override
        public void onCompleteToolCall(CompleteToolCall call) {
            events.add("call " + call.index());
        }

        @Override
        public void onCompleteResponse(ChatResponse complete) {
            events.add("complete");
            response.complete(complete);
        }

        @Override
        public void onError(Throwable error) {
            events.add("error");
            response.completeExceptionally(error);
        }

        ChatResponse await() throws Exception {
            return response.get(60, TimeUnit.SECONDS);
        }

        Throwable awaitError() {
            return Objects.requireNonNull(
                    assertThrows(ExecutionException.class, this::await).getCause());
        }
    }

    private static Recorder answer(StreamingChatModel chat, ChatRequest request) {
        Recorder recorder = new Recorder();
        chat.chat(request, recorder);
        return recorder;
    }

    private static void waitUntil(BooleanSupplier condition, String failure) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < deadline, failure);
            Thread.onSpinWait();
        }
    }

    // handlers

    @Test
    void theStreamIsTheAnswerOfTheChatModel() throws Exception {
        ChatResponse expected = KawiChatModel.builder()
                .model(demo)
                .seed(3L)
                .maxOutputTokens(40)
                .build()
                .chat(ask(STORY));
        Recorder recorder = answer(onDemo().seed(3L).maxOutputTokens(40).build(), ask(STORY));
        assertEquals(expected.aiMessage(), recorder.await().aiMessage());
        assertEquals(expected.aiMessage().text(), String.join("", recorder.text));
        assertEquals(expected.finishReason(), recorder.await().finishReason());
        assertEquals(
                expected.tokenUsage().outputTokenCount(),
                recorder.await().tokenUsage().outputTokenCount());
    }

    @Test
    void thoughtsAreStreamedOnlyIfWanted() throws Exception {
        Recorder recorder =
                answer(scripted(THOUGHT).thinking(true).returnThinking(true).build(), ask("2+2?"));
        assertEquals(recorder.await().aiMessage().thinking(), String.join("", recorder.thinking));
        assertEquals("Two and two.", String.join("", recorder.thinking).strip());
        assertEquals("Four, of course.", String.join("", recorder.text));
        assertTrue(List.copyOf(recorder.events).indexOf("text")
                > List.copyOf(recorder.events).lastIndexOf("thinking"));
        recorder = answer(scripted(THOUGHT).thinking(true).build(), ask("2+2?"));
        assertNull(recorder.await().aiMessage().thinking());
        assertFalse(recorder.events.contains("thinking"));
        assertEquals("Four, of course.", String.join("", recorder.text));
    }

    @Test
    void callsComeAfterTheTextAndAreNumbered() throws Exception {
        ChatRequest request = ChatRequest.builder()
                .messages(UserMessage.from("a"))
                .toolSpecifications(
                        ToolSpecification.builder().name("clock").build(),
                        ToolSpecification.builder().name("date").build())
                .build();
        Recorder recorder = answer(
                scripted("Wait.\n\n" + ScriptedModel.call("clock", Map.of()) + "\n"
                                + ScriptedModel.call("date", Map.of()))
                        .build(),
                request);
        assertEquals(2, recorder.await().aiMessage().toolExecutionRequests().size());
        List<String> events = List.copyOf(recorder.events);
        assertEquals(List.of("call 0", "call 1", "complete"), events.subList(events.size() - 3, events.size()));
    }

    @Test
    void nothingIsCalledAfterACancellation() throws Exception {
        CompletableFuture<StreamingHandle> cancelled = new CompletableFuture<>();
        Recorder recorder = new Recorder() {
            @Override
            public void onPartialResponse(PartialResponse piece, PartialResponseContext context) {
                super.onPartialResponse(piece, context);
                if (events.size() == 3) {
                    assertFalse(context.streamingHandle().isCancelled());
                    context.streamingHandle().cancel();
                    cancelled.complete(context.streamingHandle());
                }
            }
        };
        try (Model own = DemoModel.loader().threads(1).load()) {
            KawiStreamingChatModel.builder()
                    .model(ScriptedModel.of(own, prompt -> "word ".repeat(200)))
                    .build()
                    .chat(STORY, recorder);
            StreamingHandle handle = cancelled.get(60, TimeUnit.SECONDS);
            assertTrue(handle.isCancelled());
            waitUntil(() -> own.memoryUse().sequences() == 0, "the answer has not ended");
            assertEquals(List.of("text", "text", "text"), List.copyOf(recorder.events));
        }
    }

    @Test
    void anAnswerCanBeCancelledFromAnotherThread() throws Exception {
        CompletableFuture<StreamingHandle> begun = new CompletableFuture<>();
        CompletableFuture<Void> cancelled = new CompletableFuture<>();
        Recorder recorder = new Recorder() {
            @Override
            public void onPartialResponse(PartialResponse piece, PartialResponseContext context) {
                super.onPartialResponse(piece, context);
                begun.complete(context.streamingHandle());
                cancelled.join();
            }
        };
        onDemo().maxOutputTokens(100).build().chat(STORY, recorder);
        begun.get(60, TimeUnit.SECONDS).cancel();
        cancelled.complete(null);
        Recorder next = answer(onDemo().maxOutputTokens(2).build(), ask("a"));
        next.await();
        assertEquals(List.of("text"), List.copyOf(recorder.events));
    }

    @Test
    void aHandlerMayThrowAnyException() throws Exception {
        IOException full = new IOException("the disk is full");
        Queue<Throwable> errors = new ConcurrentLinkedQueue<>();
        Recorder recorder = new Recorder() {
            @Override
            public void onPartialResponse(PartialResponse piece, PartialResponseContext context) {
                KawiStreamingChatModelTest.<RuntimeException>throwUnchecked(full);
            }

            @Override
            public void onError(Throwable error) {
                errors.add(error);
                KawiStreamingChatModelTest.<RuntimeException>throwUnchecked(full);
            }
        };
        scripted("Yes.").build().chat("a", recorder);
        assertEquals("Yes.", recorder.await().aiMessage().text());
        assertFalse(errors.isEmpty());
        errors.forEach(error -> assertSame(full, error));
    }

    /** Throws a checked exception where none is declared, as in languages that do not know the difference. */
    @SuppressWarnings("unchecked")
    private static <T extends Exception> void throwUnchecked(Exception e) throws T {
        throw (T) e;
    }

    @Test
    void failuresAreReportedOnTheThreadOfTheAnswer() {
        CompletableFuture<Thread> thread = new CompletableFuture<>();
        Recorder recorder = new Recorder() {
            @Override
            public void onError(Throwable error) {
                thread.complete(Thread.currentThread());
                super.onError(error);
            }
        };
        Queue<Throwable> errors = new ConcurrentLinkedQueue<>();
        ChatModelListener listener = new ChatModelListener() {
            @Override
            public void onError(ChatModelErrorContext context) {
                errors.add(context.error());
            }
        };
        KawiStreamingChatModel chat = onDemo().listeners(listener).build();
        chat.chat("word ".repeat(2000), recorder);
        Throwable failure = assertInstanceOf(InvalidRequestException.class, recorder.awaitError());
        assertSame(failure, errors.poll());
        assertNotSame(Thread.currentThread(), thread.join());

        Recorder second = new Recorder();
        chat.chat(List.of(UserMessage.from("a"), SystemMessage.from("b")), second);
        assertSame(assertInstanceOf(InvalidRequestException.class, second.awaitError()), errors.poll());
        assertTrue(errors.isEmpty());
        assertEquals(List.of("error"), List.copyOf(second.events));
    }

    @Test
    void anInvalidParameterIsReportedLikeAnyOtherFailure() {
        ChatRequest invalid = ChatRequest.builder()
                .messages(UserMessage.from("a"))
                .temperature(-1.0)
                .build();
        assertInstanceOf(
                InvalidRequestException.class, answer(onDemo().build(), invalid).awaitError());
    }

    @Test
    void whatIsNotSupportedIsThrown() {
        Recorder recorder = new Recorder();
        assertThrows(
                UnsupportedFeatureException.class,
                () -> onDemo().build()
                        .chat(List.of(UserMessage.from(ImageContent.from("aGVsbG8=", "image/png"))), recorder));
        assertTrue(recorder.events.isEmpty());
    }

    @Test
    void anAnswerThatTakesTooLongTimesOut() {
        Model model = ScriptedModel.of(demo, prompt -> {
            pause();
            return "one two three";
        });
        KawiStreamingChatModel chat = KawiStreamingChatModel.builder()
                .model(model)
                .timeout(Duration.ofMillis(50))
                .build();
        assertInstanceOf(TimeoutException.class, answer(chat, ask("a")).awaitError());
        Subscriber subscriber = new Subscriber(Long.MAX_VALUE);
        chat.chat(ask("a")).subscribe(subscriber);
        assertInstanceOf(TimeoutException.class, subscriber.awaitError());
        assertFalse(subscriber.events.stream().anyMatch(CompleteResponse.class::isInstance));
    }

    private static void pause() {
        try {
            Thread.sleep(200);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void anAnswerOfAModelThatIsClosedFails() throws Exception {
        Model own = DemoModel.loader().threads(1).load();
        Model model = ScriptedModel.of(own, prompt -> "word ".repeat(200));
        KawiStreamingChatModel chat =
                KawiStreamingChatModel.builder().model(model).build();
        Thread[] closing = new Thread[1];
        Recorder recorder = new Recorder() {
            @Override
            public void onPartialResponse(PartialResponse piece, PartialResponseContext context) {
                super.onPartialResponse(piece, context);
                if (closing[0] == null) {
                    closing[0] = Thread.ofPlatform().start(own::close);
                }
                pause();
            }
        };
        chat.chat(STORY, recorder);
        LangChain4jException e = assertInstanceOf(LangChain4jException.class, recorder.awaitError());
        assertTrue(String.valueOf(e.getMessage()).contains("cancelled"), e::getMessage);
        assertFalse(recorder.events.contains("complete"));
        closing[0].join();
    }

    @Test
    void manyHandlersGetTheAnswersThatEachGetsAlone() throws Exception {
        KawiStreamingChatModel chat =
                onDemo().seed(5L).temperature(0.9).maxOutputTokens(30).build();
        List<ChatRequest> requests =
                IntStream.range(0, 12).mapToObj(i -> ask(STORY + " " + i)).toList();
        List<String> alone = new ArrayList<>();
        for (ChatRequest request : requests) {
            alone.add(answer(chat, request).await().aiMessage().text());
        }
        List<Recorder> together =
                requests.stream().map(request -> answer(chat, request)).toList();
        for (int i = 0; i < alone.size(); i++) {
            assertEquals(alone.get(i), together.get(i).await().aiMessage().text());
            assertEquals(alone.get(i), String.join("", together.get(i).text));
        }
    }

    // subscribers

    /** Requests a number of events at first, and more if told to. */
    private static class Subscriber implements Flow.Subscriber<ChatModelStreamingEvent> {
        final Queue<ChatModelStreamingEvent> events = new ConcurrentLinkedQueue<>();
        final CompletableFuture<Flow.Subscription> subscription = new CompletableFuture<>();
        final CompletableFuture<Void> done = new CompletableFuture<>();
        private final long first;

        Subscriber(long first) {
            this.first = first;
        }

        @Override
        public void onSubscribe(Flow.Subscription subscription) {
            this.subscription.complete(subscription);
            if (first != 0) {
                subscription.request(first);
            }
        }

        @Override
        public void onNext(ChatModelStreamingEvent event) {
            events.add(event);
        }

        @Override
        public void onError(Throwable thrown) {
            done.completeExceptionally(thrown);
        }

        @Override
        public void onComplete() {
            done.complete(null);
        }

        Throwable awaitError() {
            return Objects.requireNonNull(assertThrows(ExecutionException.class, () -> done.get(60, TimeUnit.SECONDS))
                    .getCause());
        }
    }

    @Test
    void aSubscriberGetsAsManyEventsAsItRequests() throws Exception {
        Subscriber subscriber = new Subscriber(2);
        scripted(THOUGHT).thinking(true).build().chat(ask("2+2?")).subscribe(subscriber);
        waitUntil(() -> subscriber.events.size() == 2, "two events were requested");
        assertFalse(subscriber.done.isDone());
        subscriber.subscription.get().request(1);
        waitUntil(() -> subscriber.events.size() == 3, "one more was requested");
        subscriber.subscription.get().request(Long.MAX_VALUE);
        subscriber.done.get(60, TimeUnit.SECONDS);
        List<ChatModelStreamingEvent> events = List.copyOf(subscriber.events);
        StringBuilder text = new StringBuilder();
        events.subList(0, events.size() - 1)
                .forEach(event -> text.append(
                        assertInstanceOf(PartialResponse.class, event).text()));
        assertEquals("Four, of course.", text.toString(), "thoughts are left out");
        CompleteResponse complete = assertInstanceOf(CompleteResponse.class, events.getLast());
        assertEquals("Four, of course.", complete.chatResponse().aiMessage().text());
    }

    @Test
    void aSubscriberGetsThoughtsIfWanted() throws Exception {
        Subscriber subscriber = new Subscriber(Long.MAX_VALUE);
        scripted(THOUGHT)
                .thinking(true)
                .returnThinking(true)
                .build()
                .chat(ask("2+2?"))
                .subscribe(subscriber);
        subscriber.done.get(60, TimeUnit.SECONDS);
        StringBuilder thinking = new StringBuilder();
        for (ChatModelStreamingEvent event : subscriber.events) {
            if (event instanceof PartialThinking piece) {
                thinking.append(piece.text());
            }
        }
        assertEquals("Two and two.", thinking.toString().strip());
    }

    @Test
    void everySubscriberGetsAnAnswerOfItsOwn() throws Exception {
        Flow.Publisher<ChatModelStreamingEvent> publisher =
                onDemo().seed(1L).maxOutputTokens(10).build().chat(ask(STORY));
        List<List<ChatModelStreamingEvent>> answers = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            Subscriber subscriber = new Subscriber(Long.MAX_VALUE);
            publisher.subscribe(subscriber);
            subscriber.done.get(60, TimeUnit.SECONDS);
            List<ChatModelStreamingEvent> events = List.copyOf(subscriber.events);
            answers.add(events.subList(0, events.size() - 1));
        }
        assertEquals(answers.get(0), answers.get(1));
    }

    @Test
    void aCancelledSubscriptionEndsTheAnswer() throws Exception {
        try (Model own = DemoModel.loader().threads(1).load()) {
            Model model = ScriptedModel.of(own, prompt -> "word ".repeat(200));
            Subscriber subscriber = new Subscriber(2);
            KawiStreamingChatModel.builder().model(model).build().chat(ask("a")).subscribe(subscriber);
            waitUntil(() -> subscriber.events.size() == 2, "two events were requested");
            assertEquals(1, own.memoryUse().sequences());
            subscriber.subscription.get().cancel();
            waitUntil(() -> own.memoryUse().sequences() == 0, "the answer has not ended");
            assertEquals(2, subscriber.events.size());
            assertFalse(subscriber.done.isDone());
        }
    }

    @Test
    void failuresAreReportedToTheSubscriber() {
        Subscriber tooLong = new Subscriber(Long.MAX_VALUE);
        onDemo().build().chat(ask("word ".repeat(2000))).subscribe(tooLong);
        assertInstanceOf(InvalidRequestException.class, tooLong.awaitError());
        Subscriber image = new Subscriber(Long.MAX_VALUE);
        onDemo().build()
                .chat(UserMessage.from(ImageContent.from("aGVsbG8=", "image/png")))
                .subscribe(image);
        assertInstanceOf(UnsupportedFeatureException.class, image.awaitError());
        Subscriber negative = new Subscriber(-1);
        onDemo().build().chat(ask("a")).subscribe(negative);
        assertTrue(String.valueOf(negative.awaitError().getMessage()).contains("-1"));
    }
}
