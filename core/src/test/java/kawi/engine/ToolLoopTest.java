package kawi.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.stream.Collectors;
import kawi.Cancellation;
import kawi.Chat;
import kawi.ChatBuilder;
import kawi.Description;
import kawi.FinishReason;
import kawi.Message;
import kawi.Model;
import kawi.Reply;
import kawi.ReplyListener;
import kawi.Tool;
import kawi.ToolCall;
import kawi.ToolCallException;
import kawi.ToolChoice;
import kawi.ToolResult;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Conversations in which the model calls tools; what it says is scripted where the model is not free to say anything
 * else.
 */
class ToolLoopTest {

    private static final String ASK = "Will it rain in Yogyakarta?";

    private static Model model;

    record City(@Description("the city's name") String name, Optional<Integer> days) {}

    record Note(String text) {}

    @BeforeAll
    static void load() throws IOException {
        model = DemoConversations.loader().load();
    }

    @AfterAll
    static void close() {
        model.close();
    }

    private final List<City> asked = new ArrayList<>();
    private final List<String> noted = new ArrayList<>();

    private ChatBuilder chat(Script script) {
        return model.chat()
                .tool("weather", "Weather of a city", City.class, city -> {
                    asked.add(city);
                    return "rain in " + city.name();
                })
                .tool("note", "Keeps a note", Note.class, note -> {
                    if (note.text().isEmpty()) {
                        throw new IllegalArgumentException("an empty note");
                    }
                    return noted.add(note.text());
                })
                .maxTokens(400)
                .logitsProcessor(script);
    }

    private static String call(String name, String... parameters) {
        StringBuilder call = new StringBuilder("<tool_call>\n<function=" + name + ">\n");
        for (int i = 0; i < parameters.length; i += 2) {
            call.append("<parameter=%s>\n%s\n</parameter>\n".formatted(parameters[i], parameters[i + 1]));
        }
        return call + "</function>\n</tool_call>";
    }

    @Test
    void callsRunAndTheAnswerGoesOn() {
        Script script =
                new Script(model, "Let me look.\n\n" + call("weather", "name", "Yogyakarta", "days", "2"), "Yes.");
        List<String> heard = new ArrayList<>();
        try (Chat chat = chat(script).open()) {
            Reply reply = chat.send(ASK, new ReplyListener() {
                @Override
                public void onText(String piece) {
                    heard.add(piece);
                }

                @Override
                public void onToolCall(ToolCall call) {
                    heard.add("[" + call.name() + call.arguments() + "]");
                }

                @Override
                public void onToolResult(ToolResult result) {
                    heard.add("[" + result.text() + "]");
                }
            });
            assertEquals(List.of(new City("Yogyakarta", Optional.of(2))), asked);
            assertEquals("Let me look.Yes.", reply.text());
            assertEquals(
                    "Let me look.[weather{\"name\":\"Yogyakarta\",\"days\":2}][rain in Yogyakarta]Yes.",
                    String.join("", heard));
            assertEquals(1, reply.tools().size());
            assertEquals(FinishReason.END, reply.finishReason());
            assertEquals(
                    List.of(Message.Role.USER, Message.Role.ASSISTANT, Message.Role.TOOL, Message.Role.ASSISTANT),
                    chat.messages().stream().map(Message::role).toList());
            assertEquals("rain in Yogyakarta", chat.messages().get(2).text());
            assertEquals(2, script.rounds());
        }
    }

    @Test
    void goingOnAfterToolsReadsOnlyTheResults() {
        Script script = new Script(model, call("note", "text", "x ".repeat(100)), "Done.");
        try (Chat chat = chat(script).open()) {
            Reply reply = chat.send("Remember this.");
            int first = new ChatFormat((LoadedModel) model)
                    .prompt(List.of(Message.user("Remember this.")), ((Conversation) chat).offered(), Settings.DEFAULT)
                    .ids()
                    .length;
            // The second round knows the first prompt and the call.
            assertTrue(
                    reply.stats().prefilledTokens() < first + 40, reply.stats().toString());
            assertTrue(reply.stats().reusedTokens() > first + 100, reply.stats().toString());
        }
    }

    @Test
    void severalCallsInOneTurnAndAwkwardValues() {
        String awkward =
                "a < b && c > d, \"quoted\" 'single'\n\nline 3\t<parameter=x> {\"a\": [1]} \u00fc \ud83c\udf27 \u96e8";
        Script script = new Script(
                model,
                call("note", "text", awkward) + "\n" + call("weather", "name", "Solo") + "\n"
                        + call("note", "text", "2"),
                "Ok.");
        try (Chat chat = chat(script).open()) {
            Reply reply = chat.send(ASK);
            assertEquals(List.of(awkward, "2"), noted);
            assertEquals(List.of(new City("Solo", Optional.empty())), asked);
            assertEquals(
                    List.of("note", "weather", "note"),
                    reply.tools().stream().map(r -> r.call().name()).toList());
            assertEquals("Ok.", reply.text());
            assertEquals(6, chat.messages().size());
        }
    }

    @Test
    void streamsShowNoMarkup() {
        Script script = new Script(model, "One moment.\n" + call("weather", "name", "Solo"), "It is <b>wet</b>.");
        try (Chat chat = chat(script).open()) {
            assertEquals("One moment.It is <b>wet</b>.", chat.stream(ASK).collect(Collectors.joining()));
            assertEquals(1, asked.size());
        }
    }

    @Test
    void aMalformedCallIsCorrectedOnce() {
        Script script = new Script(
                model, call("weather", "days", "soon"), call("weather", "name", "Solo", "days", "3"), "Yes.");
        try (Chat chat = chat(script).open()) {
            assertEquals("Yes.", chat.send(ASK).text());
            assertEquals(List.of(new City("Solo", Optional.of(3))), asked);
            // What went wrong is not part of what is remembered.
            assertEquals(4, chat.messages().size());
        }
    }

    @Test
    void aSecondMalformedCallIsAFailure() {
        for (String wrong : List.of(
                call("weather", "days", "soon"),
                call("nothing", "x", "1"),
                "<tool_call>\n{\"name\": \"weather\"",
                call("weather", "name", "Solo", "days", "2.5"))) {
            Script script = new Script(model, wrong, wrong, "Never said.");
            try (Chat chat = chat(script).open()) {
                ToolCallException e = assertThrows(ToolCallException.class, () -> chat.send(ASK));
                assertTrue(
                        String.valueOf(e.getMessage())
                                .startsWith("the model called a tool in a way that cannot be used"),
                        e.getMessage());
                assertEquals(List.of(), chat.messages());
                assertTrue(asked.isEmpty());
            }
        }
    }

    @Test
    void failuresOfAToolAreResults() {
        Script script = new Script(model, call("note", "text", ""), "Sorry.");
        try (Chat chat = chat(script).open()) {
            Reply reply = chat.send(ASK);
            assertEquals("Error: an empty note", reply.tools().getFirst().text());
            assertInstanceOf(
                    IllegalArgumentException.class, reply.tools().getFirst().failure());
            assertEquals("Sorry.", reply.text());
        }
    }

    @Test
    void aResultThatDoesNotFitEndsTheAnswer() {
        Tool library = Tool.of("library", "Everything", () -> "word ".repeat(2000));
        Script script = new Script(model, call("library"), "Never said.");
        try (Chat chat = model.chat().tools(library).logitsProcessor(script).open()) {
            Reply reply = chat.send(ASK);
            assertEquals(FinishReason.CONTEXT_FULL, reply.finishReason());
            assertEquals(1, reply.tools().size());
            assertEquals(1, script.rounds());
            chat.undo();
            assertEquals(List.of(), chat.messages());
        }
    }

    @Test
    void roundsAreLimited() {
        String again = call("weather", "name", "Solo");
        Script script = new Script(model, again, again, again, again);
        try (Chat chat = chat(script).maxToolRounds(2).open()) {
            Reply reply = chat.send(ASK);
            assertEquals(FinishReason.TOOL_LIMIT, reply.finishReason());
            assertEquals(2, asked.size());
        }
    }

    @Test
    void anEarlierTurnWithToolsIsPartOfTheNextPrompt() {
        Script script = new Script(model, call("weather", "name", "Solo"), "Yes.", "You are welcome.");
        try (Chat chat = chat(script).open()) {
            chat.send(ASK);
            Reply reply = chat.send("Thanks.");
            assertEquals("You are welcome.", reply.text());
            String prompt = model.tokenizer()
                    .orElseThrow()
                    .decode(new ChatFormat((LoadedModel) model)
                            .prompt(chat.messages().subList(0, 5), ((Conversation) chat).offered(), Settings.DEFAULT)
                            .ids());
            assertTrue(
                    prompt.contains(
                            "<tool_call>\n<function=weather>\n<parameter=name>\nSolo\n</parameter>\n</function>\n</tool_call><|im_end|>"),
                    prompt);
            assertTrue(prompt.contains("<tool_response>\nrain in Solo\n</tool_response>"), prompt);
        }
    }

    @Test
    void requiredCallsAreMade() {
        ChatBuilder free = model.chat()
                .tools(
                        Tool.of("weather", "Weather of a city", City.class, city -> {
                            asked.add(city);
                            return "rain";
                        }),
                        Tool.of("note", "Keeps a note", Note.class, note -> noted.add(note.text())))
                .temperature(1)
                .maxTokens(60);
        for (int seed = 0; seed < 5; seed++) {
            try (Chat chat = free.seed(seed).open()) {
                Reply reply = chat.message(ASK)
                        .toolChoice(ToolChoice.named("weather"))
                        .send();
                assertTrue(
                        reply.tools().stream()
                                .anyMatch(result -> result.call().name().equals("weather")),
                        reply.toString());
                assertFalse(reply.text().contains("tool_call"), reply.text());
                assertFalse(chat.message(ASK)
                        .toolChoice(ToolChoice.required())
                        .send()
                        .tools()
                        .isEmpty());
                assertTrue(chat.message(ASK)
                        .toolChoice(ToolChoice.none())
                        .send()
                        .tools()
                        .isEmpty());
            }
        }
        assertTrue(asked.size() >= 5);
        try (Chat chat = free.open()) {
            assertThrows(
                    IllegalArgumentException.class,
                    () -> chat.message(ASK)
                            .toolChoice(ToolChoice.named("nothing"))
                            .send());
        }
    }

    @Test
    void templatesWithoutToolsRefuseThem() throws IOException {
        try (Model plain = Model.loader(DemoConversations.gguf(), "demo-q8_0.gguf")
                        .chatTemplate("{% for m in messages %}{{ m.content }}{% endfor %}")
                        .load();
                Chat chat = plain.chat()
                        .tools(Tool.of("clock", "The time", () -> "noon"))
                        .open()) {
            IllegalStateException e = assertThrows(IllegalStateException.class, () -> chat.send("Time?"));
            assertTrue(String.valueOf(e.getMessage()).contains("does not support tools"), e.getMessage());
        }
    }

    record Weekday(String name) {
        Weekday {
            throw new IllegalArgumentException("there is no such day as " + name);
        }
    }

    private static class Heard implements ReplyListener {
        final List<ToolCall> announced = new ArrayList<>();
        final List<ToolResult> results = new ArrayList<>();

        @Override
        public void onText(String piece) {}

        @Override
        public void onToolCall(ToolCall call) {
            announced.add(call);
        }

        @Override
        public void onToolResult(ToolResult result) {
            results.add(result);
        }
    }

    @Test
    void aRequiredCallThatARecordRefusesIsCorrectedOnce() {
        Tool diary = Tool.of("diary", "Reads the diary", Weekday.class, day -> "nothing");
        for (ToolChoice choice : List.of(ToolChoice.required(), ToolChoice.named("diary"))) {
            for (int seed = 0; seed < 10; seed++) {
                Heard heard = new Heard();
                try (Chat chat = model.chat()
                        .tools(diary)
                        .toolChoice(choice)
                        .temperature(1)
                        .maxTokens(200)
                        .seed(seed)
                        .open()) {
                    ToolCallException e = assertThrows(ToolCallException.class, () -> chat.send(ASK, heard));
                    assertTrue(e.reason().contains("there is no such day as"), e.reason());
                    assertEquals(List.of(), heard.announced, "what cannot be used is not announced");
                    assertEquals(List.of(), chat.messages());
                }
            }
        }
    }

    @Test
    void aCancelledCallDoesNotRun() {
        Script script =
                new Script(model, call("weather", "name", "Solo") + "\n" + call("note", "text", "x"), "Never said.");
        Cancellation handle = new Cancellation();
        Heard heard = new Heard() {
            @Override
            public void onToolCall(ToolCall call) {
                super.onToolCall(call);
                handle.cancel();
            }
        };
        try (Chat chat = chat(script).open()) {
            Reply reply = chat.message(ASK).cancelWith(handle).send(heard);
            assertEquals(FinishReason.CANCELLED, reply.finishReason());
            assertEquals(List.of(), asked);
            assertEquals(List.of(), noted);
            assertEquals(1, heard.announced.size());
            assertEquals(reply.tools(), heard.results);
            assertInstanceOf(
                    CancellationException.class, reply.tools().getFirst().failure());
            assertEquals(
                    List.of(Message.Role.USER, Message.Role.ASSISTANT, Message.Role.TOOL),
                    chat.messages().stream().map(Message::role).toList());
            assertEquals(1, script.rounds());
        }
    }

    @Test
    void anInterruptWhileAToolIsAnnouncedKeepsItFromRunning() {
        Script script = new Script(model, call("weather", "name", "Solo"), "Never said.");
        Heard heard = new Heard() {
            @Override
            public void onToolCall(ToolCall call) {
                super.onToolCall(call);
                Thread.currentThread().interrupt();
            }
        };
        try (Chat chat = chat(script).open()) {
            assertEquals(FinishReason.CANCELLED, chat.send(ASK, heard).finishReason());
            assertTrue(Thread.interrupted());
            assertEquals(List.of(), asked);
            assertTrue(heard.results.getFirst().failed());
        }
    }

    @Test
    void everyAnnouncedCallHasAResult() {
        Tool broken = Tool.of("broken", "Fails", () -> {
            throw new AssertionError("not an exception");
        });
        Tool foreign = new Tool() {
            @Override
            public String name() {
                return "foreign";
            }

            @Override
            public String description() {
                return "Fails as well";
            }

            @Override
            public String parametersSchema() {
                return "{\"type\": \"object\", \"properties\": {}}";
            }

            @Override
            public ToolResult call(ToolCall call) {
                throw new IllegalArgumentException("not today");
            }
        };
        Heard heard = new Heard();
        ChatBuilder builder = model.chat().tools(broken, foreign).maxTokens(200);
        try (Chat chat = builder.logitsProcessor(new Script(model, call("broken"), "Never said."))
                .open()) {
            assertThrows(AssertionError.class, () -> chat.send(ASK, heard));
        }
        try (Chat chat = builder.logitsProcessor(new Script(model, call("foreign"), "Sorry."))
                .open()) {
            Reply reply = chat.send(ASK, heard);
            assertEquals("Error: not today", reply.tools().getFirst().text());
            assertEquals("Sorry.", reply.text());
        }
        assertEquals(2, heard.announced.size());
        assertEquals(
                heard.announced, heard.results.stream().map(ToolResult::call).toList());
        assertInstanceOf(AssertionError.class, heard.results.getFirst().failure());
    }
}
