package kawi.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import kawi.AnswerException;
import kawi.Cancellation;
import kawi.Chat;
import kawi.FinishReason;
import kawi.LogitsProcessor;
import kawi.Model;
import kawi.Prompt;
import kawi.Range;
import kawi.Reply;
import kawi.Size;
import kawi.Tool;
import kawi.TypeOf;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

/** Answers that always have the form asked for, from a model that knows nothing of it. */
class AnswerFormTest {

    private static final String ASK = "Tell me a story about a fox who lost a kite.";

    private static Model model;

    enum Mood {
        GLAD,
        SAD
    }

    sealed interface Shape {
        record Circle(double radius) implements Shape {}

        record Square(@Range(min = 1, max = 9) int side) implements Shape {}
    }

    record Tale(
            @Size(max = 40) String title,
            List<String> heroes,
            Mood mood,
            Optional<Integer> year,
            Map<String, Boolean> flags,
            List<Shape> shapes) {}

    record Tree(String name, List<Tree> children) {}

    @BeforeAll
    static void load() throws IOException {
        model = DemoConversations.loader().load();
    }

    @AfterAll
    static void close() {
        model.close();
    }

    private static Prompt prompt(int seed) {
        return model.prompt(ASK).temperature(1.2).topK(0).topP(1).seed(seed).maxTokens(150);
    }

    @Test
    void recordsOfEverything() {
        for (int seed = 0; seed < 30; seed++) {
            Tale tale = prompt(seed).as(Tale.class);
            assertTrue(tale.title().codePointCount(0, tale.title().length()) <= 40);
            assertNotNull(tale.mood());
            for (Shape shape : tale.shapes()) {
                if (shape instanceof Shape.Square square) {
                    assertTrue(square.side() >= 1 && square.side() <= 9);
                }
            }
        }
    }

    @Test
    void otherTypes() {
        for (int seed = 0; seed < 10; seed++) {
            assertNotNull(prompt(seed).as(Tree.class).children());
            assertNotNull(prompt(seed).as(Mood.class));
            assertNotNull(prompt(seed).as(Shape.class));
            List<Tree> trees = prompt(seed).as(new TypeOf<List<Tree>>() {});
            assertNotNull(trees);
            Map<String, Integer> counts = prompt(seed).as(new TypeOf<Map<String, Integer>>() {});
            assertNotNull(counts);
        }
    }

    @Test
    void textsOfAForm() {
        for (int seed = 0; seed < 20; seed++) {
            String text = prompt(seed)
                    .regex("[A-Z][a-z]{2,8}( [a-z]+){1,3}[.!] ?")
                    .generate()
                    .text();
            assertTrue(text.matches("[A-Z][a-z]{2,8}( [a-z]+){1,3}[.!] ?"), text);
            assertTrue(List.of("yes", "no", " perhaps\n")
                    .contains(prompt(seed)
                            .choice("yes", "no", " perhaps\n")
                            .generate()
                            .text()));
            assertFalse(JsonMapper.shared()
                    .readTree(prompt(seed).json().generate().text())
                    .isMissingNode());
            String schema =
                    "{\"type\":\"array\",\"items\":{\"type\":\"integer\",\"minimum\":-5,\"maximum\":70},\"minItems\":2,\"maxItems\":4}";
            var numbers = JsonMapper.shared()
                    .readTree(prompt(seed).jsonSchema(schema).generate().text());
            assertTrue(numbers.size() >= 2 && numbers.size() <= 4);
            numbers.forEach(number -> assertTrue(number.asInt() >= -5 && number.asInt() <= 70));
        }
    }

    @Test
    void theFormBeginsAfterTheThought() {
        for (int seed = 0; seed < 10; seed++) {
            Prompt thinking = prompt(seed).thinking(true).thinkingBudget(15).choice("yes", "no");
            Reply reply = thinking.generate();
            assertTrue(List.of("yes", "no").contains(reply.text()), reply.toString());
            assertEquals(FinishReason.END, reply.finishReason());
            try (Chat chat =
                    model.chat().thinking(true).seed(seed).maxTokens(200).open()) {
                assertNotNull(chat.message(ASK).as(Mood.class));
                assertEquals(2, chat.messages().size());
            }
        }
    }

    @Test
    void aThoughtLeavesRoomForTheAnswer() {
        LogitsProcessor think = new Script(model, "the fox and the hen and the kite and ".repeat(60));
        LogitsProcessor thenFree = (tokens, logits) -> {
            if (tokens.length() - tokens.promptLength() < 60) {
                think.process(tokens, logits);
            }
        };
        Reply reply = model.prompt(ASK)
                .thinking(true)
                .maxTokens(120)
                .logitsProcessor(thenFree)
                .choice("yes", "no")
                .generate();
        assertTrue(List.of("yes", "no").contains(reply.text()), reply.toString());
        assertTrue(reply.stats().thinkingTokens() > 40, reply.stats().toString());
    }

    /** The demo model's context is shorter than what it takes to call an answer a loop. */
    private static Model withLongContext() throws IOException {
        byte[] gguf = DemoConversations.gguf();
        byte[] key = "qwen35.context_length".getBytes(StandardCharsets.UTF_8);
        int at = 0;
        while (!Arrays.equals(gguf, at, at + key.length, key, 0, key.length)) {
            at++;
        }
        int value = at + key.length + Integer.BYTES;
        assertEquals(1024 >> 8, gguf[value + 1]);
        gguf[value + 1] = 4096 >> 8;
        return Model.loader(gguf, "long.gguf").load();
    }

    @Test
    void anAnswerThatRunsInCirclesStillHasItsForm() throws IOException {
        String schema = """
                {"type":"object","properties":{"a":{"type":"string"},"b":{"type":"string"}},"required":["a","b"]}""";
        try (Model patient = withLongContext()) {
            int[] circle = patient.tokenizer().orElseThrow().encode("the fox and the hen saw a kite in the tall tree ");
            LogitsProcessor circles = (tokens, logits) ->
                    logits[circle[(tokens.length() - tokens.promptLength()) % circle.length]] += 1000;
            Prompt text = patient.prompt("Hi")
                    .temperature(0)
                    .logitsProcessor(circles)
                    .maxTokens(2000)
                    .jsonSchema(schema);
            Reply cut = text.generate();
            assertEquals(FinishReason.LOOP, cut.finishReason());
            assertTrue(cut.stats().generatedTokens() < 1200, cut.stats().toString());
            assertTrue(JsonMapper.shared().readTree(cut.text()).has("b"), cut.text());
            Reply full = text.loopGuard(false).generate();
            assertTrue(full.stats().generatedTokens() > 1900, full.stats().toString());
            assertTrue(JsonMapper.shared().readTree(full.text()).has("b"), full.text());
        }
    }

    @Test
    void toolsAndAFormOfTheAnswer() {
        Script script = new Script(model, "<tool_call>\n<function=clock>\n</function>\n</tool_call>", "\"GLAD\"");
        try (Chat chat = model.chat()
                .tools(Tool.of("clock", "The time", () -> "noon"))
                .logitsProcessor(script)
                .open()) {
            assertEquals(Mood.GLAD, chat.message(ASK).as(Mood.class));
            assertEquals(4, chat.messages().size());
        }
    }

    @Test
    void whatCannotBeIsRefused() {
        IllegalArgumentException small = assertThrows(
                IllegalArgumentException.class,
                () -> model.prompt(ASK).maxTokens(5).as(Tale.class));
        assertTrue(String.valueOf(small.getMessage()).contains("raise maxTokens"), small.getMessage());
        assertThrows(IllegalArgumentException.class, () -> model.prompt(ASK).jsonSchema("{\"type\": \"nothing\"}"));
        assertThrows(IllegalArgumentException.class, () -> model.prompt(ASK).regex("(?=x)"));
        assertThrows(IllegalArgumentException.class, () -> model.prompt(ASK).as(Thread.class));
        assertThrows(
                IllegalStateException.class,
                () -> model.prompt(ASK).ignoreEnd().choice("a").generate());
        Cancellation cancelled = new Cancellation();
        cancelled.cancel();
        AnswerException e = assertThrows(
                AnswerException.class,
                () -> model.prompt(ASK).cancelWith(cancelled).as(Tree.class));
        assertTrue(String.valueOf(e.getMessage()).contains("cancelled"), e.getMessage());
    }
}
