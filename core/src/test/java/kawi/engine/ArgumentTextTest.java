package kawi.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import kawi.Model;
import kawi.Tool;
import kawi.ToolCall;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a tool described by a JSON Schema receives for what a model writes. */
class ArgumentTextTest {

    private static Model model;

    @BeforeAll
    static void load() throws IOException {
        model = DemoConversations.loader().load();
    }

    @AfterAll
    static void close() {
        model.close();
    }

    private static String received(String schema, String parameter, String text) {
        var received = new ArrayList<String>();
        var tool = Tool.json("f", "a function", schema, arguments -> {
            received.add(arguments);
            return "done";
        });
        var call = "<tool_call>\n<function=f>\n<parameter=%s>%s</parameter>\n</function>\n</tool_call>"
                .formatted(parameter, text);
        try (var chat = model.chat()
                .tools(tool)
                .maxTokens(200)
                .logitsProcessor(new Script(model, call, "Done."))
                .open()) {
            chat.send("Call it.");
        }
        assertEquals(1, received.size());
        return received.getFirst();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "1e5        | {\"x\":\"1e5\"}",
                "\"quoted\" | {\"x\":\"\\\"quoted\\\"\"}",
                "03106      | {\"x\":\"03106\"}",
                "1.10       | {\"x\":\"1.10\"}",
                "True       | {\"x\":\"True\"}",
                "null       | {\"x\":null}",
            })
    void aStringThatMayBeNull(String text, String arguments) {
        var schema = """
                {"type": "object", "properties": {"x": {"anyOf": [{"type": "string"}, {"type": "null"}], "default": null}},
                 "required": []}""";
        assertEquals(arguments, received(schema, "x", text));
    }

    @Test
    void anObjectAsPythonWritesIt() {
        var schema =
                "{\"type\":\"object\",\"properties\":{\"settings\":{\"type\":\"object\"}},\"required\":[\"settings\"]}";
        assertEquals(
                "{\"settings\":{\"colour\":\"blue\",\"size\":14,\"on\":true,\"x\":null}}",
                received(schema, "settings", "{'colour': 'blue', 'size': 14, 'on': True, 'x': None}"));
    }

    /** None of them says what Kawi could not check, or all that it could not check is left to the tool. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"type\":\"string\",\"default\":{\"pattern\":\"*.ts\"}}",
                "{\"type\":\"string\",\"examples\":[{\"$ref\":\"https://example.org/x\"}]}",
                "{\"enum\":[{\"$ref\":\"#/nowhere\"},\"a\"]}",
                "{\"type\":\"string\",\"pattern\":\"^[^[\\\\]]+$\"}",
                "{\"type\":\"string\",\"pattern\":\"^[a\\\\u{1F600}-\\\\u{1F64F}]+$\"}",
                "{\"type\":\"string\",\"pattern\":\"^(?P<letter>[a-z])\\\\Z\"}",
                "{\"type\":\"string\",\"pattern\":\"^(.)\\\\1?$\"}",
                "{\"type\":\"string\",\"pattern\":\"(\"}",
            })
    void schemasOfOthersAreAccepted(String property) {
        var schema = "{\"type\":\"object\",\"properties\":{\"x\":%s},\"required\":[\"x\"]}".formatted(property);
        var tool = Tool.json("f", "a function", schema, arguments -> arguments);
        assertEquals(
                "{\"x\":\"a\"}",
                tool.call(new ToolCall("1", "f", "{\"x\":\"a\"}")).text());
    }

    @Test
    void aToolMayBeCalledWithArgumentsThatAnAlternativeOfItsSchemaDescribes() {
        var schema = """
                {"anyOf": [{"properties": {"n": {"type": "integer"}}, "required": ["n"]},
                           {"properties": {"s": {"type": "string"}}, "required": ["s"]}]}""";
        assertEquals(
                List.of("{\"n\":1}", "{\"s\":\"1\"}"), List.of(received(schema, "n", "1"), received(schema, "s", "1")));
    }
}
