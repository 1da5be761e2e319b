package kawi.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import kawi.Chat;
import kawi.Message;
import kawi.ModelLoader;
import kawi.Prompt;
import kawi.ToolCall;
import kawi.ToolSpecification;
import org.junit.jupiter.api.Test;

/** The variables that a conversation gives to a chat template, and what a template sees of them. */
class TemplateVariablesTest {

    private static final ToolSpecification SAVE = new ToolSpecification("save", "Saves a note", """
            {"type": "object", "required": ["name"], "properties": {
                "name": {"type": "string"}, "file": {"type": "string"},
                "target": {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}}}""");

    private static LoadedModel with(String template, UnaryOperator<ModelLoader> options) throws IOException {
        return (LoadedModel) options.apply(DemoConversations.loader(template)).load();
    }

    private static LoadedModel with(String template) throws IOException {
        return with(template, loader -> loader);
    }

    private static String text(LoadedModel model, Prompt prompt) {
        return model.requireTokenizer().decode(prompt.tokens());
    }

    /** What a template renders for a conversation of one message. */
    private static String rendered(String template, UnaryOperator<Prompt> options) throws IOException {
        try (LoadedModel model = with(template)) {
            return text(model, options.apply(model.prompt("Hi")));
        }
    }

    private static Message answer(String text, ToolCall... calls) {
        return Message.assistant(text, List.of(calls));
    }

    @Test
    void specialTokensAreVariables() throws IOException {
        String template = """
                {%- for m in messages %}{% if m.role == 'assistant' %}{{ 'A: ' + m.content + eos_token + '\\n' }}\
                {% else %}{{ m.role + ': ' + m.content + '\\n' }}{% endif %}{% endfor %}
                {%- if add_generation_prompt %}A: {% endif %}""";
        try (LoadedModel model = with(template)) {
            Prompt prompt = model.prompt(List.of(Message.user("Hi"), answer("Hello!"), Message.user("Again")));
            assertEquals("user: Hi\nA: Hello!<|im_end|>\nuser: Again\nA: ", text(model, prompt));
            int end = model.requireTokenizer().id("<|im_end|>").orElseThrow();
            assertEquals(
                    1, Arrays.stream(prompt.tokens()).filter(id -> id == end).count());
        }
    }

    @Test
    void whatThereIsNotIsNone() throws IOException {
        assertEquals(
                "True True None|True",
                rendered(
                        "{{ tools is none }} {{ documents is none }} {{ tools }}|{{ mask_token is undefined }}",
                        prompt -> prompt));
    }

    @Test
    void toolsAndArgumentsAreSeenAsTheyAre() throws IOException {
        String template = """
                {%- for tool in tools or [] %}<tool name="{{ tool.function.name }}" \
                takes="{{ tool.function.parameters.properties.keys() | join(',') }}">
                {%- for name, p in tool.function.parameters.properties.items() %}
                {%- if p.type == 'object' %} {{ name }}:{{ p.properties.name.type }}{% endif %}
                {%- endfor %}
                {% endfor %}
                {%- for m in messages %}<|im_start|>{{ m.role }}
                {{ m.content }}
                {%- for c in m.tool_calls or [] %}<call {{ c.function.name }} {{ c.function.arguments.name }}>\
                {% endfor %}<|im_end|>
                {% endfor %}
                {%- if add_generation_prompt %}<|im_start|>assistant
                {% endif %}""";
        ToolCall call = new ToolCall("call00001", "save", "{\"name\": \"a\"}");
        try (LoadedModel model = with(template)) {
            Prompt prompt = model.prompt(List.of(Message.user("Save it"), answer("", call), Message.tool(call, "ok")))
                    .tools(SAVE);
            assertEquals("""
                    <tool name="save" takes="name,file,target"> target:string<|im_start|>user
                    Save it<|im_end|>
                    <|im_start|>assistant
                    <call save a><|im_end|>
                    <|im_start|>tool
                    ok<|im_end|>
                    <|im_start|>assistant
                    """, text(model, prompt));
        }
    }

    @Test
    void textFromOutsideHasItsLengthAndIsComparable() throws IOException {
        String text = "<|im_end|>name<think>\uFDD1";
        assertEquals(
                "%d True True [%s] '%s'".formatted(text.length(), text, text.replace("\uFDD1", "\\ufdd1")),
                rendered(
                        "{% set c = messages[0].content %}{{ c | length }} {{ c == given }} {{ c[10:14] == 'name' }}"
                                + " [{{ c }}] {{ '%r' % c }}",
                        prompt -> prompt.system(text).templateVariable("given", text)));
    }

    @Test
    void callsAndResultsHaveIds() throws IOException {
        String template = """
                {%- for m in messages %}
                {%- for c in m.tool_calls or [] %}
                {%- if c.id is not defined or c.id | length != 9 %}{{ raise_exception('9 characters') }}{% endif %}
                {%- endfor %}
                {%- if m.role == 'tool' and m.tool_call_id is not defined %}{{ raise_exception('no id') }}{% endif %}
                {{- m.role }}:{{ m.content }}{{ m.tool_call_id }}{{ m.name }}
                {%- for c in m.tool_calls or [] %}<{{ c.type }} {{ c.id }} {{ c.function.name }}>{% endfor %};
                {%- endfor %}""";
        ToolCall one = new ToolCall("call00001", "save", "{\"name\": \"a\"}");
        ToolCall two = new ToolCall("call00002", "load", "{\"name\": \"a\"}");
        Message unnamed = new Message(Message.Role.TOOL, "ok", "", List.of());
        try (LoadedModel model = with(template)) {
            assertEquals(
                    "user:Go;assistant:<function call00001 save><function call00002 load>;"
                            + "tool:okcall00001save;tool:okcall00002load;",
                    text(model, model.prompt(List.of(Message.user("Go"), answer("", one, two), unnamed, unnamed))));
            assertEquals(
                    "user:Go;assistant:<function call00001 save>;tool:donecall00001save;user:More;",
                    text(
                            model,
                            model.prompt(List.of(
                                    Message.user("Go"),
                                    answer("", one),
                                    Message.tool(one, "done"),
                                    Message.user("More")))));
            assertEquals(
                    "the chat template of demo-q8_0.gguf, line 5, refuses these messages: no id",
                    assertThrows(
                                    IllegalArgumentException.class,
                                    model.prompt(List.of(Message.user("Go"), unnamed))::tokens)
                            .getMessage());
        }
    }

    @Test
    void generatedIdsAreNineLettersAndDigits() {
        assertEquals("call00001", ToolOffer.callId(1));
        assertEquals("call99999", ToolOffer.callId(99_999));
    }

    private static final String SWITCHED = """
            {%- for m in messages %}<|im_start|>{{ m.role }}
            {% if m.reasoning_content and (preserve_thinking | default(false) or loop.last) %}<think>
            {{ m.reasoning_content }}
            </think>

            {% endif %}{{ m.content }}<|im_end|>
            {% endfor %}{% if add_generation_prompt %}<|im_start|>assistant
            {% endif %}""";

    @Test
    void variablesOfTheCallerForLoaderChatAndMessage() throws IOException {
        String with = """
                <|im_start|>user
                Hi<|im_end|>
                <|im_start|>assistant
                <think>
                I greet.
                </think>

                Hello!<|im_end|>
                <|im_start|>user
                Again<|im_end|>
                <|im_start|>assistant
                """;
        String without = with.replace("<think>\nI greet.\n</think>\n\n", "");
        List<Message> messages =
                List.of(Message.user("Hi"), new Message(Message.Role.ASSISTANT, "Hello!", "I greet.", List.of()));
        List<Message> all = new ArrayList<>(messages);
        all.add(Message.user("Again"));
        try (LoadedModel model = with(SWITCHED)) {
            assertEquals(without, text(model, model.prompt(all)));
            assertEquals(with, text(model, model.prompt(all).templateVariable("preserve_thinking", true)));
            try (Chat chat = model.chat()
                    .messages(messages)
                    .templateVariable("preserve_thinking", true)
                    .maxTokens(1)
                    .open()) {
                assertEquals(with, seen(model, chat, true));
            }
            try (Chat chat = model.chat().messages(messages).maxTokens(1).open()) {
                assertEquals(with, seen(model, chat, true));
                chat.undo();
                assertEquals(without, seen(model, chat, false));
            }
        }
        try (LoadedModel model = with(SWITCHED, loader -> loader.templateVariable("preserve_thinking", true))) {
            assertEquals(with, text(model, model.prompt(all)));
            assertEquals(without, text(model, model.prompt(all).templateVariable("preserve_thinking", false)));
        }
    }

    /** The prompt of the next message, as a processor sees it. */
    private static String seen(LoadedModel model, Chat chat, boolean preserve) {
        List<String> prompts = new ArrayList<>();
        chat.message("Again")
                .templateVariable("preserve_thinking", preserve)
                .logitsProcessor((history, logits) -> {
                    int[] tokens = new int[history.length()];
                    for (int i = 0; i < tokens.length; i++) {
                        tokens[i] = history.get(i);
                    }
                    prompts.add(model.requireTokenizer().decode(tokens));
                })
                .send();
        return prompts.getFirst();
    }

    @Test
    void theOptionOfAnAnswerReplacesTheVariableOfTheLoader() throws IOException {
        String template = "{{ enable_thinking }}";
        try (LoadedModel model = with(template, loader -> loader.templateVariable("enable_thinking", false))) {
            assertEquals("False", text(model, model.prompt("Hi")));
            assertEquals("True", text(model, model.prompt("Hi").thinking(true)));
            assertEquals(
                    "False", text(model, model.prompt("Hi").thinking(true).templateVariable("enable_thinking", false)));
        }
    }

    @Test
    void valuesOfAllTypesAreCopied() throws IOException {
        Map<String, Object> document = new LinkedHashMap<>(Map.of("title", "<|im_end|>"));
        List<Object> documents = new ArrayList<>(List.of(document));
        String template = "{{ [text, flag, number, big, real, nothing, documents] }}";
        try (LoadedModel model = with(template)) {
            Prompt prompt = model.prompt("Hi")
                    .templateVariable("text", "x")
                    .templateVariable("flag", true)
                    .templateVariable("number", 3)
                    .templateVariable("big", java.math.BigInteger.TWO.pow(70))
                    .templateVariable("real", 0.5f)
                    .templateVariable("nothing", null)
                    .templateVariable("documents", documents);
            document.put("title", "changed");
            documents.clear();
            assertEquals(
                    "['x', True, 3, 1180591620717411303424, 0.5, None, [{'title': '<|im_end|>'}]]",
                    text(model, prompt));
            int end = model.requireTokenizer().id("<|im_end|>").orElseThrow();
            assertFalse(Arrays.stream(prompt.tokens()).anyMatch(id -> id == end));
        }
    }

    @Test
    void variablesThatCannotHaveAnEffectAreRefused() throws IOException {
        try (LoadedModel model = with(SWITCHED)) {
            Prompt prompt = model.prompt("Hi");
            assertEquals(
                    "the chat template of demo-q8_0.gguf does not use the variable preserve_thinkin; omit it, or load the"
                            + " model with another template, see ModelLoader.chatTemplate",
                    assertThrows(IllegalStateException.class, prompt.templateVariable("preserve_thinkin", true)::tokens)
                            .getMessage());
            assertEquals(
                    "a raw prompt does not support a templateVariable; omit it, or use the chat template",
                    assertThrows(
                                    IllegalStateException.class,
                                    prompt.raw().templateVariable("preserve_thinking", true)::tokens)
                            .getMessage());
            assertEquals(
                    "the template variable tools is that of the tools of the conversation; give tools instead",
                    refused(prompt, "tools", List.of()));
            assertEquals(
                    "the template variable messages is that of the conversation; give messages instead",
                    refused(prompt, "messages", List.of()));
            assertEquals(
                    "the template variable x.a[1] is of type java.math.BigDecimal; give a string, a boolean, a number, null,"
                            + " or a list or map of such values",
                    refused(prompt, "x", Map.of("a", List.of(1, BigDecimal.ONE))));
            assertEquals(
                    "the template variable x has a key that is not a string", refused(prompt, "x", Map.of(1, "a")));
            List<Object> itself = new ArrayList<>();
            itself.add(itself);
            assertTrue(refused(prompt, "x", itself).endsWith("is nested more than 50 levels deep"));
        }
    }

    private static String refused(Prompt prompt, String name, Object value) {
        return String.valueOf(assertThrows(IllegalArgumentException.class, () -> prompt.templateVariable(name, value))
                .getMessage());
    }

    @Test
    void anEmptyThoughtIsGivenOnlyWhereTheTextCouldBeTakenForOne() throws IOException {
        String template =
                "{% for m in messages %}{{ m.reasoning_content is defined }}|{{ m.reasoning_content }} {% endfor %}";
        try (LoadedModel model = with(template)) {
            List<Message> messages = List.of(
                    Message.user("</think>"),
                    answer("Plain"),
                    answer("The tag </think> ends one"),
                    new Message(Message.Role.ASSISTANT, "", "hm", List.of()));
            assertEquals("False| False| True| True|hm ", text(model, model.prompt(messages)));
        }
    }

    @Test
    void aTemplateForPartsIsGivenParts() throws IOException {
        String template = """
                {%- for m in messages %}[{{ m.role }}]{% for part in m.content %}\
                {% if part.type == 'text' %}{{ part.text }}{% endif %}{% endfor %}
                {%- endfor %}""";
        try (LoadedModel model = with(template)) {
            assertEquals(
                    "[system]Brief.[user]Hi[assistant]Hello!",
                    text(model, model.prompt(List.of(Message.system("Brief."), Message.user("Hi"), answer("Hello!")))));
        }
    }

    @Test
    void aTemplateForArgumentsAsTextIsGivenText() throws IOException {
        ToolCall call = new ToolCall("call00001", "save", "{\"name\": 1.50}");
        List<Message> messages = List.of(Message.user("Go"), answer("", call), Message.tool(call, "ok"));
        String template = "{% for m in messages %}{% for c in m.tool_calls or [] %}"
                + "{{ c.function.name + '(' + c.function.arguments + ')' }}{% endfor %}{% endfor %}";
        try (LoadedModel model = with(template)) {
            assertEquals("save({\"name\": 1.50})", text(model, model.prompt(messages)));
        }
        String json = template.replace("c.function.arguments", "c.function.arguments | tojson");
        try (LoadedModel model = with(json)) {
            assertEquals("save({\"name\": 1.5})", text(model, model.prompt(messages)));
        }
    }

    @Test
    void aTemplateForNoContentIsGivenNone() throws IOException {
        ToolCall call = new ToolCall("call00001", "save", "{}");
        List<Message> messages = List.of(Message.user("Go"), answer("", call), Message.tool(call, ""), answer("Done"));
        String template = "{% for m in messages %}{% if m.content is none %}<{{ m.tool_calls[0].function.name }}>"
                + "{% else %}{{ m.role }}:{{ m.content }};{% endif %}{% endfor %}";
        try (LoadedModel model = with(template)) {
            assertEquals("user:Go;<save>tool:;assistant:Done;", text(model, model.prompt(messages)));
        }
    }

    /** As Python's {@code json.loads} and {@code json.dumps} do. */
    @Test
    void argumentsAndToolsKeepOrderAndKindsOfNumbers() throws IOException {
        String json = "{\"z\": 1.0, \"a\": 1e3, \"big\": 100000000000000000000, \"n\": null, \"Ω\": [true, 7, \"é\"]}";
        ToolCall call = new ToolCall("call00001", "save", json);
        List<Message> messages = List.of(Message.user("Go"), answer("", call));
        String seen = json.replace("1e3", "1000.0");
        try (LoadedModel model = with("{{ messages[1].tool_calls[0].function.arguments | tojson }}"
                + "{{ tools[0].function.parameters | tojson }}")) {
            String schema =
                    "{\"type\": \"object\", \"title\": \"T\", \"x-note\": {\"k\": [1.0, 2]}, \"properties\": {}}";
            Prompt prompt = model.prompt(messages).tools(new ToolSpecification("save", "Saves a note", schema));
            assertEquals(seen + schema, text(model, prompt));
        }
    }
}
