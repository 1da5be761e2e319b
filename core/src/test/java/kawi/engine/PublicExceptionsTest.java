package kawi.engine;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.Socket;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import kawi.Chat;
import kawi.Matches;
import kawi.Message;
import kawi.Model;
import kawi.Tool;
import kawi.ToolCall;
import kawi.ToolChoice;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What users are thrown is of a type that they can name: of the JDK or of the exported package, causes included. */
class PublicExceptionsTest {

    private static Model model;

    @BeforeAll
    static void load() throws IOException {
        model = DemoConversations.loader().load();
    }

    @AfterAll
    static void close() {
        model.close();
    }

    record Unsupported(Socket socket) {}

    record BadPattern(@Matches("(") String text) {}

    record Keys(Map<Integer, String> map) {}

    record Even(int number) {
        Even {
            if (number % 2 != 0) {
                throw new IllegalArgumentException("odd");
            }
        }
    }

    static Stream<Executable> misuses() {
        return Stream.of(
                () -> model.prompt("?").jsonSchema("{"),
                () -> model.prompt("?").jsonSchema("{\"type\":\"none\"}"),
                () -> model.prompt("?").jsonSchema("{\"pattern\":\"(\"}"),
                () -> model.prompt("?").jsonSchema("{\"allOf\":[{\"$ref\":\"#\"}]}"),
                () -> model.prompt("?").jsonSchema("{\"not\":{}}"),
                () -> model.prompt("?").jsonSchema("false"),
                () -> model.prompt("?").regex("(a"),
                () -> model.prompt("?").regex("(a{1000}){1000}"),
                () -> model.prompt("?").choice(),
                () -> model.prompt("?")
                        .maxTokens(1)
                        .jsonSchema("{\"minLength\":500}")
                        .generate(),
                () -> model.prompt("?").maxTokens(100).as(Unsupported.class),
                () -> model.prompt("?").maxTokens(100).as(BadPattern.class),
                () -> model.prompt("?").maxTokens(100).as(Keys.class),
                () -> model.prompt("?").maxTokens(1).as(Even.class),
                () -> Tool.json("t", "", "{", arguments -> ""),
                () -> Tool.json("t", "", "[1]", arguments -> ""),
                () -> Tool.json("t", "", "{\"allOf\":[{\"$ref\":\"#\"}]}", arguments -> ""),
                () -> Tool.json("t", "", "{\"properties\":{\"a\":{\"$ref\":\"#/none\"}}}", arguments -> ""),
                () -> Tool.of("t", "", Unsupported.class, unsupported -> ""),
                () -> Tool.of("t", "", String.class, text -> ""),
                () -> new ToolCall("1", "t", "{").arguments(Even.class),
                () -> new ToolCall("1", "t", "{\"number\":\"x\"}").arguments(Even.class),
                () -> new ToolCall("1", "t", "{\"number\":1}").arguments(Even.class),
                () -> new ToolCall("1", "t", "{\"number\":1}").arguments(Unsupported.class),
                () -> send("{"),
                () -> send("1"),
                () -> requireTool(
                        "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"array\",\"uniqueItems\":true}}}"),
                () -> requireTool("{\"properties\":{\"a\":{\"pattern\":\"(a)\\\\1\"}}}"));
    }

    private static void send(String arguments) {
        var history = List.of(
                Message.user("?"),
                new Message(Message.Role.ASSISTANT, "", "", List.of(new ToolCall("1", "t", arguments))),
                new Message(Message.Role.TOOL, "no", "", List.of()));
        try (Chat chat = model.chat().messages(history).maxTokens(1).open()) {
            chat.send("?");
        }
    }

    private static void requireTool(String schema) {
        Tool tool = Tool.json("t", "", schema, arguments -> "");
        try (Chat chat = model.chat()
                .tools(tool)
                .toolChoice(ToolChoice.required())
                .maxTokens(50)
                .open()) {
            chat.send("?");
        }
    }

    @ParameterizedTest
    @MethodSource("misuses")
    void exceptionsAndTheirCausesCanBeNamed(Executable misuse) {
        Throwable thrown = assertThrows(RuntimeException.class, misuse);
        for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
            String packageName = cause.getClass().getPackageName();
            assertTrue(packageName.equals("kawi") || packageName.startsWith("java."), cause.toString());
        }
    }

    @Test
    void toolsAnswerWithFailuresThatCanBeNamed() {
        Tool tool = Tool.of("t", "", Even.class, even -> Thread.currentThread());
        Throwable failure = tool.call(new ToolCall("1", "t", "{\"number\":2}")).failure();
        assertTrue(failure instanceof IllegalArgumentException, String.valueOf(failure));
    }
}
