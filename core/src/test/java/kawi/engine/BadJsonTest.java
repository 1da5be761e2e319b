package kawi.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.util.List;
import kawi.Chat;
import kawi.Message;
import kawi.Model;
import kawi.Tool;
import kawi.ToolCall;
import org.junit.jupiter.api.Test;

/** Invalid JSON from the caller is rejected in Kawi's words, with its place and what to give instead. */
class BadJsonTest {

    private static List<Message> historyWith(String arguments) {
        return List.of(
                Message.user("Will it rain?"),
                new Message(Message.Role.ASSISTANT, "", "", List.of(new ToolCall("call-1", "weather", arguments))),
                new Message(Message.Role.TOOL, "no", "", List.of()));
    }

    @Test
    void historyWithBadArgumentsOfACall() throws IOException {
        try (Model model = DemoConversations.loader().load()) {
            assertEquals(
                    "the arguments of the call call-1 of tool weather are not JSON: line 1, column 2: expected the name of"
                            + " a property in double quotes, found 'city'; give an object such as {\"city\": \"Rome\"}",
                    refusal(model, historyWith("{city: Rome}")));
            assertEquals(
                    "the arguments of the call call-1 of tool weather are no JSON object, but [1]; give one such as"
                            + " {\"city\": \"Rome\"}",
                    refusal(model, historyWith("[1]")));
        }
    }

    private static String refusal(Model model, List<Message> history) {
        try (Chat chat = model.chat().messages(history).maxTokens(1).open()) {
            return String.valueOf(assertThrows(IllegalArgumentException.class, () -> chat.send("And?"))
                    .getMessage());
        }
    }

    @Test
    void badSchemas() throws IOException {
        try (Model model = DemoConversations.loader().load()) {
            assertEquals(
                    "JSON Schema: this is not valid JSON: line 1, column 10: expected a value, found 'object'",
                    assertThrows(
                                    IllegalArgumentException.class,
                                    () -> model.prompt("?").jsonSchema("[\"type\", object]"))
                            .getMessage());
            assertEquals(
                    "tool \"t\": the schema is not JSON: line 1, column 2: the text ends inside an object",
                    assertThrows(IllegalArgumentException.class, () -> Tool.json("t", "", "{", arguments -> ""))
                            .getMessage());
        }
    }
}
