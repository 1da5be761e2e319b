package kawi.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import kawi.Cancellation;
import kawi.Chat;
import kawi.ClosedException;
import kawi.Concurrency;
import kawi.FinishReason;
import kawi.KernelSupport;
import kawi.Message;
import kawi.Model;
import kawi.Prompt;
import kawi.Reply;
import kawi.Sequence;
import kawi.Tool;
import kawi.ToolChoice;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever runs beside an answer, on platform and virtual threads: it is the answer that the caller gets alone. */
@Timeout(600)
class SideBySideTest {

    private static final String FOX = "Tell me a story about a fox who lost a kite.";
    private static final String SYSTEM = "You are a kind old storyteller who never says more than is needed.";
    private static final String LONG = "The fox has a kite and the kite has a tail. ".repeat(40);

    enum Mood {
        GLAD,
        SAD
    }

    record Animal(Mood mood, boolean tail, int legs) {}

    /** What a caller does. It returns everything that is worth comparing. */
    @FunctionalInterface
    private interface Job {
        Object run(Model model) throws Exception;
    }

    private static final Map<String, Job> JOBS = new LinkedHashMap<>();
    private static final Map<String, Object> ALONE = new LinkedHashMap<>();

    private static Prompt greedy(Model model) {
        return model.prompt(FOX).temperature(0).maxTokens(24);
    }

    private static Prompt sampled(Model model, long seed) {
        return model.prompt(FOX).temperature(1).topP(0.95).seed(seed).maxTokens(24);
    }

    private static Object answer(Reply reply) {
        return List.of(reply.tokens(), reply.text(), reply.thinking(), reply.finishReason());
    }

    static {
        JOBS.put("greedy", model -> answer(greedy(model).generate()));
        for (int seed = 1; seed <= 4; seed++) {
            long own = seed;
            JOBS.put("sampled " + seed, model -> answer(sampled(model, own).generate()));
        }
        JOBS.put("thinking", model -> answer(sampled(model, 5).thinking(true).generate()));
        JOBS.put(
                "penalties",
                model -> answer(sampled(model, 6)
                        .presencePenalty(0.5)
                        .repetitionPenalty(1.1)
                        .generate()));
        JOBS.put("logprobs", model -> sampled(model, 7).logprobs(3).generate().logprobs());
        JOBS.put("type", model -> sampled(model, 8).maxTokens(60).as(Animal.class));
        JOBS.put("regex", model -> answer(sampled(model, 9).regex("(a|b){5,9}c").generate()));
        JOBS.put(
                "long prompt",
                model -> answer(model.prompt(LONG).temperature(0).maxTokens(6).generate()));
        JOBS.put(
                "messages",
                model -> answer(model.prompt(List.of(Message.system(SYSTEM), Message.user(LONG)))
                        .temperature(0)
                        .maxTokens(6)
                        .generate()));
        JOBS.put(
                "several",
                model -> sampled(model, 20).generateAll(3).stream()
                        .map(SideBySideTest::answer)
                        .toList());
        JOBS.put("stream", model -> {
            try (Stream<String> pieces = greedy(model).stream()) {
                return pieces.limit(5).collect(Collectors.joining());
            }
        });
        JOBS.put("future", model -> answer(sampled(model, 10).generateAsync().get(300, TimeUnit.SECONDS)));
        JOBS.put(
                "failing listener",
                model -> failure(() -> {
                    AtomicInteger pieces = new AtomicInteger();
                    return greedy(model).generate(piece -> {
                        if (pieces.incrementAndGet() == 4) {
                            throw new UnsupportedOperationException("listener");
                        }
                    });
                }));
        JOBS.put(
                "failing processor",
                model -> failure(() -> greedy(model)
                        .logitsProcessor((tokens, logits) -> {
                            if (tokens.length() - tokens.promptLength() == 3) {
                                throw new UnsupportedOperationException("processor");
                            }
                        })
                        .generate()));
        JOBS.put(
                "wrong logits",
                model -> failure(() -> greedy(model)
                        .logitsProcessor((tokens, logits) -> Arrays.fill(logits, Float.NaN))
                        .generate()));
        JOBS.put("cancelled by its listener", model -> {
            Cancellation handle = new Cancellation();
            return answer(greedy(model).cancelWith(handle).generate(piece -> handle.cancel()));
        });
        JOBS.put("interrupted by its listener", model -> {
            Object answer = answer(
                    greedy(model).generate(piece -> Thread.currentThread().interrupt()));
            assertTrue(Thread.interrupted());
            return answer;
        });
        JOBS.put("chat", model -> {
            try (Chat chat = model.chat()
                    .system(SYSTEM)
                    .temperature(1)
                    .seed(3)
                    .maxTokens(10)
                    .open()) {
                List<Object> all = new ArrayList<>();
                all.add(answer(chat.send(FOX)));
                try (Chat fork = chat.fork()) {
                    all.add(answer(fork.send("Who found it?")));
                }
                all.add(answer(chat.again().seed(4).send()));
                all.add(answer(chat.send("And then?")));
                return all;
            }
        });
        JOBS.put("tool", model -> {
            Tool weather = Tool.of("weather", "Weather", Animal.class, animal -> animal.mood());
            try (Chat chat = model.chat()
                    .tools(weather)
                    .toolChoice(ToolChoice.required())
                    .temperature(0)
                    .maxTokens(120)
                    .open()) {
                Reply reply = chat.send(FOX);
                return List.of(answer(reply), reply.tools());
            }
        });
        JOBS.put("sequence", model -> {
            List<Object> all = new ArrayList<>();
            try (Sequence sequence = model.newSequence()) {
                sequence.append(IntStream.range(0, 300).map(i -> i * 7 % 1000).toArray());
                all.add(Arrays.hashCode(sequence.logits()));
                try (Sequence fork = sequence.fork()) {
                    for (int i = 0; i < 8; i++) {
                        fork.append(i);
                        sequence.append(i + 1);
                        all.add(Arrays.hashCode(fork.logits()));
                        all.add(Arrays.hashCode(sequence.logits()));
                    }
                }
                sequence.append(
                        IntStream.range(0, 70).toArray(), (position, logits) -> all.add(Arrays.hashCode(logits)));
            }
            return all;
        });
    }

    private static String failure(Callable<?> call) {
        RuntimeException e = assertThrows(RuntimeException.class, call::call);
        return e.getClass().getName() + ": " + e.getMessage();
    }

    @BeforeAll
    static void answersAlone() throws Exception {
        try (Model model = DemoConversations.loader().threads(1).load()) {
            for (Map.Entry<String, Job> job : JOBS.entrySet()) {
                ALONE.put(job.getKey(), job.getValue().run(model));
            }
        }
    }

    static Stream<Arguments> tiersAndThreads() {
        List<String> tiers = KernelSupport.detect().tiers().stream()
                .filter(KernelSupport.Tier::available)
                .map(KernelSupport.Tier::name)
                .toList();
        return IntStream.rangeClosed(1, 4)
                .boxed()
                .flatMap(threads -> tiers.stream().map(tier -> Arguments.of(tier, threads)));
    }

    @ParameterizedTest
    @MethodSource("tiersAndThreads")
    void answersAreThoseOfACallerAlone(String tier, int threads) throws Exception {
        Random random = new Random(threads);
        try (Model model = DemoConversations.loader()
                        .kernels(tier)
                        .threads(threads)
                        .concurrency(Concurrency.defaults().sequences(threads % 2 == 0 ? 5 : 64))
                        .load();
                ExecutorService platform = Executors.newCachedThreadPool();
                ExecutorService virtual = Executors.newVirtualThreadPerTaskExecutor()) {
            List<String> names = new ArrayList<>(JOBS.keySet());
            names.addAll(JOBS.keySet());
            Collections.shuffle(names, random);
            Map<Future<Object>, String> results = new LinkedHashMap<>();
            for (String name : names) {
                int delay = random.nextInt(3) == 0 ? 0 : random.nextInt(20);
                Job job = Objects.requireNonNull(JOBS.get(name));
                results.put(
                        (random.nextBoolean() ? platform : virtual).submit(() -> {
                            Thread.sleep(delay);
                            return job.run(model);
                        }),
                        name);
                results.put(platform.submit(() -> cancelledSomewhere(model, delay)), "cancelled");
            }
            for (Map.Entry<Future<Object>, String> result : results.entrySet()) {
                Object found = result.getKey().get(400, TimeUnit.SECONDS);
                if (!result.getValue().equals("cancelled")) {
                    assertEquals(ALONE.get(result.getValue()), found, result.getValue());
                }
            }
            assertEquals(0, model.activity().running());
            assertEquals(0, model.activity().waiting());
            assertEquals(0, model.activity().keyValueBytes());
            assertEquals(0, model.memoryUse().sequences());
        }
    }

    /** An answer that another thread cancels is the beginning of the whole one. */
    private static Object cancelledSomewhere(Model model, int delay) throws Exception {
        Cancellation handle = new Cancellation();
        CountDownLatch started = new CountDownLatch(1);
        Thread canceller = Thread.ofVirtual().start(() -> {
            try {
                started.await();
                Thread.sleep(delay);
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
            handle.cancel();
        });
        started.countDown();
        Reply reply = greedy(model).cancelWith(handle).generate();
        canceller.join();
        List<?> whole =
                (List<?>) Objects.requireNonNull((List<?>) ALONE.get("greedy")).getFirst();
        assertEquals(whole.subList(0, reply.tokens().size()), reply.tokens());
        if (reply.tokens().size() < whole.size()) {
            assertEquals(FinishReason.CANCELLED, reply.finishReason());
        }
        return reply;
    }

    private static void await(CountDownLatch latch) {
        try {
            assertTrue(latch.await(300, TimeUnit.SECONDS));
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void aModelClosesInTheMiddleOfManyAnswers() throws IOException, InterruptedException {
        Model model = DemoConversations.loader().threads(2).load();
        CountDownLatch answering = new CountDownLatch(12);
        CountDownLatch closed = new CountDownLatch(1);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Reply>> replies = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                Prompt prompt =
                        model.prompt(i % 3 == 0 ? LONG : FOX).temperature(0).ignoreEnd();
                AtomicInteger pieces = new AtomicInteger();
                replies.add(threads.submit(() -> prompt.maxTokens(400).generate(piece -> {
                    answering.countDown();
                    if (pieces.incrementAndGet() == 50) {
                        await(closed); // so that no answer ends by itself before
                    }
                })));
            }
            assertTrue(answering.await(300, TimeUnit.SECONDS));
            model.close();
            closed.countDown();
            for (Future<Reply> reply : replies) {
                try {
                    assertEquals(
                            FinishReason.CANCELLED,
                            reply.get(300, TimeUnit.SECONDS).finishReason());
                } catch (java.util.concurrent.ExecutionException e) {
                    assertTrue(e.getCause() instanceof ClosedException, e.toString()); // had not begun
                } catch (java.util.concurrent.TimeoutException e) {
                    throw new AssertionError("an answer does not end", e);
                }
            }
        }
        assertEquals(0, model.memoryUse().sequences());
    }
}
