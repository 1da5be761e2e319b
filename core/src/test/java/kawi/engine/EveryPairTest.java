package kawi.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Flow;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import kawi.Chat;
import kawi.Model;
import kawi.Progress;
import kawi.Reply;
import kawi.ReplyEvent;
import kawi.ReplyListener;
import kawi.Sequence;
import kawi.Tool;
import kawi.ToolCall;
import kawi.ToolResult;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every public call against every other, and from inside every callback: none waits for another for good. */
class EveryPairTest {

    private static final String SYSTEM = "You are a kind old storyteller who never says more than is needed.";
    private static final String FOX = "Tell me a story about a fox who lost a kite.";
    private static final String LONG = "The fox has a kite and the kite has a tail. ".repeat(60);
    private static final int SECONDS = 60;

    private final ExecutorService threads = Executors.newCachedThreadPool();

    @TempDir
    Path folder;

    @AfterEach
    void stop() {
        threads.shutdownNow();
    }

    /** A call; what it throws because something is closed, busy or cancelled is as good as its end. */
    @FunctionalInterface
    private interface Call {
        void run() throws Exception;
    }

    /** A model in use, and what can be called on it. */
    private final class Use implements AutoCloseable {
        private final Model model = DemoConversations.loader().threads(2).load();
        private final Chat chat =
                model.chat().system(SYSTEM).temperature(0).maxTokens(4).open();
        private final Sequence sequence = model.newSequence();
        private final Map<String, Call> calls = new LinkedHashMap<>();
        private final Map<String, Call> closes = new LinkedHashMap<>();

        Call call(String name) {
            return Objects.requireNonNull(calls.get(name), name);
        }

        Call close(String name) {
            return Objects.requireNonNull(closes.get(name), name);
        }

        Use() throws IOException {
            chat.send(FOX);
            Path saved = folder.resolve("saved.chat");
            chat.save(saved);
            sequence.append(1, 2, 3);
            calls.put(
                    "generate",
                    () -> model.prompt(FOX).system(SYSTEM).maxTokens(3).generate());
            calls.put(
                    "generate with another prefix",
                    () -> model.prompt("Hello.")
                            .system("Be " + System.nanoTime())
                            .maxTokens(2)
                            .generate());
            calls.put("left stream", () -> {
                try (Stream<String> stream = model.prompt(FOX).maxTokens(4).stream()) {
                    stream.findFirst().ifPresent(piece -> assertFalse(piece.isEmpty()));
                }
            });
            calls.put("send", () -> chat.send("And then?"));
            calls.put("chat stream", () -> {
                try (Stream<String> stream = chat.stream("Why?")) {
                    stream.findFirst().ifPresent(piece -> assertFalse(piece.isEmpty()));
                }
            });
            calls.put(
                    "generate async",
                    () -> answer(model.prompt(FOX).maxTokens(3).generateAsync()));
            calls.put("send async", () -> answer(chat.message("Who?").sendAsync()));
            calls.put("publisher", () -> subscribe(chat.message("How?").publisher(), () -> {}));
            calls.put("again", () -> chat.again().send());
            calls.put("undo", chat::undo);
            calls.put("rewind", () -> chat.rewind(1));
            calls.put("system", () -> chat.system(SYSTEM));
            calls.put("fork", () -> {
                try (Chat fork = chat.fork()) {
                    fork.send("Where?");
                }
            });
            calls.put("save", () -> chat.save(folder.resolve("other.chat")));
            calls.put("load", () -> model.chat().maxTokens(2).load(saved).close());
            calls.put("messages", chat::messages);
            calls.put("snapshots", chat::snapshots);
            calls.put("prefixCache", model::prefixCache);
            calls.put("plan", model::memoryPlan);
            calls.put("grammar", () -> model.prompt(FOX).choice("yes", "no").generate());
            calls.put("new sequence", () -> {
                try (Sequence own = model.newSequence()) {
                    own.append(1, 2, 3);
                    own.logits();
                }
            });
            calls.put("append", () -> sequence.append(4));
            calls.put("logits", sequence::logits);
            calls.put("fork sequence", () -> sequence.fork().close());
            closes.put("close sequence", sequence::close);
            closes.put("close chat", chat::close);
            closes.put("close model", model::close);
        }

        @Override
        public void close() {
            chat.close();
            sequence.close();
            model.close();
        }
    }

    /** Waits for an answer on another thread; its failure is that of the call. */
    private static void answer(CompletableFuture<Reply> reply) throws Exception {
        try {
            reply.get(SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof Exception failure ? failure : e;
        }
    }

    /** Waits for the end of an answer as events. */
    private static void subscribe(Flow.Publisher<ReplyEvent> publisher, Runnable onText) throws Exception {
        CompletableFuture<Reply> reply = new CompletableFuture<>();
        publisher.subscribe(new Flow.Subscriber<>() {
            @Override
            public void onSubscribe(Flow.Subscription subscription) {
                subscription.request(Long.MAX_VALUE);
            }

            @Override
            public void onNext(ReplyEvent event) {
                switch (event) {
                    case ReplyEvent.Text text -> onText.run();
                    case ReplyEvent.Completed completed -> reply.complete(completed.reply());
                    default -> {}
                }
            }

            @Override
            public void onError(Throwable thrown) {
                reply.completeExceptionally(thrown);
            }

            @Override
            public void onComplete() {}
        });
        answer(reply);
    }

    private Future<?> start(Call call) {
        return threads.submit(() -> {
            try {
                call.run();
            } catch (IllegalStateException e) {
                String message = String.valueOf(e.getMessage());
                assertTrue(
                        message.contains("closed")
                                || message.contains("in use")
                                || message.contains("answering")
                                || message.contains("no message")
                                || message.contains("no logits")
                                || message.contains("interrupted"),
                        message);
            } catch (IllegalArgumentException e) {
                assertTrue(String.valueOf(e.getMessage()).contains("cannot go back"), e.getMessage());
            }
            return null;
        });
    }

    private static void end(String what, Future<?> call) {
        try {
            call.get(SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            fail(what + " did not end");
        } catch (ExecutionException e) {
            fail(what + " failed", e.getCause());
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void callsAgainstEachOther() throws IOException {
        try (Use use = new Use()) {
            List<String> names = List.copyOf(use.calls.keySet());
            for (int i = 0; i < names.size(); i++) {
                for (String other : names.subList(i, names.size())) {
                    use.chat.rewind(Math.min(3, use.chat.messages().size()));
                    CyclicBarrier both = new CyclicBarrier(2);
                    Future<?> first = start(together(both, use.call(names.get(i))));
                    Future<?> second = start(together(both, use.call(other)));
                    end(names.get(i) + " against " + other, first);
                    end(other + " against " + names.get(i), second);
                }
            }
        }
    }

    private static Call together(CyclicBarrier barrier, Call call) {
        return () -> {
            try {
                barrier.await(SECONDS, TimeUnit.SECONDS);
            } catch (BrokenBarrierException e) {
                throw new AssertionError(e);
            }
            call.run();
        };
    }

    @Test
    void callsAgainstClosing() throws IOException {
        for (String close : new String[] {"close sequence", "close chat", "close model"}) {
            try (Use use = new Use()) {
                CyclicBarrier all = new CyclicBarrier(use.calls.size() + 1);
                Map<String, Future<?>> started = new LinkedHashMap<>();
                use.calls.forEach((name, call) -> started.put(name, start(together(all, call))));
                end(close, start(together(all, use.close(close))));
                started.forEach((name, call) -> end(name + " against " + close, call));
                use.model.close();
                assertEquals(0, ((LoadedModel) use.model).memoryUse().sequences());
            }
        }
    }

    /** The places where Kawi calls its user. */
    enum Callback {
        TEXT,
        TOOL_CALL,
        TOOL,
        TOOL_RESULT,
        PROGRESS,
        PROCESSOR,
        LOGITS,
        STREAM,
        SUBSCRIBER
    }

    @ParameterizedTest
    @EnumSource(Callback.class)
    void callsFromInsideACallback(Callback callback) throws IOException {
        try (Use use = new Use()) {
            inside(callback, use, () -> use.calls.forEach((name, call) -> end(name + " in " + callback, start(call))));
        }
    }

    @ParameterizedTest
    @EnumSource(Callback.class)
    void closingFromInsideACallback(Callback callback) throws IOException {
        for (String close : new String[] {"close sequence", "close chat", "close model"}) {
            try (Use use = new Use()) {
                inside(callback, use, () -> end(close + " in " + callback, start(use.close(close))));
            }
        }
    }

    /** Has {@code work} done once, while {@code callback} is being called. */
    private void inside(Callback callback, Use use, Runnable work) {
        AtomicBoolean done = new AtomicBoolean();
        Runnable once = () -> {
            if (done.compareAndSet(false, true)) {
                work.run();
            }
        };
        end("the caller of " + callback, start(() -> {
            switch (callback) {
                case TEXT -> use.chat.send("Tell me more.", piece -> once.run());
                case TOOL_CALL, TOOL, TOOL_RESULT -> callATool(callback, use, once);
                case PROGRESS ->
                    use.model.prompt(LONG).maxTokens(1).generate(new ReplyListener() {
                        @Override
                        public void onText(String piece) {}

                        @Override
                        public void onProgress(Progress.Step step) {
                            once.run();
                        }
                    });
                case PROCESSOR ->
                    use.model
                            .prompt(FOX)
                            .maxTokens(3)
                            .logitsProcessor((tokens, logits) -> once.run())
                            .generate();
                case LOGITS -> use.sequence.append(new int[] {5, 6}, (position, logits) -> once.run());
                case SUBSCRIBER -> subscribe(use.chat.message("Tell me more.").publisher(), once);
                case STREAM -> use.chat.stream("Tell me more.").forEach(piece -> once.run());
            }
        }));
        assertTrue(done.get(), callback + " was not called");
    }

    private static void callATool(Callback callback, Use use, Runnable once) {
        Script script = new Script(use.model, "<tool_call>\n<function=clock>\n</function>\n</tool_call>", "Noon.");
        try (Chat chat = use.model
                .chat()
                .tools(Tool.of("clock", "The time", () -> {
                    if (callback == Callback.TOOL) {
                        once.run();
                    }
                    return "noon";
                }))
                .logitsProcessor(script)
                .open()) {
            chat.send("What time is it?", new ReplyListener() {
                @Override
                public void onText(String piece) {}

                @Override
                public void onToolCall(ToolCall call) {
                    if (callback == Callback.TOOL_CALL) {
                        once.run();
                    }
                }

                @Override
                public void onToolResult(ToolResult result) {
                    if (callback == Callback.TOOL_RESULT) {
                        once.run();
                    }
                }
            });
        }
    }
}
