package kawi.engine;

import static kawi.engine.VisionModel.ask;
import static kawi.engine.VisionModel.picture;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import kawi.Chat;
import kawi.Message;
import kawi.Part;
import kawi.Reply;
import kawi.ToolCall;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pictures in conversations with tools and thoughts, whose prompts are continued and written anew. */
class ImageToolTest {

    private static final String CALL =
            "<tool_call>\n<function=weather>\n<parameter=name>\nSolo\n</parameter>\n</function>\n</tool_call>";

    @TempDir
    private static Path folder;

    private static LoadedModel model;

    record City(String name) {}

    @BeforeAll
    static void load() throws IOException {
        String template;
        try (InputStream in =
                Objects.requireNonNull(ImageToolTest.class.getResourceAsStream("/kawi/thinking-and-tools.jinja"))) {
            template = new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
        String parts = """
                {%- macro show(content) %}
                    {%- if content is string %}{{- content }}{%- else %}
                        {%- for part in content %}
                            {%- if part.type == 'image' %}{{- '<|vision_start|><|image_pad|><|vision_end|>' }}
                            {%- else %}{{- part.text }}{%- endif %}
                        {%- endfor %}
                    {%- endif %}
                {%- endmacro %}
                """;
        model = (LoadedModel) VisionModel.in(folder)
                .loader()
                .chatTemplate(parts
                        + template.replace(
                                "{%- set content = message.content | trim %}",
                                "{%- set content = show(message.content) | trim %}"))
                .load();
    }

    @AfterAll
    static void close() {
        model.close();
    }

    @Test
    void anAnswerGoesOnAfterAToolWithoutReadingThePictureAgain() {
        List<City> asked = new ArrayList<>();
        Part.Image photo = picture(1, 4, 3);
        Script script = new Script(model, CALL, "Wet.", "As before.");
        try (Chat chat = model.chat()
                .tool("weather", "Weather of a city", City.class, city -> {
                    asked.add(city);
                    return "rain";
                })
                .temperature(0)
                .logitsProcessor(script)
                .open()) {
            Reply reply = chat.message(ask("Will it rain here?", photo)).send();
            assertEquals(List.of(new City("Solo")), asked);
            assertEquals("Wet.", reply.text());
            assertEquals(1, reply.stats().images().encoded());
            assertEquals(12, reply.stats().images().tokens());
            int first = model.chatFormat()
                    .prompt(chat.messages().subList(0, 1), ((Conversation) chat).offered(), Settings.DEFAULT)
                    .length();
            assertTrue(reply.stats().reusedTokens() >= first, reply.toString());
            Reply next = chat.message(ask("And there?", picture(2, 2, 2))).send();
            assertEquals("As before.", next.text());
            assertEquals(16, next.stats().images().tokens());
            assertEquals(1, next.stats().images().encoded());
        }
    }

    /** After a tool, the tokens are those of the whole conversation written anew. */
    @Test
    void theContinuedPromptIsThatOfTheWholeConversation() {
        List<Message> question = List.of(ask("Will it rain?", picture(3, 2, 3)));
        ToolCall call = new ToolCall("call00001", "weather", "{\"name\":\"Solo\"}");
        List<Message> before = new ArrayList<>(question);
        before.add(Message.assistant("", List.of(call)));
        List<Message> results = List.of(new Message(
                Message.Role.TOOL,
                List.of(picture(4, 2, 2), Part.text("rain")),
                "",
                List.of(),
                "call00001",
                "weather"));
        ChatFormat format = model.chatFormat();
        List<Message> all = new ArrayList<>(before);
        all.addAll(results);
        PromptTokens whole = format.prompt(all, List.of(), Settings.DEFAULT);
        PromptTokens asked = format.prompt(question, List.of(), Settings.DEFAULT);
        int end = model.requireTokenizer().id("<|im_end|>").orElseThrow();
        int at = asked.length();
        while (whole.ids()[at] != end) {
            at++;
        }
        PromptTokens next = format.afterTools(whole.prefix(at), before, results, List.of(), Settings.DEFAULT);
        assertArrayEquals(whole.ids(), next.ids());
        assertEquals(whole.text().images(), next.text().images());
        assertEquals(2, next.images().images().size());
        for (int i = 0; i < 2; i++) {
            assertEquals(
                    next.text().images().get(i).content(),
                    next.images().images().get(i).content());
        }
    }

    /** The template drops the thought of an answer, so the conversation is read ahead in the background. */
    @Test
    void whatIsReadAheadHasThePicture() {
        Script script = new Script(model, "I see.\n</think>\n\nA cat.", "So?\n</think>\n\nYes.");
        try (Chat chat = model.chat()
                .thinking(true)
                .temperature(0)
                .logitsProcessor(script)
                .open()) {
            Reply first = chat.message(ask("What is it?", picture(5, 3, 3))).send();
            assertEquals("I see.", first.thinking().strip());
            Reply second = chat.send("Sure?");
            assertEquals("Yes.", second.text());
            assertEquals(0, second.stats().images().encoded());
            assertTrue(second.stats().reusedTokens() > first.stats().promptTokens() - 10, second.toString());
        }
    }
}
