package kawi.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import kawi.AnswerOptions;
import kawi.Cancellation;
import kawi.Chat;
import kawi.ChatBuilder;
import kawi.Message;
import kawi.Model;
import kawi.ModelFileException;
import kawi.Prompt;
import kawi.Sampling;
import kawi.SamplingPreset;
import kawi.Speculation;
import kawi.Tool;
import kawi.ToolChoice;
import kawi.ToolSpecification;
import kawi.files.Fixture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** Options that cannot have an effect are refused, in every kind of prompt, and the message says what to do. */
class OptionTest {

    private static final ToolSpecification CLOCK = new ToolSpecification("clock", "The time");

    private static LoadedModel model;

    /** Without a chat template. */
    private static LoadedModel plain;

    /** Without a tokenizer. */
    private static Model numeric;

    @BeforeAll
    static void load() throws IOException {
        model = DemoConversations.loader().load();
        numeric = Model.load(Fixture.path("text-vgtk-tied/gguf/model-f32.gguf"));
        plain = DemoConversations.loader("{{ messages[0].content }}").load();
    }

    @AfterAll
    static void close() {
        model.close();
        plain.close();
        numeric.close();
    }

    private static String refused(Executable work) {
        RuntimeException thrown = assertThrows(RuntimeException.class, work);
        assertTrue(
                thrown instanceof IllegalStateException || thrown instanceof IllegalArgumentException,
                () -> String.valueOf(thrown));
        return String.valueOf(thrown.getMessage());
    }

    /** All options of an answer, each with a value that can have an effect somewhere. */
    private static <S extends AnswerOptions<S>> Map<String, UnaryOperator<S>> options() {
        Map<String, UnaryOperator<S>> options = new LinkedHashMap<>();
        options.put("thinking", o -> o.thinking(true));
        options.put("not thinking", o -> o.thinking(false));
        options.put("templateVariable", o -> o.templateVariable("enable_thinking", true));
        options.put("thinkingBudget", o -> o.thinkingBudget(3));
        options.put("loopGuard", o -> o.loopGuard(true));
        options.put("preset", o -> o.preset(SamplingPreset.THINKING));
        options.put("sampling", o -> o.sampling(Sampling.greedy()));
        options.put("temperature", o -> o.temperature(0.5));
        options.put("topK", o -> o.topK(5));
        options.put("topP", o -> o.topP(0.5));
        options.put("minP", o -> o.minP(0.1));
        options.put("typicalP", o -> o.typicalP(0.9));
        options.put("repetitionPenalty", o -> o.repetitionPenalty(1.1));
        options.put("presencePenalty", o -> o.presencePenalty(0.1));
        options.put("frequencyPenalty", o -> o.frequencyPenalty(0.1));
        options.put("penaltyWindow", o -> o.penaltyWindow(9));
        options.put("logitBias", o -> o.logitBias(3, -1));
        options.put("seed", o -> o.seed(1));
        options.put("logprobs", o -> o.logprobs(1));
        options.put("maxTokens", o -> o.maxTokens(4));
        options.put("stop", o -> o.stop("x"));
        options.put("stopTokens", o -> o.stopTokens(5));
        options.put("ignoreEnd", o -> o.ignoreEnd());
        options.put("logitsProcessor", o -> o.logitsProcessor((tokens, logits) -> {}));
        options.put("cancelWith", o -> o.cancelWith(new Cancellation()));
        options.put("jsonSchema", o -> o.jsonSchema("{\"type\":\"boolean\"}"));
        options.put("json", o -> o.json());
        options.put("regex", o -> o.regex("[ab]"));
        options.put("choice", o -> o.choice("a", "b"));
        options.put("speculation", o -> o.speculation(Speculation.upTo(2)));
        return options;
    }

    private static List<String> refusedOptions(Prompt prompt) {
        List<String> refused = new ArrayList<>();
        OptionTest.<Prompt>options().forEach((name, option) -> {
            try {
                Prompt changed = option.apply(prompt);
                (name.equals("maxTokens") ? changed : changed.maxTokens(8)).generate();
            } catch (IllegalStateException | IllegalArgumentException e) {
                refused.add(name);
            }
        });
        return refused;
    }

    @Test
    void allOptionsInAllModes() {
        assertEquals(List.of(), refusedOptions(model.prompt("Hi.")));
        assertEquals(List.of(), refusedOptions(model.prompt(List.of(Message.user("Hi.")))));
        assertEquals(List.of("ignoreEnd"), refusedOptions(model.prompt("Hi.").tools(CLOCK)));
        List<String> thoughts = List.of("thinking", "not thinking", "templateVariable", "thinkingBudget");
        assertEquals(thoughts, refusedOptions(model.prompt("Hi.").raw()));
        assertEquals(thoughts, refusedOptions(model.prompt(1, 2, 3)));
        assertEquals(
                List.of("thinking"),
                refusedOptions(plain.prompt("Hi.")).stream()
                        .filter(name -> name.contains("think"))
                        .toList());
        List<String> ofText = List.of("stop", "jsonSchema", "json", "regex", "choice");
        assertEquals(
                ofText,
                refusedOptions(numeric.prompt(1, 2)).stream()
                        .filter(ofText::contains)
                        .toList());
    }

    @Test
    void allOptionsInAChat() {
        OptionTest.<ChatBuilder>options().forEach((name, option) -> {
            ChatBuilder changed = option.apply(model.chat());
            try (Chat chat = (name.equals("maxTokens") ? changed : changed.maxTokens(8)).open()) {
                chat.send("Hi.");
            }
        });
    }

    @Test
    void messagesNameOptionAndRemedy() {
        Prompt raw = model.prompt("Hi.").raw();
        assertEquals(
                "a raw prompt does not support thinking(true); omit it, or use the chat template",
                refused(raw.thinking(true)::generate));
        assertEquals(
                "a raw prompt does not support a thinkingBudget; omit it, or use the chat template",
                refused(raw.thinkingBudget(5)::stream));
        assertEquals(
                "a raw prompt does not support tools; omit it, or use the chat template",
                refused(raw.tools(CLOCK)::generate));
        assertEquals(
                "a raw prompt does not support a system message; omit it, or use the chat template",
                refused(raw.system("x")::generate));
        assertEquals(
                "messages need the chat template; for a raw prompt give the model a text or token ids",
                refused(model.prompt(List.of(Message.user("x")))::raw));
        assertEquals(
                "the chat template of demo-q8_0.gguf does not support thoughts; omit thinking(true), or load the model"
                        + " with another template, see ModelLoader.chatTemplate",
                refused(plain.prompt("Hi.").thinking(true)::generate));
        assertEquals(
                "a stream of text cannot contain tool calls; use generate() or publisher(), or omit the tools",
                refused(model.prompt("Hi.").tools(CLOCK)::stream));
        assertTrue(
                refused(() -> model.prompt("Hi.").tools(CLOCK).as(String.class)).startsWith("a value cannot contain"));
        assertEquals(
                "a call of a tool has an end; ignoreEnd() cannot be combined with tools",
                refused(model.prompt("Hi.").tools(CLOCK).ignoreEnd()::generate));
    }

    @Test
    void aTemplateThatAlwaysThinksCannotBeToldNotTo() throws IOException {
        try (Model always = DemoConversations.loader(
                        "{# <tool_call> #}{{ '<|im_start|>user\\n' + messages[0].content }}"
                                + "{{ '<|im_end|>\\n<|im_start|>assistant\\n<think>\\n' }}")
                .load()) {
            assertTrue(refused(always.prompt("Hi.").thinking(false)::generate).contains("always begins a thought"));
            assertEquals(
                    4,
                    always.prompt("Hi.")
                            .thinking(true)
                            .maxTokens(4)
                            .generate()
                            .tokens()
                            .size());
        }
    }

    @Test
    void choicesWithoutTools() {
        String none = "the choice of tools is required(), but there are no tools; add some, or omit the choice";
        assertEquals(none, refused(model.prompt("Hi.").toolChoice(ToolChoice.required())::generate));
        assertEquals(none, refused(model.chat().toolChoice(ToolChoice.required())::open));
        try (Chat chat = model.chat().open()) {
            assertEquals(none, refused(chat.message("Hi.").toolChoice(ToolChoice.required())::send));
            assertEquals(0, chat.messages().size());
        }
        assertTrue(refused(model.prompt("Hi.").toolChoice(ToolChoice.named("t"))::generate)
                .contains("named(t)"));
        assertEquals(
                "the choice of tools names t, which is not among those offered: clock",
                refused(model.prompt("Hi.").tools(CLOCK).toolChoice(ToolChoice.named("t"))::generate));
        assertTrue(model.prompt("Hi.")
                .toolChoice(ToolChoice.none())
                .maxTokens(1)
                .generate()
                .toolCalls()
                .isEmpty());
    }

    @Test
    void tokensOutsideOfTheVocabulary() {
        int last = model.vocabularySize() - 1;
        Prompt prompt = model.prompt("Hi.");
        for (int id : new int[] {-1, last + 1, 2_000_000_000}) {
            assertEquals(
                    "stopTokens has the token id %d; ids of this model are between 0 and %d".formatted(id, last),
                    refused(() -> prompt.stopTokens(0, id)));
            refused(() -> prompt.logitBias(id, 1));
            refused(() -> model.chat().logitBias(id, 1));
        }
        assertEquals(
                "logitBias has the token id %d; ids of this model are between 0 and %d".formatted(last + 1, last),
                refused(() -> prompt.sampling(Sampling.greedy().logitBias(last + 1, 1))));
        refused(() -> DemoConversations.loader()
                .sampling(Sampling.greedy().logitBias(last + 1, 1))
                .load());
        refused(() -> prompt.logprobs(-1));
        refused(() -> prompt.logprobs(last + 2));
    }

    @Test
    @SuppressWarnings("NullAway") // null is what is refused
    void nullIsRefusedAtOnceByName() {
        Map<String, Executable> uses = new LinkedHashMap<>();
        uses.put("message", () -> model.prompt((String) null));
        uses.put("messages", () -> model.prompt((List<Message>) null));
        uses.put("message 1", () -> model.prompt(java.util.Arrays.asList(Message.user("x"), null)));
        uses.put("system", () -> model.prompt("x").system(null));
        uses.put("processor", () -> model.prompt("x").logitsProcessor(null));
        uses.put("handle", () -> model.chat().cancelWith(null));
        uses.put("preset", () -> model.chat().preset(null));
        uses.put("sampling", () -> model.chat().sampling(null));
        uses.put("schema", () -> model.chat().jsonSchema(null));
        uses.put("expression", () -> model.chat().regex(null));
        uses.put("choice", () -> model.prompt("x").choice("a", null));
        uses.put("stop string", () -> model.prompt("x").stop("a", null));
        uses.put("tool", () -> model.chat().tools(java.util.Arrays.asList((Tool) null)));
        uses.put("listener", () -> model.prompt("x").generate(null));
        uses.put("text", () -> new Message(Message.Role.USER, null, "", List.of()));
        uses.put("role", () -> new Message(null, "", "", List.of()));
        uses.put("thinking", () -> new Message(Message.Role.USER, "", null, List.of()));
        uses.put("toolCalls", () -> new Message(Message.Role.USER, "", "", null));
        uses.put("name", () -> Tool.of(null, "", () -> 1));
        uses.put("description", () -> Tool.of("t", null, () -> 1));
        uses.put("function", () -> Tool.of("t", "", null));
        uses.put("instance", () -> Tool.methods(null));
        uses.put("path", () -> Model.loader((java.nio.file.Path) null));
        uses.put("reference", () -> Model.loader((String) null));
        uses.put("jinja", () -> DemoConversations.loader().chatTemplate(null));
        uses.put("progress", () -> DemoConversations.loader().progress(null));
        uses.put("tier", () -> DemoConversations.loader().kernels(null));
        uses.forEach((name, use) -> assertEquals(
                name, assertThrows(NullPointerException.class, use, name).getMessage()));
        assertEquals(
                "choice",
                assertThrows(NullPointerException.class, () -> model.chat().toolChoice(null))
                        .getMessage());
    }

    @Test
    void aBrokenTemplateIsReportedWhenTheModelIsLoaded() throws IOException {
        var loader = DemoConversations.loader("{% for %}");
        String message = refused(loader::load);
        assertTrue(
                message.startsWith("the template given to ModelLoader.chatTemplate cannot be used: "
                        + "chat template demo-q8_0.gguf, line 1"),
                message);
    }

    @Test
    void aTemplateThatFailsIsAnArgumentsFault() throws IOException {
        try (Model failing =
                DemoConversations.loader("{{ messages[0].content + 1 }}").load()) {
            String message = refused(failing.prompt("x")::generate);
            assertTrue(
                    message.startsWith("the messages cannot be written: chat template demo-q8_0.gguf, line 1"),
                    message);
        } catch (ModelFileException e) {
            throw new AssertionError(e);
        }
    }
}
