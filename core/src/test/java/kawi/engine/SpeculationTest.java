package kawi.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import kawi.Chat;
import kawi.GenerationStats;
import kawi.Model;
import kawi.ModelActivity;
import kawi.Prompt;
import kawi.Reply;
import kawi.ReplyListener;
import kawi.Speculation;
import kawi.Turn;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where guesses come from, how many there are, and how they are counted. */
class SpeculationTest {

    private static final String FOX = "Tell me a story about a fox who lost a kite.";

    private static Model model;

    @BeforeAll
    static void load() throws IOException {
        model = DemoConversations.loader().threads(1).load();
    }

    @AfterAll
    static void close() {
        model.close();
    }

    private static Prompt story() {
        return model.prompt(FOX).temperature(0).ignoreEnd().loopGuard(false).maxTokens(41);
    }

    @Test
    void withoutSpeculationNothingIsGuessed() throws IOException {
        GenerationStats off = story().speculation(Speculation.off()).generate().stats();
        assertEquals(0, off.guessedTokens());
        assertEquals(0, off.acceptedTokens());
        assertEquals(40, off.steps());
        try (Model own =
                DemoConversations.loader().speculation(Speculation.off()).load()) {
            assertEquals(0, own.prompt(FOX).maxTokens(30).generate().stats().guessedTokens());
        }
    }

    @Test
    void rightGuessesSavePassesAndWrongOnesDoNot() {
        List<Integer> answer = story().speculation(Speculation.off()).generate().tokens();
        for (int guesses = 1; guesses <= Speculation.MAX_GUESSES; guesses++) {
            GenerationStats right = story().speculation(new Speculation.Rehearsal(answer, guesses, 1))
                    .generate()
                    .stats();
            assertEquals(Math.ceilDiv(40, guesses + 1), right.steps());
            assertEquals(40 - right.steps(), right.acceptedTokens());
            assertEquals(right.acceptedTokens(), right.guessedTokens());
            GenerationStats wrong = story().speculation(new Speculation.Rehearsal(answer, guesses, 0))
                    .generate()
                    .stats();
            assertEquals(40, wrong.steps());
            assertEquals(0, wrong.acceptedTokens());
            // The last passes have no room for as many.
            assertEquals(40 * guesses - guesses * (guesses + 1) / 2, wrong.guessedTokens());
        }
    }

    @Test
    void theActivityCountsAcceptedTokensOnly() throws IOException {
        try (Model own = DemoConversations.loader().threads(1).load()) {
            Prompt prompt =
                    own.prompt(FOX).temperature(0).ignoreEnd().loopGuard(false).maxTokens(41);
            Reply reply = prompt.speculation(Speculation.upTo(5)).generate();
            ModelActivity activity = own.activity();
            assertEquals(40, activity.decodedTokens());
            assertEquals(reply.stats().guessedTokens(), activity.guessedTokens());
            assertEquals(reply.stats().acceptedTokens(), activity.acceptedTokens());
            assertTrue(activity.guessedTokens() > activity.acceptedTokens());
            assertEquals(reply.stats().promptTokens(), activity.prefilledTokens());
        }
    }

    @Test
    void theMemoryOfGuessedRowsIsCountedAtOnce() throws IOException {
        List<Integer> answer = story().generate().tokens();
        List<Long> counted = new ArrayList<>();
        try (Model own = DemoConversations.loader().threads(1).prefixCache(0).load()) {
            own.prompt(FOX)
                    .temperature(0)
                    .ignoreEnd()
                    .loopGuard(false)
                    .maxTokens(10)
                    .speculation(new Speculation.Rehearsal(answer, 8, 1))
                    .generate(piece -> counted.add(own.memoryUse().bytes()));
            assertEquals(0, own.memoryUse().bytes());
        }
        assertTrue(counted.getLast() > counted.getFirst(), counted::toString);
    }

    @Test
    void anAnswerGivenAgainIsGuessed() {
        try (Chat chat = model.chat()
                .temperature(0)
                .maxTokens(60)
                .speculation(Speculation.upTo(8))
                .open()) {
            Reply first = chat.send(FOX);
            Reply second = chat.again().send();
            assertEquals(first.tokens(), second.tokens());
            assertTrue(second.stats().steps() < first.stats().steps(), second.stats()::toString);
            assertTrue(second.stats().steps() <= 60 / 4, second.stats()::toString);
        }
    }

    @Test
    void anAnswerGivenAgainInAForkOrASavedChatIsGuessed(@TempDir Path folder) {
        Path file = folder.resolve("fox.chat");
        try (Chat chat = model.chat()
                .temperature(0)
                .maxTokens(60)
                .speculation(Speculation.upTo(8))
                .open()) {
            Reply first = chat.send(FOX);
            chat.save(file);
            try (Chat fork = chat.fork();
                    Chat loaded = model.chat()
                            .temperature(0)
                            .maxTokens(60)
                            .speculation(Speculation.upTo(8))
                            .load(file)) {
                for (Chat other : List.of(fork, loaded)) {
                    Reply second = other.again().send();
                    assertEquals(first.tokens(), second.tokens());
                    assertTrue(second.stats().steps() <= 60 / 4, second.stats()::toString);
                }
            }
        }
    }

    @Test
    void theTokensThatCloseAThoughtAreGuessed() {
        Prompt thinking = model.prompt(FOX)
                .thinking(true)
                .thinkingBudget(0)
                .temperature(0)
                .loopGuard(false)
                .ignoreEnd();
        Reply off = thinking.maxTokens(8).speculation(Speculation.off()).generate();
        int closing = off.stats().thinkingTokens();
        assertTrue(closing > 1, off.stats()::toString);
        Reply on = thinking.maxTokens(closing).speculation(Speculation.upTo(8)).generate();
        assertEquals(off.tokens().subList(0, closing), on.tokens());
        // The pass over the first of them verifies all but the last, which is not part of a pass.
        assertEquals(closing - 2, on.stats().guessedTokens());
        assertEquals(closing - 2, on.stats().acceptedTokens());
    }

    @Test
    void whatTheFormOfTheAnswerDictatesIsGuessed() {
        String schema = """
                {"type": "object", "properties": {"nameOfTheAnimal": {"enum": ["porcupine", "hippopotamus"]},
                 "numberOfItsLegs": {"type": "integer", "minimum": 2, "maximum": 4}},
                 "required": ["nameOfTheAnimal", "numberOfItsLegs"], "additionalProperties": false}""";
        GenerationStats stats = model.prompt(FOX)
                .jsonSchema(schema)
                .temperature(0)
                .speculation(Speculation.upTo(8))
                .generate()
                .stats();
        assertTrue(stats.steps() <= stats.generatedTokens() / 2, stats::toString);
    }

    /** The answer after one that a listener or a processor ends with an exception at token {@code last}. */
    private static List<Object> afterFailure(int last, boolean inListener, Speculation speculation) {
        try (Chat chat = model.chat()
                .temperature(0)
                .maxTokens(30)
                .speculation(speculation)
                .open()) {
            AtomicInteger left = new AtomicInteger(last);
            Runnable failing = () -> {
                if (left.getAndDecrement() == 0) {
                    throw new UnsupportedOperationException("enough");
                }
            };
            Turn turn = chat.message(FOX);
            if (!inListener) {
                turn = turn.logitsProcessor((tokens, logits) -> failing.run());
            }
            ReplyListener listener = inListener ? piece -> failing.run() : piece -> {};
            Turn failed = turn;
            assertThrows(UnsupportedOperationException.class, () -> failed.send(listener));
            Reply reply = chat.message(FOX).send();
            Reply next = chat.send("Why?");
            return List.of(reply.tokens(), reply.stats().reusedTokens(), next.tokens(), next.text(), chat.messages());
        }
    }

    @Test
    void anAnswerThatFailsBetweenGuessesLeavesNoTrace() {
        List<Integer> answer;
        try (Chat chat = model.chat().temperature(0).maxTokens(30).open()) {
            answer = chat.send(FOX).tokens();
        }
        for (boolean inListener : new boolean[] {false, true}) {
            for (int last : new int[] {1, 4, 6}) {
                List<Object> off = afterFailure(last, inListener, Speculation.off());
                for (double acceptance : new double[] {1, 0.7}) {
                    assertEquals(off, afterFailure(last, inListener, new Speculation.Rehearsal(answer, 5, acceptance)));
                }
            }
        }
    }

    @Test
    void numbersOutOfRangeAreRefused() {
        for (int guesses : new int[] {-1, 0, 9}) {
            assertThrows(IllegalArgumentException.class, () -> Speculation.upTo(guesses));
            assertThrows(IllegalArgumentException.class, () -> new Speculation.Rehearsal(List.of(1), guesses, 0.5));
        }
        for (double acceptance : new double[] {-0.1, 1.1, Double.NaN}) {
            Exception refused = assertThrows(
                    IllegalArgumentException.class, () -> new Speculation.Rehearsal(List.of(1), 1, acceptance));
            assertTrue(refused.toString().contains("must be between 0 and 1"), refused::toString);
        }
    }
}
