package kawi.server.traffic;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import kawi.BusyException;
import kawi.Cancellation;
import kawi.Chat;
import kawi.Concurrency;
import kawi.FinishReason;
import kawi.Message;
import kawi.Model;
import kawi.Prompt;
import kawi.Reply;
import kawi.Sequence;
import kawi.ToolChoice;
import kawi.ToolSpecification;
import kawi.demo.DemoModel;
import org.junit.jupiter.api.Test;

/** Mixed traffic in one process, through all doors of the library. */
class LibraryTrafficTest {

    private static final String FOX = "Tell me a story about a fox who lost a kite.";
    private static final ToolSpecification WEATHER = new ToolSpecification("weather", "Weather of a city", """
            {"type": "object", "properties": {"city": {"enum": ["Solo", "Bandung"]}}, "required": ["city"]}""");
    private static final String SCHEMA = """
            {"type": "object", "properties": {"name": {"type": "string", "maxLength": 8},
             "age": {"type": "integer", "minimum": 1, "maximum": 99}}, "required": ["name", "age"],
             "additionalProperties": false}""";

    private static Scenario.Answer whole(Reply reply) throws Scenario.Cancelled {
        if (reply.finishReason() == FinishReason.CANCELLED) {
            throw new Scenario.Cancelled();
        }
        String calls = reply.toolCalls().stream()
                .map(call -> call.name() + call.arguments())
                .collect(Collectors.joining());
        return new Scenario.Answer(
                reply.text(), reply.tokens() + reply.thinking() + calls + reply.finishReason() + reply.logprobs());
    }

    /** Generates with a listener and a cancellation. */
    private static Scenario generating(String name, Prompt prompt) {
        return new Scenario(name, caller -> {
            Cancellation cancellation = new Cancellation();
            caller.leave(cancellation::cancel);
            return whole(prompt.cancelWith(cancellation).generate(caller::text));
        });
    }

    private static Scenario streaming(String name, Prompt prompt) {
        return new Scenario(name, caller -> {
            Cancellation cancellation = new Cancellation();
            caller.leave(cancellation::cancel);
            StringBuilder text = new StringBuilder();
            try (Stream<String> stream = prompt.cancelWith(cancellation).stream()) {
                stream.forEach(piece -> {
                    text.append(piece);
                    caller.text(piece);
                });
            }
            if (cancellation.isCancelled() || Thread.interrupted()) {
                throw new Scenario.Cancelled();
            }
            return new Scenario.Answer(text.toString(), text.toString());
        });
    }

    /** Answers whose futures have been cancelled. */
    private final AtomicLong abandoned = new AtomicLong();

    private void abandon(CompletableFuture<Reply> future) {
        if (!future.isDone()) {
            abandoned.incrementAndGet();
            future.cancel(true);
        }
    }

    /** Cancels the future after a first piece that comes from elsewhere, so at any time. */
    private Scenario asynchronous(String name, Prompt prompt) {
        return new Scenario(name, caller -> {
            CompletableFuture<Reply> future = prompt.generateAsync();
            caller.leave(() -> abandon(future));
            try {
                caller.text("");
                return whole(future.join());
            } catch (CancellationException e) {
                throw new Scenario.Cancelled();
            } catch (CompletionException e) {
                if (e.getCause() instanceof BusyException) {
                    throw new Scenario.Refused();
                }
                throw e;
            } finally {
                abandon(future);
            }
        });
    }

    private static Scenario conversation(String name, Model model, long seed) {
        return new Scenario(name, caller -> {
            Cancellation cancellation = new Cancellation();
            caller.leave(cancellation::cancel);
            try (Chat chat = model.chat()
                    .system("You are a friendly storyteller.")
                    .seed(seed)
                    .maxTokens(24)
                    .open()) {
                Scenario.Answer first =
                        whole(chat.message(FOX).cancelWith(cancellation).send(caller::text));
                Scenario.Answer second = whole(
                        chat.message("Who found it?").cancelWith(cancellation).send(caller::text));
                try (Chat fork = chat.fork()) {
                    Scenario.Answer third =
                            whole(fork.message("Why?").cancelWith(cancellation).send(caller::text));
                    return new Scenario.Answer(
                            first.text() + second.text() + third.text(),
                            first.whole() + second.whole() + third.whole());
                }
            }
        });
    }

    private static Scenario sequence(String name, Model model) {
        int[] prompt = model.prompt(FOX).tokens();
        return new Scenario(name, caller -> {
            float[] logits = new float[model.vocabularySize()];
            StringBuilder whole = new StringBuilder();
            try (Sequence sequence = model.newSequence()) {
                sequence.append(prompt);
                for (int i = 0; i < 20; i++) {
                    caller.text("");
                    if (Thread.interrupted()) {
                        throw new Scenario.Cancelled();
                    }
                    sequence.logits(logits);
                    int token = 0;
                    for (int id = 1; id < logits.length; id++) {
                        token = logits[id] > logits[token] ? id : token;
                    }
                    sequence.append(token);
                    whole.append(token)
                            .append(' ')
                            .append(Arrays.hashCode(logits))
                            .append('\n');
                }
            }
            return new Scenario.Answer("", whole.toString());
        });
    }

    /** A caller that leaves while the beginning of the stop string is held back receives it as text. */
    private static Scenario stopping(Scenario scenario, String stop) {
        return new Scenario(scenario.name(), caller -> {
            Scenario.Answer answer = scenario.answer(caller);
            return new Scenario.Answer(answer.text() + stop, answer.whole());
        });
    }

    private List<Scenario> scenarios(Model model) {
        List<Scenario> all = new ArrayList<>();
        Function<Long, Prompt> story =
                seed -> model.prompt(FOX).temperature(0.9).topK(40).seed(seed).maxTokens(10 + (int) (seed * 7 % 50));
        for (long seed = 0; seed < 8; seed++) {
            all.add(generating("a story with seed " + seed, story.apply(seed)));
            all.add(streaming("a stream with seed " + seed, story.apply(seed)));
        }
        all.add(asynchronous("an asynchronous story", story.apply(3L)));
        all.add(generating("log-probabilities", story.apply(4L).logprobs(3)));
        all.add(generating("penalties", story.apply(5L).repetitionPenalty(1.2).presencePenalty(0.5)));
        all.add(stopping(generating("a stop string", story.apply(6L).stop("the ")), "the "));
        all.add(generating(
                "plain text", model.prompt("Once upon a time").raw().seed(5).maxTokens(40)));
        all.add(generating(
                "token ids", model.prompt(5, 6, 7, 8, 9).ignoreEnd().seed(6).maxTokens(40)));
        all.add(generating(
                "a long prompt", model.prompt((FOX + " ").repeat(45)).seed(1).maxTokens(16)));
        all.add(generating(
                "a choice",
                model.prompt("Is a whale a fish?")
                        .choice("yes", "no", "perhaps")
                        .seed(2)));
        all.add(generating(
                "an expression",
                model.prompt("When?").regex("1[78][0-9]{2}-[01][0-9]").seed(3)));
        all.add(generating(
                "a schema", model.prompt("A person.").jsonSchema(SCHEMA).seed(4).maxTokens(60)));
        all.add(generating(
                "messages",
                model.prompt(List.of(
                                Message.system("Be brief."),
                                Message.user(FOX),
                                Message.assistant("A fox lost a kite."),
                                Message.user("And then?")))
                        .seed(7)
                        .maxTokens(30)));
        all.add(generating(
                "a call",
                model.prompt("Is it raining in Solo?")
                        .tools(WEATHER)
                        .toolChoice(ToolChoice.required())
                        .seed(8)
                        .maxTokens(80)));
        all.add(conversation("a conversation", model, 11));
        all.add(conversation("another conversation", model, 12));
        all.add(sequence("a sequence", model));
        Prompt several = story.apply(9L);
        all.add(new Scenario("several answers", caller -> {
            StringBuilder whole = new StringBuilder();
            Cancellation cancellation = new Cancellation();
            caller.leave(cancellation::cancel);
            caller.text("");
            for (Reply reply : several.cancelWith(cancellation).generateAll(3)) {
                whole.append(whole(reply).whole());
            }
            return new Scenario.Answer("", whole.toString());
        }));
        return all;
    }

    @Test
    void everyAnswerIsThatAloneAndNothingIsLeft() throws Exception {
        // Twelve callers: sometimes more wait than may.
        Concurrency limits = Concurrency.defaults().sequences(5).waiting(5);
        try (Model model = DemoModel.loader().concurrency(limits).load()) {
            new Traffic(scenarios(model), true, traffic -> {
                        // A future that is cancelled is done before its answer, which ends within a token, or is
                        // refused meanwhile.
                        Traffic.await(
                                "answers that nobody waits for are still running, or have left memory",
                                () -> model.activity().running() == 0
                                        && model.activity().waiting() == 0
                                        && model.activity().keyValueBytes() == 0
                                        && model.memoryUse().sequences() == 0
                                        && model.memoryUse().bytes()
                                                <= model.prefixCache().budget());
                        long refused = model.activity().refused() - traffic.refused();
                        assertTrue(
                                refused >= 0 && refused <= abandoned.get(),
                                () -> "%d refused answers more than were seen, %d were abandoned"
                                        .formatted(refused, abandoned.get()));
                    })
                    .run();
        }
    }
}
