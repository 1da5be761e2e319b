package kawi.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import kawi.Cancellation;
import kawi.Chat;
import kawi.ChatBuilder;
import kawi.FinishReason;
import kawi.LogitsProcessor;
import kawi.Message;
import kawi.Model;
import kawi.ModelFileException;
import kawi.Prompt;
import kawi.Reply;
import kawi.ReplyListener;
import kawi.Sequence;
import kawi.files.Fixture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Conversations: what they cost, and that nothing kept between messages changes an answer. */
class ChatTest {

    private static final String SYSTEM = "You are a kind old storyteller who never says more than is needed.";
    private static final String FOX = "Tell me a story about a fox who lost a kite.";

    private static Model model;

    @BeforeAll
    static void load() throws IOException {
        model = DemoConversations.loader().load();
    }

    @AfterAll
    static void close() {
        model.close();
    }

    private static ChatBuilder chat() {
        return model.chat().system(SYSTEM).temperature(0).maxTokens(24);
    }

    /** Collects the logits of the first token of each answer. */
    private static final class FirstLogits implements LogitsProcessor {
        private final List<float[]> rows = new ArrayList<>();

        @Override
        public void process(Tokens tokens, float[] logits) {
            if (tokens.length() == tokens.promptLength()) {
                rows.add(logits.clone());
            }
        }
    }

    /** The tokens a prompt for an answer to these messages consists of. */
    private static int[] tokens(List<Message> messages) {
        return new ChatFormat((LoadedModel) model)
                .prompt(messages, List.of(), Settings.DEFAULT)
                .ids();
    }

    /** Without reading ahead a turn costs the answer before it as well, if that had a thought. */
    @Test
    void withoutReadingAheadAnAnswerIsReadWithTheNextMessage() {
        try (Chat chat = chat().readAhead(false).open()) {
            chat.send(FOX);
            int known = lastMessage(tokens(chat.messages().subList(0, 2)));
            assertEquals(
                    known, chat.send("What is the name of the fox?").stats().reusedTokens());
        }
    }

    private static int lastMessage(int[] tokens) {
        int start = model.tokenizer().orElseThrow().id("<|im_start|>").orElseThrow();
        int at = tokens.length - 1;
        while (tokens[at] != start) {
            at--;
        }
        return at;
    }

    @Test
    void aTurnCostsItsNewTokens() {
        try (Chat chat = chat().open()) {
            int known = 0;
            for (String question : List.of(FOX, "What is the name of the fox?", "Tell me more.", "Thank you.")) {
                List<Message> before = new ArrayList<>(chat.messages());
                before.add(Message.user(question));
                int[] prompt = tokens(before);
                Reply reply = chat.send(question);
                assertEquals(prompt.length, reply.stats().promptTokens());
                if (known > 0) {
                    assertEquals(known, reply.stats().reusedTokens(), question);
                }
                assertEquals(
                        prompt.length - reply.stats().reusedTokens(),
                        reply.stats().prefilledTokens());
                // Up to the question, and with the answer as the template writes it once there is another question.
                known = new ChatFormat((LoadedModel) model)
                        .beginning(chat.messages(), List.of(), Settings.DEFAULT)
                        .length();
                assertTrue(known > prompt.length - 12, known + " of " + prompt.length);
            }
            assertEquals(9, chat.messages().size());
        }
    }

    @Test
    void whatIsKeptChangesNoBit() throws IOException {
        List<String> questions =
                List.of(FOX, "What did the fox lose?", "Tell me a story about a hen.", "Who was in it?");
        FirstLogits kept = new FirstLogits();
        List<String> answers = new ArrayList<>();
        List<List<Message>> histories = new ArrayList<>();
        try (Chat chat = chat().logitsProcessor(kept).open()) {
            for (String question : questions) {
                List<Message> before = new ArrayList<>(chat.messages());
                before.add(Message.user(question));
                histories.add(before);
                answers.add(chat.send(question).text());
            }
        }
        for (int i = 0; i < questions.size(); i++) {
            try (Sequence cold = model.newSequence()) {
                cold.append(tokens(histories.get(i)));
                assertArrayEquals(cold.logits(), kept.rows.get(i), "turn " + i);
            }
        }
        try (Model careless =
                        DemoConversations.loader().prefixCache(0).threads(1).load();
                Chat chat = careless.chat()
                        .system(SYSTEM)
                        .temperature(0)
                        .maxTokens(24)
                        .snapshotBytes(0)
                        .open()) {
            for (int i = 0; i < questions.size(); i++) {
                Reply reply = chat.send(questions.get(i));
                assertEquals(0, reply.stats().reusedTokens());
                assertEquals(answers.get(i), reply.text());
            }
            assertEquals(0, chat.snapshots().entries());
            assertEquals(0, careless.prefixCache().entries());
        }
    }

    @Test
    void forksGoTheirOwnWayFromWhatIsKnown() {
        FirstLogits logits = new FirstLogits();
        try (Chat chat = chat().logitsProcessor(logits).open()) {
            chat.send(FOX);
            try (Chat branch = chat.fork()) {
                Reply there = branch.send("What is the name of the fox?");
                Reply here = chat.send("What is the name of the fox?");
                assertEquals(here.text(), there.text());
                assertTrue(there.stats().reusedTokens() > 60, there.stats().toString());
                assertEquals(there.stats().reusedTokens(), here.stats().reusedTokens());
                assertArrayEquals(logits.rows.get(1), logits.rows.get(2));
                branch.send("Goodbye.");
                assertEquals(7, branch.messages().size());
                assertEquals(5, chat.messages().size());
            }
            assertTrue(chat.send("Thank you.").stats().reusedTokens() > 80);
        }
    }

    @Test
    void askingAgainCostsAlmostNothing() {
        try (Chat chat = chat().open()) {
            Reply first = chat.send(FOX);
            Reply again = chat.again().send();
            assertEquals(first.text(), again.text());
            assertEquals(
                    first.stats().promptTokens()
                            - lastMessage(tokens(chat.messages().subList(0, 2))),
                    again.stats().prefilledTokens());
            assertTrue(again.stats().prefilledTokens() < 12, again.stats().toString());
            Reply other = chat.again().temperature(1.5).seed(3).send();
            assertNotEquals(first.text(), other.text());
            assertEquals(3, chat.messages().size());
            assertEquals(other.text(), chat.messages().getLast().text());
        }
    }

    @Test
    void goingBackAndEditing() {
        try (Chat chat = chat().open();
                Chat straight = chat().open()) {
            chat.send(FOX);
            chat.send("What is the name of the fox?");
            chat.rewind(3);
            Reply edited = chat.send("What did the fox lose?");
            // All but the new question and the beginning of the answer is known: the state before the first question's
            // successor was kept.
            assertTrue(edited.stats().prefilledTokens() < 24, edited.stats().toString());
            straight.send(FOX);
            assertEquals(straight.send("What did the fox lose?").text(), edited.text());
            assertTrue(chat.undo());
            assertTrue(chat.undo());
            assertFalse(chat.undo());
            assertEquals(List.of(Message.system(SYSTEM)), chat.messages());
            assertThrows(IllegalStateException.class, () -> chat.again().send());
            assertThrows(IllegalArgumentException.class, () -> chat.rewind(2));
            chat.system("");
            assertEquals(List.of(), chat.messages());
        }
    }

    @Test
    void savedConversationsGoOn(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("fox.chat");
        String expected;
        int prefilled;
        FirstLogits logits = new FirstLogits();
        try (Chat chat = chat().logitsProcessor(logits).open()) {
            chat.send(FOX);
            chat.save(file);
            Reply reply = chat.send("What is the name of the fox?");
            expected = reply.text();
            prefilled = reply.stats().prefilledTokens();
        }
        try (Model elsewhere = DemoConversations.loader().threads(1).load();
                Chat chat = elsewhere
                        .chat()
                        .temperature(0)
                        .maxTokens(24)
                        .logitsProcessor(logits)
                        .load(file)) {
            assertEquals(3, chat.messages().size());
            Reply reply = chat.send("What is the name of the fox?");
            assertEquals(expected, reply.text());
            assertEquals(prefilled, reply.stats().prefilledTokens());
            assertArrayEquals(logits.rows.get(1), logits.rows.get(2));
        }
        try (Stream<Path> left = Files.list(folder)) {
            assertEquals(List.of(file), left.toList());
        }
    }

    @Test
    void damagedOrForeignFilesAreRefused(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("fox.chat");
        try (Chat chat = chat().open()) {
            chat.send(FOX);
            chat.save(file);
        }
        byte[] whole = Files.readAllBytes(file);
        Path damaged = folder.resolve("damaged.chat");
        for (int at : new int[] {0, 8, 12, 16, 20, 200, whole.length / 2, whole.length - 1}) {
            byte[] bytes = whole.clone();
            bytes[at] ^= 4;
            Files.write(damaged, bytes);
            ModelFileException e = assertThrows(ModelFileException.class, () -> chat().load(damaged));
            assertTrue(
                    String.valueOf(e.getMessage()).startsWith("damaged.chat cannot be continued: it"), e.getMessage());
        }
        for (int length : new int[] {1, 7, 20, 100, whole.length - 1}) {
            Files.write(damaged, Arrays.copyOf(whole, length));
            assertThrows(ModelFileException.class, () -> chat().load(damaged));
        }
        byte[] weights = DemoConversations.gguf();
        for (int at = weights.length / 2; at < weights.length; at += 16) {
            weights[at] ^= 1;
        }
        try (Model other = Model.loader(weights, "other.gguf").load()) {
            ModelFileException e =
                    assertThrows(ModelFileException.class, () -> other.chat().load(file));
            assertEquals(
                    "fox.chat cannot be continued: it was made with demo-q8_0.gguf, whose weights are not those of other.gguf",
                    e.getMessage());
        }
        try (Model other = DemoConversations.loader().keysAndValues("f32").load()) {
            ModelFileException e =
                    assertThrows(ModelFileException.class, () -> other.chat().load(file));
            assertTrue(String.valueOf(e.getMessage()).contains("keys and values are in f16"), e.getMessage());
        }
    }

    @Test
    void conversationsShareTheirInstructions() throws IOException {
        try (Model own = DemoConversations.loader().load()) {
            ChatBuilder builder = own.chat().system(SYSTEM).temperature(0).maxTokens(8);
            int instructions;
            try (Chat first = builder.open()) {
                assertEquals(0, first.send(FOX).stats().reusedTokens());
                assertEquals(1, own.prefixCache().entries());
                assertTrue(own.prefixCache().bytes() > 0);
            }
            try (Chat second = builder.open()) {
                instructions = second.send("Hello.").stats().reusedTokens();
                assertTrue(instructions > 20, "reused " + instructions);
            }
            assertEquals(
                    instructions,
                    own.prompt("Goodbye.")
                            .system(SYSTEM)
                            .maxTokens(1)
                            .generate()
                            .stats()
                            .reusedTokens());
            assertEquals(2, own.prefixCache().hits());
            assertEquals(
                    0,
                    own.prompt("Goodbye.")
                            .system("Be terse.")
                            .maxTokens(1)
                            .generate()
                            .stats()
                            .reusedTokens());
            assertEquals(2, own.prefixCache().entries());
        }
    }

    @Test
    void theStoreOfPrefixesStaysWithinItsBudget() throws IOException {
        long one;
        try (Model own = DemoConversations.loader().load()) {
            own.prompt("Hello.").system("Number 0").maxTokens(1).generate();
            one = own.prefixCache().bytes();
        }
        try (Model own = DemoConversations.loader().prefixCache(3 * one).load()) {
            for (int i = 0; i < 9; i++) {
                own.prompt("Hello.").system("Number " + i).maxTokens(1).generate();
                own.prompt("Hello.").system("Number 0").maxTokens(1).generate();
                assertTrue(own.prefixCache().bytes() <= 3 * one);
            }
            assertEquals(3, own.prefixCache().entries());
            assertEquals(6, own.prefixCache().evictions());
            // The one in use all the time is still there.
            assertTrue(own.prompt("Hello.")
                            .system("Number 0")
                            .maxTokens(1)
                            .generate()
                            .stats()
                            .reusedTokens()
                    > 0);
        }
    }

    @Test
    void streamsAreAnswersToo() {
        try (Chat chat = chat().open();
                Chat other = chat().open()) {
            String text = chat.stream(FOX).collect(Collectors.joining());
            assertEquals(other.send(FOX).text(), text);
            assertEquals(text, chat.messages().getLast().text());
            try (Stream<String> left = chat.stream("Tell me more.")) {
                assertTrue(left.findFirst().isPresent());
                assertThrows(IllegalStateException.class, () -> chat.send("Now?"));
            }
            // What came of the answer stays, as it does when an interrupt or a Cancellation ends it.
            assertEquals(5, chat.messages().size());
            assertTrue(chat.undo());
            assertEquals(3, chat.messages().size());
            assertEquals(other.send("What now?").text(), chat.send("What now?").text());
        }
    }

    @Test
    void anInterruptedAnswerLeavesAUsableChat() {
        Cancellation handle = new Cancellation();
        try (Chat chat = chat().open();
                Chat calm = chat().open()) {
            chat.send(FOX);
            calm.send(FOX);
            Reply cut = chat.message("Tell me more.").cancelWith(handle).send(piece -> handle.cancel());
            assertEquals(FinishReason.CANCELLED, cut.finishReason());
            Thread.currentThread().interrupt();
            assertEquals(FinishReason.CANCELLED, chat.send("More!").finishReason());
            assertTrue(Thread.interrupted());
            chat.undo();
            chat.undo();
            Reply after = chat.send("What is the name of the fox?");
            assertEquals(calm.send("What is the name of the fox?").text(), after.text());
            assertTrue(after.stats().reusedTokens() > 0);
        }
    }

    @Test
    void aClosedModelTakesItsConversationsAlong() throws IOException {
        Chat chat;
        try (Model own = DemoConversations.loader().load()) {
            chat = own.chat().system(SYSTEM).maxTokens(8).open();
            chat.send(FOX);
            assertTrue(chat.snapshots().bytes() > 0);
        }
        assertEquals(0, chat.snapshots().bytes());
        assertThrows(IllegalStateException.class, () -> chat.send(FOX));
        chat.close();
        chat.close();
        assertThrows(IllegalStateException.class, () -> chat.send(FOX));
    }

    @Test
    void aFailingListenerLeavesTheChatAsItWas() {
        try (Chat chat = chat().open()) {
            assertThrows(
                    IllegalStateException.class,
                    () -> chat.send(FOX, piece -> {
                        throw new IllegalStateException("enough");
                    }));
            assertEquals(1, chat.messages().size());
            assertFalse(chat.send(FOX).text().isEmpty());
        }
    }

    @Test
    void thoughtsAreSeparateAndDroppedFromWhatFollows() {
        Script script = new Script(model, "I could tell of a kite.\n</think>\n\nOnce upon a time.", "Yes.");
        StringBuilder thought = new StringBuilder();
        StringBuilder text = new StringBuilder();
        try (Chat chat =
                chat().thinking(true).maxTokens(100).logitsProcessor(script).open()) {
            Reply reply = chat.send(FOX, new ReplyListener() {
                @Override
                public void onText(String piece) {
                    text.append(piece);
                }

                @Override
                public void onThinking(String piece) {
                    thought.append(piece);
                }
            });
            assertEquals("I could tell of a kite.", reply.thinking());
            assertEquals("Once upon a time.", reply.text());
            assertEquals(reply.thinking(), thought.toString());
            assertEquals(reply.text(), text.toString());
            assertTrue(reply.stats().thinkingTokens() > 5);
            assertTrue(reply.stats().thinkingTokens() < reply.stats().generatedTokens());
            int[] next = tokens(List.of(
                    Message.system(SYSTEM),
                    Message.user(FOX),
                    Message.assistant("Once upon a time."),
                    Message.user("Really?")));
            Reply second = chat.message("Really?").thinking(false).send();
            assertEquals(next.length, second.stats().promptTokens());
            assertEquals("", second.thinking());
        }
    }

    @Test
    void aBudgetClosesTheThought() {
        String endless = "The fox has a kite and the kite has a tail and the tail has a bow ".repeat(9);
        LogitsProcessor script = new Script(model, endless);
        LogitsProcessor thenFree = (tokens, logits) -> {
            if (tokens.length() - tokens.promptLength() < 60) {
                script.process(tokens, logits);
            }
        };
        try (Chat chat = chat().thinking(true)
                .thinkingBudget(20)
                .maxTokens(80)
                .logitsProcessor(thenFree)
                .open()) {
            Reply reply = chat.send(FOX);
            assertTrue(
                    reply.stats().thinkingTokens() >= 50 && reply.stats().thinkingTokens() <= 60,
                    reply.stats().toString());
            assertTrue(endless.startsWith(reply.thinking()), reply.thinking());
            assertTrue(reply.stats().generatedTokens() > reply.stats().thinkingTokens());
            assertFalse((reply.thinking() + reply.text()).contains("think>"));
        }
    }

    @Test
    void aThoughtThatRunsInCirclesIsClosed() {
        LogitsProcessor script = new Script(model, "Wait, let me check the number of kites again. ".repeat(200));
        LogitsProcessor thenFree = (tokens, logits) -> {
            if (tokens.length() - tokens.promptLength() < 560) {
                script.process(tokens, logits);
            }
        };
        try (Chat chat =
                chat().thinking(true).maxTokens(600).logitsProcessor(thenFree).open()) {
            Reply reply = chat.send(FOX);
            assertTrue(reply.stats().thinkingTokens() < 540, reply.stats().toString());
            assertNotEquals(FinishReason.LOOP, reply.finishReason());
        }
    }

    @Test
    void anAnswerThatRunsInCirclesIsEnded() {
        try (Model fixture = Model.load(Fixture.path("text-vgtk-tied/bf16"))) {
            LogitsProcessor circle = (tokens, logits) -> {
                Arrays.fill(logits, Float.NEGATIVE_INFINITY);
                logits[100 + tokens.length() % 17] = 0;
            };
            Prompt prompt = fixture.prompt(1, 2, 3).ignoreEnd().maxTokens(1300).logitsProcessor(circle);
            Reply reply = prompt.loopGuard(true).generate();
            assertEquals(FinishReason.LOOP, reply.finishReason());
            assertTrue(reply.stats().generatedTokens() <= 1100, reply.stats().toString());
            assertEquals(FinishReason.MAX_TOKENS, prompt.generate().finishReason());
        }
    }
}
