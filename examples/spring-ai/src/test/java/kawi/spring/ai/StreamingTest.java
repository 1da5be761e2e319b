package kawi.spring.ai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import kawi.BusyException;
import kawi.Concurrency;
import kawi.Model;
import kawi.demo.DemoModel;
import kawi.scripted.ScriptedModel;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.chat.model.Generation;
import org.springframework.ai.chat.prompt.Prompt;
import org.springframework.ai.retry.TransientAiException;
import reactor.core.publisher.Flux;
import reactor.core.scheduler.Schedulers;
import reactor.test.StepVerifier;

/** Demand, cancellation and threads of streams, and many callers at once. */
final class StreamingTest {

    private static final Prompt STORY = new Prompt("Tell me a story.");
    private static final Duration LIMIT = Duration.ofMinutes(1);

    private Model demo;
    private final AtomicInteger generated = new AtomicInteger();

    @BeforeEach
    void load() {
        demo = DemoModel.loader()
                .concurrency(Concurrency.defaults().sequences(1).waiting(20))
                .load();
    }

    @AfterEach
    void close() {
        demo.close();
    }

    private KawiChatModel counting() {
        return chatModel(counted(demo, generated));
    }

    private static KawiChatModel chatModel(Model model) {
        return KawiChatModel.builder()
                .model(model)
                .options(KawiChatOptions.builder().seed(7L).maxTokens(100).build())
                .build();
    }

    /** Returns the model with a counter of the tokens that it generates. */
    private static Model counted(Model model, AtomicInteger counter) {
        return (Model) Proxy.newProxyInstance(
                StreamingTest.class.getClassLoader(), new Class<?>[] {Model.class}, (_, method, arguments) -> {
                    try {
                        Object result = method.invoke(model, arguments);
                        return result instanceof kawi.Prompt prompt
                                ? prompt.logitsProcessor((_, _) -> counter.incrementAndGet())
                                : result;
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    private static String text(ChatResponse response) {
        Generation generation = Objects.requireNonNull(response.getResult());
        return Objects.requireNonNull(generation.getOutput().getText());
    }

    private static String joined(Flux<ChatResponse> stream) {
        List<String> pieces = Objects.requireNonNull(
                stream.map(StreamingTest::text).collectList().block(LIMIT));
        return String.join("", pieces);
    }

    private void awaitIdle() throws InterruptedException {
        while (demo.activity().running() > 0) {
            Thread.sleep(5);
        }
    }

    @Test
    void nothingIsGeneratedBeforeItIsRequested() throws Exception {
        String whole = text(counting().call(STORY));
        assertThat(generated.getAndSet(0)).isEqualTo(100);
        StringBuilder text = new StringBuilder();
        StepVerifier.create(counting().stream(STORY).map(StreamingTest::text).doOnNext(text::append), 0)
                .expectSubscription()
                .thenRequest(2)
                .expectNextCount(2)
                .expectNoEvent(Duration.ofMillis(300))
                .then(() -> assertThat(generated).hasValueLessThan(20))
                .thenRequest(Long.MAX_VALUE)
                .thenConsumeWhile(piece -> true)
                .expectComplete()
                .verify(LIMIT);
        assertThat(text).hasToString(whole);
        awaitIdle();
    }

    @Test
    void cancellingEndsTheAnswer() throws Exception {
        assertThat(counting().stream(STORY).take(3).collectList().block(LIMIT)).hasSize(3);
        awaitIdle();
        assertThat(generated).hasValueLessThan(20);
    }

    @Test
    void eachSubscriptionIsAnAnswerOfItsOwn() {
        Flux<ChatResponse> stream = counting().stream(STORY);
        assertThat(generated).as("before the subscription").hasValue(0);
        String first = joined(stream);
        assertThat(joined(stream)).isEqualTo(first);
        assertThat(generated).hasValue(200);
    }

    @Test
    void aThreadThatMustNotBlockCanSubscribe() {
        String whole = text(counting().call(STORY));
        List<String> threads = new CopyOnWriteArrayList<>();
        assertThat(joined(counting().stream(STORY)
                        .doOnNext(piece -> threads.add(Thread.currentThread().getName()))
                        .subscribeOn(Schedulers.parallel())))
                .isEqualTo(whole);
        assertThat(threads).isNotEmpty().noneMatch(name -> name.startsWith("parallel"));
    }

    @Test
    void callersThatShareTheModelGetTheAnswersThatTheyWouldGetAlone() {
        KawiChatModel chatModel = chatModel(demo);
        List<Prompt> prompts = IntStream.range(0, 6)
                .mapToObj(seed -> new Prompt(
                        "Tell me a story.",
                        KawiChatOptions.builder()
                                .seed((long) seed)
                                .maxTokens(30)
                                .build()))
                .toList();
        List<String> alone =
                prompts.stream().map(prompt -> text(chatModel.call(prompt))).toList();
        List<CompletableFuture<String>> together = IntStream.range(0, prompts.size())
                .mapToObj(i -> CompletableFuture.supplyAsync(
                        () -> i % 2 == 0
                                ? text(chatModel.call(prompts.get(i)))
                                : joined(chatModel.stream(prompts.get(i))),
                        task -> Thread.ofVirtual().start(task)))
                .toList();
        assertThat(together.stream()
                        .map(answer -> answer.orTimeout(1, TimeUnit.MINUTES).join()))
                .isEqualTo(alone);
    }

    @Test
    void aBusyModelIsTransient() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch mayAnswer = new CountDownLatch(1);
        KawiChatModel chatModel = chatModel(ScriptedModel.of(demo, prompt -> {
            asked.countDown();
            try {
                assertThat(mayAnswer.await(1, TimeUnit.MINUTES)).isTrue();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
            return "Done.";
        }));
        CompletableFuture<String> first = CompletableFuture.supplyAsync(() -> text(chatModel.call(STORY)));
        assertThat(asked.await(1, TimeUnit.MINUTES)).isTrue();
        Prompt impatient = new Prompt(
                "Now!", KawiChatOptions.builder().maxWait(Duration.ZERO).build());
        assertThatThrownBy(() -> chatModel.call(impatient))
                .isInstanceOf(TransientAiException.class)
                .hasCauseInstanceOf(BusyException.class);
        StepVerifier.create(chatModel.stream(impatient))
                .expectErrorSatisfies(error -> assertThat(error)
                        .isInstanceOf(TransientAiException.class)
                        .hasCauseInstanceOf(BusyException.class))
                .verify(LIMIT);
        mayAnswer.countDown();
        assertThat(first.get(1, TimeUnit.MINUTES)).isEqualTo("Done.");
    }

    @Test
    void closingTheModelFailsItsStreams() {
        StepVerifier.create(counting().stream(STORY), 1)
                .expectNextCount(1)
                .then(demo::close)
                .thenRequest(Long.MAX_VALUE)
                .thenConsumeWhile(piece -> true)
                .expectErrorMatches(error -> error instanceof TransientAiException
                        || String.valueOf(error.getMessage()).contains("closed"))
                .verify(LIMIT);
    }
}
