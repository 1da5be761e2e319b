package kawi.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import kawi.AnswerOptions;
import kawi.Cancellation;
import kawi.Chat;
import kawi.ChatBuilder;
import kawi.Description;
import kawi.Message;
import kawi.Model;
import kawi.Prompt;
import kawi.Reply;
import kawi.ReplyListener;
import kawi.Speculation;
import kawi.Tool;
import kawi.ToolChoice;
import kawi.Turn;
import kawi.files.Fixture;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.lifecycle.AfterContainer;

/** With any options, an answer with speculation equals the one without: tokens, texts, log-probabilities, its end. */
class SpeculationPropertyTest {

    private static final String SYSTEM = "You are a kind old storyteller who never says more than is needed.";
    private static final List<String> PROMPTS = List.of(
            "Tell me a story about a fox who lost a kite.",
            "Hi.",
            "The fox has a kite and the kite has a tail. The fox has a kite and the kite has a tail. The fox has");

    private static final String SCHEMA = """
            {"type": "object", "properties": {"mood": {"enum": ["glad", "sad"]}, "legs": {"type": "integer",
             "minimum": 0, "maximum": 9}, "names": {"type": "array", "items": {"type": "string", "maxLength": 5},
             "minItems": 1, "maxItems": 3}}, "required": ["mood", "legs", "names"], "additionalProperties": false}""";

    /** The end of the context, near enough for many answers to reach it. */
    private static final int SHORT_CONTEXT = 48;

    private static final LoadedModel DEMO = demo();

    /** Random weights, no tokenizer. */
    private static final Model NUMERIC = Model.loader(Fixture.path(Fixture.F32_GGUF))
            .threads(2)
            .contextLength(SHORT_CONTEXT)
            .load();

    record Animal(@Description("of the animal") String name, int legs) {}

    private static LoadedModel demo() {
        try {
            return DemoConversations.loader().threads(1).prefixCache(0).load();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @AfterContainer
    static void close() {
        assertEquals(0, DEMO.memoryUse().sequences());
        DEMO.close();
        NUMERIC.close();
    }

    /** What must be equal. */
    private static List<Object> observed(Reply reply) {
        return List.of(
                reply.tokens(),
                reply.text(),
                reply.thinking(),
                reply.finishReason(),
                reply.logprobs(),
                reply.tools().toString(),
                reply.stats().thinkingTokens(),
                reply.stats().promptTokens(),
                reply.stats().reusedTokens());
    }

    /** The pieces of text that a listener receives, and a handle that cancels after some of them. */
    private static final class Pieces implements ReplyListener {
        private final List<String> pieces = new ArrayList<>();
        private final Cancellation handle = new Cancellation();
        private final int last;

        Pieces(int last) {
            this.last = last;
        }

        @Override
        public void onText(String piece) {
            pieces.add(piece);
            if (pieces.size() == last) {
                handle.cancel();
            }
        }
    }

    /** Random options of how tokens are chosen, the same for equal states of {@code random}. */
    private static <S extends AnswerOptions<S>> S sampling(S on, Random random) {
        S options = on.seed(random.nextInt(1000));
        options = switch (random.nextInt(4)) {
            case 0 -> options.temperature(0);
            case 1 -> options.temperature(0.3);
            case 2 -> options.temperature(1);
            default -> options.temperature(2);
        };
        options = random.nextInt(3) == 0 ? options.topK(1 + random.nextInt(30)) : options;
        options = random.nextInt(3) == 0 ? options.topP(0.5 + random.nextInt(5) * 0.1) : options;
        options = random.nextInt(4) == 0 ? options.minP(0.05) : options;
        options = random.nextInt(5) == 0 ? options.typicalP(0.8) : options;
        options = random.nextInt(4) == 0 ? options.repetitionPenalty(1.2).penaltyWindow(8) : options;
        options = random.nextInt(4) == 0 ? options.presencePenalty(0.7) : options;
        options = random.nextInt(4) == 0 ? options.frequencyPenalty(0.4) : options;
        options = random.nextInt(5) == 0 ? options.logitBias(random.nextInt(200), 3) : options;
        options = random.nextInt(3) == 0 ? options.logprobs(random.nextInt(4)) : options;
        int favourite = random.nextInt(200);
        options = random.nextInt(5) == 0
                ? options.logitsProcessor((tokens, logits) -> logits[(favourite + tokens.length()) % 200] += 5)
                : options;
        return options.maxTokens(random.nextInt(6) == 0 ? random.nextInt(4) : 4 + random.nextInt(28));
    }

    /** Random options of the text, for a model with a tokenizer. */
    private static <S extends AnswerOptions<S>> S text(S on, Random random, boolean chat) {
        S options = random.nextInt(4) == 0 ? on.stop("the", "kite") : on;
        options = random.nextInt(5) == 0 ? options.stopTokens(random.nextInt(300)) : options;
        options = random.nextInt(4) == 0 ? options.loopGuard(random.nextBoolean()) : options;
        if (chat && random.nextInt(3) == 0) {
            options = options.thinking(true);
            options = random.nextBoolean() ? options.thinkingBudget(random.nextInt(12)) : options;
        }
        return switch (random.nextInt(9)) {
            case 0 -> options.jsonSchema(SCHEMA).maxTokens(60);
            case 1 -> options.json().maxTokens(30);
            case 2 -> options.regex("(ab|c){2,9}d").maxTokens(24);
            case 3 -> options.choice("a whale is a fish", "a whale is no fish").maxTokens(24);
            case 4 -> options.ignoreEnd();
            default -> options;
        };
    }

    /** A random kind of guesses, from honest ones to always wrong ones. */
    private static Speculation speculation(List<Integer> answer, Random random) {
        int guesses = 1 + random.nextInt(Speculation.MAX_GUESSES);
        return switch (random.nextInt(6)) {
            case 0 -> Speculation.auto();
            case 1 -> Speculation.upTo(guesses);
            case 2 -> new Speculation.Rehearsal(answer, guesses, 1);
            case 3 -> new Speculation.Rehearsal(answer, guesses, 0);
            default -> new Speculation.Rehearsal(answer, guesses, 0.2 + random.nextInt(4) * 0.2);
        };
    }

    private static Prompt demoPrompt(Random random) {
        String text = PROMPTS.get(random.nextInt(PROMPTS.size()));
        boolean raw = random.nextInt(3) == 0;
        Prompt prompt = raw ? DEMO.prompt(text).raw() : DEMO.prompt(text);
        return text(sampling(prompt, random), random, !raw);
    }

    @Property(tries = 120, edgeCases = EdgeCasesMode.NONE)
    void singlePrompts(@ForAll long seed) {
        Random random = new Random(seed);
        Prompt prompt = demoPrompt(random);
        int last = random.nextInt(4) == 0 ? 1 + random.nextInt(6) : -1;
        Pieces plain = new Pieces(last);
        Reply off =
                prompt.speculation(Speculation.off()).cancelWith(plain.handle).generate(plain);
        for (int i = 0; i < 2; i++) {
            Speculation speculation = speculation(off.tokens(), random);
            Pieces pieces = new Pieces(last);
            Reply on = prompt.speculation(speculation).cancelWith(pieces.handle).generate(pieces);
            assertEquals(observed(off), observed(on), speculation.toString());
            assertEquals(plain.pieces, pieces.pieces, speculation.toString());
            assertTrue(on.stats().acceptedTokens() <= on.stats().guessedTokens());
            assertEquals(off.stats().steps(), on.stats().steps() + on.stats().acceptedTokens());
        }
    }

    @Property(tries = 150, edgeCases = EdgeCasesMode.NONE)
    void tokenIdsUpToTheEndOfTheContext(@ForAll long seed) {
        Random random = new Random(seed);
        int[] ids = random.ints(1 + random.nextInt(SHORT_CONTEXT - 1), 0, NUMERIC.vocabularySize())
                .toArray();
        Prompt prompt = sampling(NUMERIC.prompt(ids), random);
        prompt = random.nextBoolean() ? prompt.ignoreEnd().maxTokens(SHORT_CONTEXT) : prompt;
        Reply off = prompt.speculation(Speculation.off()).generate();
        for (int i = 0; i < 3; i++) {
            Speculation speculation = speculation(off.tokens(), random);
            assertEquals(observed(off), observed(prompt.speculation(speculation).generate()), speculation.toString());
        }
    }

    @Property(tries = 20, edgeCases = EdgeCasesMode.NONE)
    void severalAnswers(@ForAll long seed) {
        Random random = new Random(seed);
        Prompt prompt = demoPrompt(random);
        int count = 2 + random.nextInt(3);
        List<Reply> off = prompt.speculation(Speculation.off()).generateAll(count);
        Speculation speculation = speculation(off.get(random.nextInt(count)).tokens(), random);
        List<Reply> on = prompt.speculation(speculation).generateAll(count);
        for (int i = 0; i < count; i++) {
            assertEquals(observed(off.get(i)).subList(0, 5), observed(on.get(i)).subList(0, 5), speculation.toString());
        }
    }

    @Property(tries = 20, edgeCases = EdgeCasesMode.NONE)
    void answersAtTheSameTime(@ForAll long seed) throws Exception {
        Random random = new Random(seed);
        List<List<Object>> expected = new ArrayList<>();
        List<Future<Reply>> found = new ArrayList<>();
        try (ExecutorService threads = Executors.newCachedThreadPool()) {
            List<Prompt> prompts = new ArrayList<>();
            for (int i = 0; i < 2 + random.nextInt(5); i++) {
                Prompt prompt = demoPrompt(random);
                Reply off = prompt.speculation(Speculation.off()).generate();
                expected.add(observed(off).subList(0, 5));
                prompts.add(prompt.speculation(speculation(off.tokens(), random)));
            }
            prompts.forEach(prompt -> found.add(threads.submit(() -> prompt.generate())));
            for (int i = 0; i < expected.size(); i++) {
                assertEquals(
                        expected.get(i),
                        observed(found.get(i).get(60, TimeUnit.SECONDS)).subList(0, 5));
            }
        }
    }

    private static ChatBuilder chat(Random random) {
        Tool zoo = Tool.of("zoo", "Adds an animal", Animal.class, animal -> animal.name() + " has " + animal.legs());
        ChatBuilder chat = sampling(DEMO.chat(), random).system(SYSTEM).maxTokens(20 + random.nextInt(60));
        return random.nextBoolean()
                ? chat
                : chat.tools(zoo)
                        .toolChoice(random.nextBoolean() ? ToolChoice.required() : ToolChoice.auto())
                        .maxTokens(150);
    }

    /** The answer to a random message, or the exception that it ends with. */
    private static Outcome answer(Chat chat, Random random, Speculation speculation) {
        boolean asked = chat.messages().stream().anyMatch(message -> message.role() == Message.Role.USER);
        Turn turn = random.nextInt(4) == 0 && asked
                ? chat.again().seed(random.nextInt(9))
                : chat.message(PROMPTS.get(random.nextInt(PROMPTS.size())));
        turn = random.nextInt(3) == 0 ? turn.thinking(true).thinkingBudget(random.nextInt(20)) : turn;
        Pieces pieces = new Pieces(random.nextInt(3) == 0 ? 1 + random.nextInt(6) : -1);
        try {
            Reply reply =
                    turn.speculation(speculation).cancelWith(pieces.handle).send(pieces);
            return new Outcome(observed(reply), reply.tokens());
        } catch (RuntimeException e) {
            return new Outcome(List.of(e.toString()), List.of());
        }
    }

    private record Outcome(List<Object> observed, List<Integer> tokens) {}

    private static Chat reopened(Chat chat, ChatBuilder builder, Path file) throws IOException {
        try (chat) {
            chat.save(file);
        }
        return builder.load(file);
    }

    private static Chat forked(Chat chat) {
        try (chat) {
            return chat.fork();
        }
    }

    /** Two conversations with the same events, one of them with speculation. */
    @Property(tries = 25, edgeCases = EdgeCasesMode.NONE)
    void conversations(@ForAll long seed) throws IOException {
        Random random = new Random(seed);
        long options = random.nextLong();
        Path file = Files.createTempFile("kawi", ".chat");
        ChatBuilder builder = chat(new Random(options));
        Chat off = builder.open();
        Chat on = builder.open();
        try {
            for (int turn = 0; turn < 4; turn++) {
                long event = random.nextLong();
                Outcome expected = answer(off, new Random(event), Speculation.off());
                Speculation speculation = speculation(expected.tokens(), random);
                Outcome found = answer(on, new Random(event), speculation);
                assertEquals(expected.observed(), found.observed(), speculation.toString());
                assertEquals(off.messages(), on.messages());
                switch (random.nextInt(5)) {
                    case 0 -> {
                        off = forked(off);
                        on = forked(on);
                    }
                    case 1 -> {
                        off = reopened(off, builder, file);
                        on = reopened(on, builder, file);
                    }
                    case 2 -> assertEquals(off.undo(), on.undo());
                    default -> {}
                }
            }
        } finally {
            off.close();
            on.close();
            Files.delete(file);
        }
    }
}
