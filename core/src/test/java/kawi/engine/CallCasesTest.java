package kawi.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import kawi.Chat;
import kawi.FinishReason;
import kawi.Model;
import kawi.Reply;
import kawi.ReplyListener;
import kawi.Tool;
import kawi.ToolCall;
import kawi.ToolCallException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Calls as models write them, in thoughts and with tags that do not balance: which tool runs, and what is shown. */
class CallCasesTest {

    private static Model model;

    @BeforeAll
    static void load() throws IOException {
        model = DemoConversations.loader().load();
    }

    @AfterAll
    static void close() {
        model.close();
    }

    private static final String DELETE =
            "<tool_call>\n<function=delete>\n<parameter=path>\n/data\n</parameter>\n</function>\n</tool_call>";

    /** Names, types and necessity of parameters, by tool: {@code path!}, {@code limit:integer}. */
    private static final Map<String, List<String>> TOOLS = Map.of(
            "delete", List.of("path!"),
            "read", List.of("path!", "limit:integer"),
            "write", List.of("path!", "content!"),
            "get", List.of("city!"),
            "search", List.of("query!"),
            "run", List.of("cmd!"));

    /** The calls that ran, the text, and what a listener was told. */
    private static final class Played {
        final List<String> ran = new ArrayList<>();
        final StringBuilder shown = new StringBuilder();
        final List<String> announced = new ArrayList<>();
        String text = "";
        String thought = "";
        int rounds;
    }

    private static Tool tool(String name, List<String> ran) {
        List<String> properties = new ArrayList<>();
        List<String> required = new ArrayList<>();
        for (String parameter : TOOLS.getOrDefault(name, List.of())) {
            String property = parameter.replace("!", "").replace(":integer", "");
            String type = parameter.endsWith(":integer") ? "integer" : "string";
            properties.add("\"%s\": {\"type\": \"%s\"}".formatted(property, type));
            if (parameter.endsWith("!")) {
                required.add("\"" + property + "\"");
            }
        }
        String schema = "{\"type\": \"object\", \"properties\": {%s}, \"required\": [%s]}"
                .formatted(String.join(", ", properties), String.join(", ", required));
        return Tool.json(name, "A tool", schema, arguments -> {
            ran.add(name + arguments);
            return "done";
        });
    }

    private static Played play(boolean thinking, List<String> tools, String... answers) {
        Played played = new Played();
        Script script = new Script(model, answers);
        try (Chat chat = model.chat()
                .tools(tools.stream().map(name -> tool(name, played.ran)).toArray(Tool[]::new))
                .thinking(thinking)
                .maxTokens(900)
                .logitsProcessor(script)
                .open()) {
            Reply reply = chat.send("Go on.", new ReplyListener() {
                @Override
                public void onText(String piece) {
                    played.shown.append(piece);
                }

                @Override
                public void onToolCall(ToolCall call) {
                    played.announced.add(call.name() + call.arguments());
                }
            });
            assertEquals(FinishReason.END, reply.finishReason());
            played.text = reply.text();
            played.thought = reply.thinking();
            played.rounds = script.rounds();
        }
        assertEquals(played.text, played.shown.toString());
        assertEquals(played.ran, played.announced);
        return played;
    }

    /** The call of one answer without a thought, after which the model says "Done.". */
    private static String ran(List<String> tools, String answer) {
        Played played = play(false, tools, answer, "Done.");
        assertEquals("Done.", played.text);
        return String.join(" ", played.ran);
    }

    /** Asserts that a call is refused, and that the model is told. */
    private static void refused(List<String> tools, String answer) {
        Played played = play(false, tools, answer, "Sorry.");
        assertEquals(List.of(), played.ran, answer);
        assertEquals("Sorry.", played.text);
        assertEquals(2, played.rounds);
    }

    @Test
    void aCallInAThoughtThatIsAnsweredIsADraft() {
        Played played = play(
                true,
                List.of("delete"),
                "I could do\n" + DELETE + "\nbut that would be dangerous, so I will not.\n</think>\n\n"
                        + "No, nothing needs to be deleted.");
        assertEquals(List.of(), played.ran);
        assertEquals("No, nothing needs to be deleted.", played.text);
        assertEquals("I could do\nbut that would be dangerous, so I will not.", played.thought);
    }

    @Test
    void aCallInAThoughtThatNothingFollowsIsMeant() {
        for (String end : List.of("", "\n", "\nI wait.", "\n</think>", "\n</think>\n\n", "\nI wait.\n</think>\n\n")) {
            Played played = play(true, List.of("delete"), "I do\n" + DELETE + end, "Deleted.\n</think>\n\nDone.");
            assertEquals(List.of("delete{\"path\":\"/data\"}"), played.ran, end);
            assertEquals("Done.", played.text);
        }
    }

    @Test
    void aCallInTheAnswerReplacesTheDraft() {
        String read = DELETE.replace("delete", "read");
        for (String thought : List.of(DELETE, read, DELETE.replace("</parameter>\n", ""), "<tool_call>\n<function=")) {
            Played played = play(
                    true,
                    List.of("delete", "read"),
                    "I do\n" + thought + "\n</think>\n\n" + read,
                    "I have it.\n</think>\n\nDone.");
            assertEquals(List.of("read{\"path\":\"/data\"}"), played.ran, thought);
            assertEquals("Done.", played.text);
        }
    }

    @Test
    void ofSeveralThoughtsTheLastCallCounts() {
        String read = DELETE.replace("delete", "read");
        Played played = play(
                true,
                List.of("delete", "read"),
                "I do\n" + DELETE + "\n</think>\n\n<think>\nNo, rather\n" + read,
                "It is read.\n</think>\n\nDone.");
        assertEquals(List.of("read{\"path\":\"/data\"}"), played.ran);
        played = play(
                true,
                List.of("delete", "read"),
                "I do\n" + DELETE + "\n</think>\n\n<think>\nOr not.\n</think>\n\nNothing was done.");
        assertEquals(List.of(), played.ran);
        assertEquals("Nothing was done.", played.text);
    }

    @Test
    void aMalformedCallThatIsMeantIsToldEvenInAThought() {
        Played played = play(
                true,
                List.of("read"),
                "I do\n<tool_call>\n<function=read>\n<parameter=path>\nx\n</think>",
                "So not.\n</think>\n\nDone.");
        assertEquals(List.of(), played.ran);
        assertEquals(2, played.rounds);
        assertEquals("Done.", played.text);
        played = play(
                true,
                List.of("read"),
                "I do\n<tool_call>\n<function=read>\n<parameter=path>\nx\n</think>\n\nI know it already.");
        assertEquals(1, played.rounds);
        assertEquals("I know it already.", played.text);
    }

    @Test
    void aMissingEndOfAParameter() {
        assertEquals(
                "read{\"path\":\"notes/a.txt\",\"limit\":20}",
                ran(
                        List.of("read"),
                        "<tool_call>\n<function=read>\n<parameter=path>\nnotes/a.txt\n<parameter=limit>\n20\n</parameter>\n</function>\n</tool_call>"));
        assertEquals(
                "write{\"path\":\"notes/a.txt\",\"content\":\"hello\"}",
                ran(
                        List.of("write"),
                        "<tool_call>\n<function=write>\n<parameter=path>\nnotes/a.txt\n<parameter=content>\nhello\n</parameter>\n</function>\n</tool_call>"));
    }

    @Test
    void aDocumentThatQuotesACall() {
        assertEquals(
                "write{\"path\":\"doc.md\",\"content\":\"Example:\\n<function=get>\\n<parameter=city>\\nOslo\\n</parameter>\\n</function>\\nend\"}",
                ran(
                        List.of("write", "get"),
                        "<tool_call>\n<function=write>\n<parameter=path>\ndoc.md\n</parameter>\n<parameter=content>\nExample:\n<function=get>\n<parameter=city>\nOslo\n</parameter>\n</function>\nend\n</parameter>\n</function>\n</tool_call>"));
    }

    @Test
    void aDocumentThatQuotesTheEndOfACall() {
        refused(
                List.of("write"),
                "<tool_call>\n<function=write>\n<parameter=path>\ndoc.md\n</parameter>\n<parameter=content>\nAll calls end with\n</parameter>\n</function>\n</tool_call>\nand no more.\n</parameter>\n</function>\n</tool_call>");
    }

    @Test
    void tagsOfOtherFormatsAroundACall() {
        String call = "<tool_call>\n<function=run>\n<parameter=cmd>\nls\n</parameter>\n</function>\n</tool_call>";
        for (String answer : List.of(
                call.replace("</function>\n", "</function>\n</function>\n</function_invocation>\n"),
                call.replace("</function>\n", "</function>\n</invoke>\n"),
                call + "\n</function_calls>",
                call + "<|tool_call_end|>",
                call.replace("</tool_call>", "</toolcall>"),
                call.replace("</function>", "</function_call>"),
                call.replace("</function>", "</run>"),
                "```xml\n" + call + "\n```",
                "```\n" + call + "\n```\n",
                "<function_calls>\n" + call + "\n</function_calls>",
                call.replace("<tool_call>", "<toolcall>"))) {
            assertEquals("run{\"cmd\":\"ls\"}", ran(List.of("run"), answer), answer);
        }
    }

    @Test
    void oneEndTagTooMany() {
        assertEquals(
                "search{\"query\":\"trains to Bergen\"}",
                ran(
                        List.of("search"),
                        "<tool_call>\n<function=search>\n<parameter=query>\ntrains to Bergen\n</parameter>\n</parameter>\n</function>\n</tool_call>"));
    }

    @Test
    void callsAsObjects() {
        String call = "<tool_call>\n{\"name\": \"run\", \"arguments\": {\"cmd\": \"ls\"}}\n</tool_call>";
        for (String answer : List.of(
                call,
                call.replace("}}", "}}}"),
                call.replace("\n</tool_call>", "\n</function>\n</tool_call>"),
                call.replace("\n</tool_call>", ""),
                call.replace("\n</tool_call>", "\n```\n</tool_call>"),
                call + "\n</tool_call>",
                "```json\n" + call + "\n```",
                call.replace("\n", "\r\n"),
                call.replace("ls", "</tool_call>").replace("</tool_call>\"", "ls\""))) {
            assertEquals("run{\"cmd\":\"ls\"}", ran(List.of("run"), answer), answer);
        }
        for (int end = call.indexOf("}}") + 1; end > 1; end--) {
            refused(List.of("run"), call.substring(0, end));
        }
        refused(List.of("run"), call.replace("}}", "}"));
        refused(List.of("run"), call.replace("\"name\"", "name"));
        assertEquals(
                "run{\"cmd\":\"echo '\\n</tool_call>\\n'\"}",
                ran(List.of("run"), call.replace("ls", "echo '\n</tool_call>\n'")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "</parameter >",
                "</parameter name=\"path\">",
                "</parameter=path>",
                "</Parameter>",
                "</ parameter>",
                "</path>",
                "</param>",
                "</parameter",
                "</parameters>"
            })
    void endTagsInOtherSpellings(String end) {
        assertEquals(
                "read{\"path\":\"a.txt\",\"limit\":3}",
                ran(
                        List.of("read"),
                        "<tool_call>\n<function=read>\n<parameter=path>\na.txt\n" + end
                                + "\n<parameter=limit>\n3\n</parameter>\n</function>\n</tool_call>"));
        assertEquals(
                "read{\"path\":\"a.txt\"}",
                ran(
                        List.of("read"),
                        "<tool_call>\n<function=read>\n<parameter=path>\na.txt\n" + end
                                + "\n</function>\n</tool_call>"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "<parameter=\"path\">",
                "<parameter='path'>",
                "<parameter=path type=\"string\">",
                "<parameter name=\"path\">",
                "<parameter= path >"
            })
    void openingTagsInOtherSpellings(String begin) {
        assertEquals(
                "read{\"path\":\"a.txt\"}",
                ran(
                        List.of("read"),
                        "<tool_call>\n<function=read>\n" + begin + "\na.txt\n</parameter>\n</function>\n</tool_call>"));
    }

    @Test
    void carriageReturnsBelongToTheTags() {
        assertEquals(
                "write{\"path\":\"a.txt\",\"content\":\"one\\r\\ntwo\"}",
                ran(
                        List.of("write"),
                        "<tool_call>\n<function=write>\n<parameter=path>\na.txt\n</parameter>\n<parameter=content>\none\ntwo\n</parameter>\n</function>\n</tool_call>"
                                .replace("\n", "\r\n")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                // the beginning of a parameter is missing
                "<parameter=path>\na.txt\n</parameter>\n20\n</parameter>\n</function>",
                // one parameter inside another
                "<parameter=path>\na.txt\n<parameter=limit>\n20\n</parameter>\n</parameter>\n</function>",
                "<parameter=path>\na.txt\n<parameter=limit>\n</parameter>\n20\n</parameter>\n</function>",
                "<parameter=path>a.txt<parameter=limit>20</parameter></function>",
                // an unknown one
                "<parameter=path>\na.txt\n<parameter=lmit>\n20\n</parameter>\n</function>",
                "<parameter=path>\na.txt\n</parameter>\n<param=limit>\n20\n</parameter>\n</function>",
                "a.txt\n</parameter>\n<parameter=limit>\n20\n</parameter>\n</function>",
                "<parameter=path>\na.txt\n</function>\n<parameter=limit>\n20\n</parameter>\n</function>",
                "<parameter=path>\na.txt\n</path>\n</parameter>\n</function>",
                "<parameter=path>\na.txt\n"
            })
    void whatIsAmbiguousIsRefused(String body) {
        refused(List.of("read"), "<tool_call>\n<function=read>\n" + body + "\n</tool_call>");
    }

    @Test
    void quotedCallsOfARefusedCallDoNotRun() {
        refused(
                List.of("write", "delete"),
                "<tool_call>\n<function=write>\n<parameter=path>\na.md\n</parameter>\n<parameter=content>\nSo:\n"
                        + DELETE + "\nend");
    }

    @Test
    void tagsInTheMidstOfTextAreText() {
        assertEquals(
                "search{\"query\":\"what does </parameter> mean in a <function=f> block\"}",
                ran(
                        List.of("search"),
                        "<tool_call>\n<function=search>\n<parameter=query>\nwhat does </parameter> mean in a <function=f> block\n</parameter>\n</function>\n</tool_call>"));
        assertEquals(
                "write{\"path\":\"a\",\"content\":\"x\\n</parameter>\\ny\\n<parameter=z>\\n1\\n</parameter>\"}",
                ran(
                        List.of("write"),
                        "<tool_call>\n<function=write>\n<parameter=path>\na\n</parameter>\n<parameter=content>\nx\n</parameter>\ny\n<parameter=z>\n1\n</parameter>\n</parameter>\n</function>\n</tool_call>"));
    }

    @Test
    void theSecondRefusalIsAnException() {
        String bad =
                "<tool_call>\n<function=read>\n<parameter=path>\na.txt\n</parameter>\n20\n</parameter>\n</function>\n</tool_call>";
        var e = assertThrows(ToolCallException.class, () -> play(false, List.of("read"), bad, bad));
        assertTrue(e.reason().contains("parameter limit"), e.reason());
        assertFalse(e.reason().endsWith("."), e.reason());
    }
}
