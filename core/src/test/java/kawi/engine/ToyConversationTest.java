package kawi.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import kawi.Chat;
import kawi.ChatBuilder;
import kawi.FinishReason;
import kawi.Message;
import kawi.Model;
import kawi.Name;
import kawi.Reply;
import kawi.SamplingPreset;
import kawi.Tool;
import kawi.ToolChoice;
import kawi.ToolResult;
import kawi.dialect.Dialects;
import kawi.dialect.QwenDialect;
import kawi.dialect.ToyDialect;
import kawi.tokenizer.OriginText;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Conversations in a dialect other than Qwen's, from the prompt to the calls; the template decides which it is. */
class ToyConversationTest {

    private static final Settings THINKING = Settings.DEFAULT.with(draft -> draft.thinking = true);

    private static final String TEMPLATE = """
            {%- if tools %}<|image_pad|>You may write [TOOL]{{ tools | tojson }}[/TOOL]<|vision_end|>{% endif %}
            {%- for m in messages %}<|vision_start|>{{ m.role }}: {{ m.content }}
            {%- for c in m.tool_calls or [] -%}
              [TOOL]{"name": "{{ c.function.name }}", "arguments": {{ c.function.arguments | tojson }}}[/TOOL]
            {%- endfor -%}
            <|vision_end|>{% endfor %}
            {%- if add_generation_prompt %}<|vision_start|>assistant: {% if effort | default('none') == 'high' %}<<<
            {% endif %}{% endif %}""";

    private static final String END = "<|vision_end|>";
    private static final String ASK = "Will it rain in Yogyakarta?";
    private static final String CALL =
            "[TOOL]{\"name\": \"weather\", \"arguments\": {\"name\": \"Yogya [/TOOL] karta\", \"days\": 2}}[/TOOL]";

    private static LoadedModel model;

    record City(String name, Optional<Integer> days) {}

    record Spaced(@Name("two words") int number) {}

    private final List<City> asked = new ArrayList<>();

    @BeforeAll
    static void load() throws IOException {
        model = load(new Dialects(List.of(new QwenDialect(), new ToyDialect())));
    }

    private static LoadedModel load(Dialects dialects) throws IOException {
        CheckpointLoader loader = (CheckpointLoader) Model.loader(DemoConversations.gguf(), "demo-q8_0.gguf");
        return loader.chatTemplate(TEMPLATE).dialects(dialects).load();
    }

    @AfterAll
    static void close() {
        model.close();
    }

    private ChatBuilder chat() {
        return model.chat()
                .tool("weather", "Weather of a city", City.class, city -> {
                    asked.add(city);
                    return "rain in " + city.name();
                })
                .maxTokens(300);
    }

    private static Script script(String... texts) {
        return new Script(END, model, texts);
    }

    @Test
    void theTemplateHasDecided() {
        assertEquals("toy", model.dialect().name());
        kawi.tokenizer.Tokenizer tokenizer = model.requireTokenizer();
        assertTrue(model.endTokens().contains(tokenizer.id(END).orElseThrow()));
        assertFalse(model.messageStarts().get(tokenizer.id("<|im_start|>").orElseThrow()));
        assertEquals(5, model.sampling().topK());
        assertEquals(0.25, model.sampling(SamplingPreset.THINKING_CODING).temperature());
    }

    @Test
    void thoughtsCallsAndResultsInItsOwnTags() {
        Script script =
                script("I must look.\n>>>\nOne moment. " + CALL, "So\n>>>\nYes > no, <<< it is >>> [b]wet[/b].");
        try (Chat chat = chat().thinking(true).logitsProcessor(script).open()) {
            List<String> heard = new ArrayList<>();
            Reply reply = chat.send(ASK, heard::add);
            assertEquals(List.of(new City("Yogya [/TOOL] karta", Optional.of(2))), asked);
            assertEquals("One moment.Yes > no, <<< it is >>> [b]wet[/b].", reply.text());
            assertEquals(reply.text(), String.join("", heard));
            assertEquals("I must look.So", reply.thinking());
            assertEquals(FinishReason.END, reply.finishReason());
            assertEquals(2, script.rounds());
            PromptTokens next = new ChatFormat(model)
                    .prompt(chat.messages().subList(0, 3), ((Conversation) chat).offered(), THINKING);
            String prompt = model.requireTokenizer().decode(next.ids());
            assertTrue(prompt.contains("<|vision_start|>assistant: One moment." + CALL + END), prompt);
            assertTrue(
                    prompt.endsWith("<|vision_start|>observation: rain in Yogya [/TOOL] karta" + END
                            + "<|vision_start|>assistant: <<<\n"),
                    prompt);
            assertTrue(next.insideThought());
            assertEquals(2, next.boundaries().length);
        }
    }

    @Test
    void goingOnAfterToolsReadsOnlyTheResults() {
        try (Chat chat = chat().logitsProcessor(script(CALL, "Done.")).open()) {
            Reply reply = chat.send(ASK);
            assertEquals("Done.", reply.text());
            int first = new ChatFormat(model)
                    .prompt(List.of(Message.user(ASK)), ((Conversation) chat).offered(), Settings.DEFAULT)
                    .ids()
                    .length;
            assertTrue(
                    reply.stats().prefilledTokens() < first + 40, reply.stats().toString());
        }
    }

    @Test
    void streamsShowNoMarkup() {
        Script script = script("Hm >> hm\n>>>\nOne moment. " + CALL, ">>>It is wet.");
        try (Chat chat = chat().thinking(true).logitsProcessor(script).open()) {
            assertEquals("One moment.It is wet.", chat.stream(ASK).collect(Collectors.joining()));
            assertEquals(1, asked.size());
        }
    }

    @Test
    void aMalformedCallIsCorrectedOnce() {
        Script script =
                script("[TOOL]{\"name\": \"weather\", \"arguments\": {\"days\": \"soon\"}}[/TOOL]", CALL, "Yes.");
        try (Chat chat = chat().logitsProcessor(script).open()) {
            assertEquals("Yes.", chat.send(ASK).text());
            assertEquals(1, asked.size());
        }
    }

    @Test
    void forcedCallsAreWrittenInItsSyntax() {
        for (int seed = 0; seed < 5; seed++) {
            asked.clear();
            try (Chat chat = chat().tools(Tool.of("spaced", "Any name will do", Spaced.class, Spaced::number))
                    .temperature(1)
                    .maxTokens(80)
                    .seed(seed)
                    .open()) {
                Reply reply = chat.message(ASK)
                        .toolChoice(ToolChoice.named("weather"))
                        .send();
                assertFalse(asked.isEmpty());
                assertFalse(reply.text().contains("TOOL"), reply.text());
                reply = chat.message(ASK).toolChoice(ToolChoice.named("spaced")).send();
                ToolResult first = reply.tools().getFirst();
                assertEquals("spaced", first.call().name());
                assertTrue(first.call().arguments().matches("\\{\"two words\": ?-?\\d+}"), first.toString());
                assertEquals(
                        List.of(),
                        chat.message(ASK).toolChoice(ToolChoice.none()).send().tools());
            }
        }
    }

    @Test
    void aThoughtIsClosedWhenItsBudgetIsSpent() {
        try (Chat chat =
                model.chat().temperature(1).seed(3).maxTokens(80).thinking(true).open()) {
            Reply reply = chat.message(ASK).thinkingBudget(0).send();
            int[] closing = model.requireTokenizer().encode(OriginText.ofTemplate("\n>>>\n"));
            assertArrayEquals(
                    closing,
                    reply.tokens().subList(0, closing.length).stream()
                            .mapToInt(Integer::intValue)
                            .toArray());
            assertEquals(closing.length, reply.stats().thinkingTokens());
            assertEquals("", reply.thinking());
            assertFalse(reply.text().contains(">>>"), reply.text());
        }
    }

    @Test
    void anAnswerOfAGivenFormFollowsAThought() {
        try (Chat chat = model.chat().temperature(1).maxTokens(200).open()) {
            for (int seed = 0; seed < 5; seed++) {
                Reply reply = chat.message(ASK)
                        .thinking(true)
                        .thinkingBudget(6)
                        .seed(seed)
                        .regex("[a-z]{3,9}!")
                        .send();
                assertTrue(reply.text().matches("[a-z]{3,9}!"), reply.text());
                assertTrue(reply.stats().thinkingTokens() > 6, reply.stats().toString());
            }
        }
    }

    @Test
    void itsOwnTokenEndsAnAnswer() {
        Reply reply = model.prompt(ASK).logitsProcessor(script("It will.")).generate();
        assertEquals("It will.", reply.text());
        assertEquals(FinishReason.END, reply.finishReason());
    }

    @Test
    void whereNoDialectIsKnownAllIsText() throws IOException {
        try (Model plain = load(new Dialects(List.of()))) {
            Script said = new Script(plain, "<think>a</think> [TOOL]{}");
            assertEquals(
                    "<think>a</think> [TOOL]{}",
                    plain.chat().logitsProcessor(said).open().send(ASK).text());
            Tool clock = Tool.of("clock", "The time", () -> "noon");
            var refusal =
                    assertThrows(IllegalStateException.class, () -> plain.chat().tools(clock));
            assertTrue(
                    String.valueOf(refusal.getMessage()).startsWith("how demo-q8_0.gguf calls tools is not known"),
                    refusal.getMessage());
            assertThrows(IllegalStateException.class, () -> plain.prompt("x").preset(SamplingPreset.THINKING));
        }
    }

    @Test
    void namesThatAModelCannotWriteAreRefused() throws IOException {
        try (Model qwen = DemoConversations.loader().load()) {
            var refusal = assertThrows(
                    IllegalArgumentException.class,
                    () -> qwen.chat().tools(Tool.of("t", "", Spaced.class, Spaced::number)));
            assertEquals(
                    "tool \"t\": a parameter cannot be called \"two words\": names are written as they are, without spaces, < and >",
                    refusal.getMessage());
        }
    }
}
