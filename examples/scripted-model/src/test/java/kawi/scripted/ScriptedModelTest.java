package kawi.scripted;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.Map;
import kawi.Chat;
import kawi.FinishReason;
import kawi.Model;
import kawi.Reply;
import kawi.Tool;
import kawi.ToolSpecification;
import kawi.demo.DemoModel;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class ScriptedModelTest {

    private static final String SCHEMA =
            "{\"type\":\"object\",\"properties\":{\"city\":{\"type\":\"string\"}},\"required\":[\"city\"]}";

    record Place(String city) {}

    private static Model demo;
    private static Model model;

    @BeforeAll
    static void load() {
        demo = DemoModel.load();
        model = ScriptedModel.of(demo, ScriptedModelTest::script);
    }

    @AfterAll
    static void close() {
        model.close();
        assertThrows(IllegalStateException.class, () -> demo.generate("Hello"));
    }

    private static String script(String prompt) {
        if (prompt.contains("It rains")) {
            return "Take an umbrella.";
        }
        return prompt.contains("weather")
                ? ScriptedModel.call("weather", Map.of("city", "Paris"))
                : "Berlin, \u00E9\uD83E\uDE81";
    }

    @Test
    void givesTheAnswerOfTheScript() {
        Reply reply = model.generate("What is the capital of Germany?");
        assertEquals("Berlin, \u00E9\uD83E\uDE81", reply.text());
        assertEquals(FinishReason.END, reply.finishReason());
        assertEquals(
                reply.text(), model.prompt("Germany?").temperature(1.5).stream().reduce("", String::concat));
        assertEquals(2, model.prompt("Germany?").generateAll(2).size());
    }

    @Test
    void anOpenThoughtIsClosed() {
        Reply reply = model.prompt("Germany?").thinking(true).generate();
        assertEquals("Berlin, \u00E9\uD83E\uDE81", reply.text());
        assertEquals("", reply.thinking());
    }

    @Test
    void callsAreRead() {
        Reply reply = model.prompt("How is the weather?")
                .tools(new ToolSpecification("weather", "Weather of a city", SCHEMA))
                .generate();
        assertEquals("{\"city\":\"Paris\"}", reply.toolCalls().getFirst().arguments());
        assertEquals(FinishReason.TOOL_CALLS, reply.finishReason());
    }

    @Test
    void chatsRunTools() {
        Tool weather = Tool.of("weather", "Weather of a city", Place.class, place -> "It rains in " + place.city());
        try (Chat chat = model.chat().tools(weather).open()) {
            Reply reply = chat.send("How is the weather?");
            assertEquals("Take an umbrella.", reply.text());
            assertEquals(
                    List.of("It rains in Paris"),
                    reply.tools().stream().map(result -> result.text()).toList());
        }
    }
}
