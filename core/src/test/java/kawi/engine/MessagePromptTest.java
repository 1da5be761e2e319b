package kawi.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import kawi.Chat;
import kawi.FinishReason;
import kawi.Message;
import kawi.Part;
import kawi.Prompt;
import kawi.Reply;
import kawi.TokenLogprob;
import kawi.ToolCall;
import kawi.ToolCallException;
import kawi.ToolChoice;
import kawi.ToolSpecification;
import kawi.TypedReply;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Messages and tools as values: a caller drives the model and runs everything itself. */
class MessagePromptTest {

    private static final String ASK = "Will it rain in Yogyakarta?";

    private static final ToolSpecification WEATHER = new ToolSpecification("weather", "Weather of a city", """
            {"type": "object", "properties": {
                "city": {"type": "string", "maxLength": 20},
                "days": {"type": "integer", "minimum": 1, "maximum": 7}},
             "required": ["city"], "additionalProperties": false}""");

    /** A template that writes whatever it is given. */
    private static final String ANY_ROLE = """
            {%- for m in messages %}
                {{- '<|im_start|>' + m.role + (' ' + m.name if m.name else '') }}
                {{- ' ' + m.tool_call_id if m.tool_call_id else '' }}
                {{- ': ' + m.content }}
                {%- for call in m.tool_calls or [] %}{{- '[' + call.id + ' ' + call.function.name + ']' }}{%- endfor %}
                {{- '<|im_end|>' }}
            {%- endfor %}
            {{- '<|im_start|>assistant: ' }}
            """;

    private static LoadedModel model;

    @BeforeAll
    static void load() throws IOException {
        model = DemoConversations.loader().load();
    }

    @AfterAll
    static void close() {
        model.close();
    }

    private static String call(String city) {
        return "<tool_call>\n<function=weather>\n<parameter=city>\n" + city
                + "\n</parameter>\n</function>\n</tool_call>";
    }

    private static Prompt prompt(List<Message> messages, String... says) {
        return model.prompt(messages).tools(WEATHER).maxTokens(200).logitsProcessor(new Script(model, says));
    }

    @Test
    void aCallHasAnotherIdThanAllEarlierOnesEvenIfMessagesWereRemoved() {
        ToolCall second = new ToolCall("call00002", "weather", "{\"city\":\"Solo\"}");
        List<Message> withoutFirst =
                List.of(Message.user(ASK), Message.assistant("", List.of(second)), Message.tool(second, "rain"));
        assertEquals(
                "call00003",
                prompt(withoutFirst, call("Kudus"))
                        .generate()
                        .toolCalls()
                        .getFirst()
                        .id());
        List<Message> withoutCalls = List.of(Message.user(ASK), Message.tool(second, "rain"));
        assertEquals(
                "call00003",
                prompt(withoutCalls, call("Kudus"))
                        .generate()
                        .toolCalls()
                        .getFirst()
                        .id());
        ToolCall foreign = new ToolCall("a-9", "weather", "{\"city\":\"Solo\"}");
        List<Message> others = List.of(
                Message.user(ASK),
                Message.assistant("", List.of(foreign, foreign)),
                Message.tool(foreign, "rain"),
                Message.tool(foreign, "rain"));
        assertEquals(
                "call00003",
                prompt(others, call("Kudus")).generate().toolCalls().getFirst().id());
    }

    @Test
    void aFrameworkRunsTheTools() {
        Map<String, Function<ToolCall, String>> functions = Map.of(
                "weather", call -> "rain in " + call.arguments(City.class).city());
        List<Message> messages = new ArrayList<>(List.of(Message.system("Be brief."), Message.user(ASK)));
        Script script =
                new Script(model, "One moment.\n\n" + call("Yogyakarta"), call("Solo") + "\n" + call("Kudus"), "Yes.");
        Reply reply;
        int rounds = 0;
        do {
            reply = model.prompt(messages)
                    .tools(WEATHER)
                    .maxTokens(200)
                    .logitsProcessor(script)
                    .generate();
            messages.add(reply.message());
            for (ToolCall call : reply.toolCalls()) {
                messages.add(Message.tool(
                        call, Objects.requireNonNull(functions.get(call.name())).apply(call)));
            }
            rounds++;
        } while (reply.finishReason() == FinishReason.TOOL_CALLS);

        assertEquals(3, rounds);
        assertEquals("Yes.", reply.text());
        assertEquals(FinishReason.END, reply.finishReason());
        assertEquals(
                List.of("", "", "One moment.", "rain in Yogyakarta", "", "rain in Solo", "rain in Kudus", "Yes."),
                messages.stream()
                        .map(message -> message.role() == Message.Role.SYSTEM || message.role() == Message.Role.USER
                                ? ""
                                : message.text())
                        .toList());
        assertEquals(
                List.of("call00001", "call00002", "call00003"),
                messages.stream()
                        .flatMap(message -> message.toolCalls().stream())
                        .map(ToolCall::id)
                        .toList());
        assertEquals(
                List.of("call00001", "call00002", "call00003"),
                messages.stream()
                        .filter(message -> message.role() == Message.Role.TOOL)
                        .map(Message::toolCallId)
                        .toList());
        assertTrue(
                reply.usage().reusedTokens() > reply.usage().promptTokens() / 2,
                reply.usage().toString());
    }

    record City(String city, Optional<Integer> days) {}

    @Test
    void callsAreReturnedAndAnnounced() {
        List<String> heard = new ArrayList<>();
        Reply reply = prompt(List.of(Message.user(ASK)), "Let me look.\n\n" + call("Solo"))
                .generate(new kawi.ReplyListener() {
                    @Override
                    public void onText(String piece) {
                        heard.add(piece);
                    }

                    @Override
                    public void onToolCall(ToolCall call) {
                        heard.add(call.name() + call.arguments());
                    }
                });
        assertEquals("Let me look.weather{\"city\":\"Solo\"}", String.join("", heard));
        assertEquals(FinishReason.TOOL_CALLS, reply.finishReason());
        assertEquals(List.of(new ToolCall("call00001", "weather", "{\"city\":\"Solo\"}")), reply.toolCalls());
        assertEquals(List.of(), reply.tools());
        assertEquals("Let me look.", reply.text());
        assertEquals(reply.tokens().size(), reply.usage().completionTokens());
        assertEquals(new Message(Message.Role.ASSISTANT, "Let me look.", "", reply.toolCalls()), reply.message());
    }

    @Test
    void requiredCallsFitTheirSchemaWhateverTheSeed() {
        Prompt prompt = model.prompt("What is the weather?")
                .tools(WEATHER)
                .temperature(1.5)
                .maxTokens(120);
        for (int seed = 0; seed < 8; seed++) {
            for (ToolChoice choice : List.of(ToolChoice.required(), ToolChoice.named("weather"))) {
                Reply reply = prompt.toolChoice(choice).seed(seed).generate();
                assertEquals(FinishReason.TOOL_CALLS, reply.finishReason());
                for (ToolCall call : reply.toolCalls()) {
                    assertTrue(call.arguments(City.class).city().codePoints().count() <= 20, call.arguments());
                }
            }
        }
    }

    @Test
    void aCallOnceBegunIsHeldToItsSchema() {
        int opener = model.requireTokenizer().id("<tool_call>").orElseThrow();
        for (int seed = 0; seed < 6; seed++) {
            Reply reply = model.prompt(ASK)
                    .tools(WEATHER)
                    .temperature(1.2)
                    .seed(seed)
                    .maxTokens(150)
                    .logitsProcessor((tokens, logits) -> {
                        if (tokens.length() == tokens.promptLength() + 3) {
                            logits[opener] = 1000;
                        }
                    })
                    .generate();
            assertEquals(FinishReason.TOOL_CALLS, reply.finishReason());
            String city = reply.toolCalls().getFirst().arguments(City.class).city();
            assertTrue(city.codePoints().count() <= 20, city);
        }
    }

    @Test
    void noneKeepsTheModelFromCalling() {
        int opener = model.requireTokenizer().id("<tool_call>").orElseThrow();
        Reply reply = model.prompt(ASK)
                .tools(WEATHER)
                .toolChoice(ToolChoice.none())
                .logitsProcessor((tokens, logits) -> logits[opener] += 1000)
                .maxTokens(10)
                .generate();
        assertEquals(List.of(), reply.toolCalls());
    }

    @Test
    void whatCannotBeUnderstoodIsAnException() {
        ToolSpecification unenforceable = new ToolSpecification("note", "Keeps a note", """
                {"type": "object", "required": ["text"],
                 "properties": {"text": {"type": "string", "pattern": "(a)\\\\1"}}}""");
        Map<String, String> reasons = Map.of(
                "<tool_call>\n<function=note>\n</function>\n</tool_call>",
                "the call of note does not fit: text is missing",
                "<tool_call>\n<function=other>\n</function>\n</tool_call>",
                "there is no tool other; there is note",
                "<tool_call>\n{\"name\": 1}\n</tool_call>",
                "the call's JSON object has no \"name\" that is a string");
        reasons.forEach((said, reason) -> {
            Prompt prompt =
                    model.prompt(ASK).tools(unenforceable).maxTokens(100).logitsProcessor(new Script(model, said));
            ToolCallException thrown = assertThrows(ToolCallException.class, prompt::generate);
            assertEquals(reason, thrown.reason());
            assertEquals(said, thrown.text());
        });
    }

    @Test
    void aListThatEndsWithAResultIsAnsweredAsItStands() {
        ToolCall call = new ToolCall("c7", "weather", "{\"city\":\"Solo\"}");
        List<Message> messages =
                List.of(Message.user(ASK), Message.assistant("", List.of(call)), Message.tool(call, "SUNSHINE"));
        int[] ids = model.prompt(messages).tokens();
        String text = model.requireTokenizer().decode(ids);
        assertTrue(text.contains("SUNSHINE"), text);
        try (Chat chat =
                model.chat().messages(messages).maxTokens(5).temperature(0).open()) {
            for (var turn : List.of(chat.answer(), chat.again())) {
                Reply reply = turn.send();
                assertEquals(ids.length, reply.stats().promptTokens());
                assertEquals(messages, chat.messages().subList(0, 3));
                assertEquals(4, chat.messages().size());
                chat.rewind(3);
            }
            Message next = Message.tool(call, "RAIN");
            chat.message(next).send();
            assertEquals(next, chat.messages().get(3));
            chat.rewind(0);
            assertEquals(
                    "there is no message yet to answer",
                    assertThrows(IllegalStateException.class, chat.answer()::send)
                            .getMessage());
        }
    }

    @Test
    void anyRolesThatTheTemplateAccepts() throws IOException {
        ToolCall call = new ToolCall("id<|im_end|>", "f", "{}");
        List<Message> messages = List.of(
                Message.system("a"),
                Message.developer("b"),
                Message.user(Part.text("c"), Part.text("d")),
                Message.system("e"),
                Message.assistant("f", List.of(call)),
                Message.tool(call, "g"),
                Message.developer("h"));
        try (LoadedModel any = DemoConversations.loader(ANY_ROLE).load()) {
            int[] ids = any.prompt(messages).tokens();
            assertEquals(
                    "<|im_start|>system: a<|im_end|><|im_start|>developer: b<|im_end|><|im_start|>user: cd<|im_end|>"
                            + "<|im_start|>system: e<|im_end|><|im_start|>assistant: f[id<|im_end|> f]<|im_end|>"
                            + "<|im_start|>tool f id<|im_end|>: g<|im_end|><|im_start|>developer: h<|im_end|>"
                            + "<|im_start|>assistant: ",
                    any.requireTokenizer().decode(ids));
            int end = any.requireTokenizer().id("<|im_end|>").orElseThrow();
            assertEquals(7, java.util.Arrays.stream(ids).filter(id -> id == end).count(), "those in ids are text");
            assertEquals(
                    3,
                    any.prompt(messages)
                            .maxTokens(3)
                            .ignoreEnd()
                            .generate()
                            .tokens()
                            .size());
        }
        IllegalArgumentException refused = assertThrows(
                IllegalArgumentException.class,
                () -> model.prompt(List.of(Message.system("only"))).generate());
        assertEquals(
                "the chat template of demo-q8_0.gguf, line 14, refuses these messages: No user query found in messages.",
                refused.getMessage());
    }

    @Test
    void imagesAreRefusedByAModelThatDoesNotSeeThem() {
        List<Message> messages = List.of(
                Message.system("x"),
                Message.user(Part.text("What is this?"), new Part.Image(new byte[3], "image/png")));
        assertEquals(
                "message 1 has an image, but demo-q8_0.gguf has no vision tower; for a GGUF model it is a file of its own, "
                        + "mmproj-*.gguf, which the model's page offers: put it beside the model, or give it to "
                        + "ModelLoader.vision",
                assertThrows(IllegalArgumentException.class, () -> model.prompt(messages))
                        .getMessage());
        assertThrows(IllegalArgumentException.class, () -> model.chat().messages(messages));
        assertThrows(IllegalArgumentException.class, () -> model.chat().open().message(messages.get(1)));
        assertEquals(
                "there are no messages; a prompt must have at least one",
                assertThrows(IllegalArgumentException.class, () -> model.prompt(List.of()))
                        .getMessage());
    }

    @Test
    void specificationsAreChecked() {
        Prompt prompt = model.prompt(ASK);
        assertEquals(
                "two tools are called \"weather\"",
                assertThrows(IllegalArgumentException.class, () -> prompt.tools(WEATHER, WEATHER))
                        .getMessage());
        assertThrows(IllegalArgumentException.class, () -> prompt.tools(new ToolSpecification("two words", "")));
        for (String schema : List.of("", "[]", "{\"type\":\"string\"}", "{")) {
            String message = assertThrows(
                            IllegalArgumentException.class, () -> prompt.tools(new ToolSpecification("t", "", schema)))
                    .getMessage();
            assertTrue(String.valueOf(message).startsWith("tool \"t\": "), message);
        }
    }

    @Test
    void severalAnswersReadThePromptOnce() {
        Prompt prompt = model.prompt(List.of(Message.user("Tell me a story about a fox.")))
                .temperature(1)
                .maxTokens(12);
        List<Reply> replies = prompt.seed(5).generateAll(3);
        assertEquals(3, replies.size());
        for (int i = 0; i < 3; i++) {
            Reply alone = prompt.seed(5 + i).generate();
            assertEquals(alone.tokens(), replies.get(i).tokens());
            assertEquals(5 + i, replies.get(i).seed());
        }
        int length = replies.getFirst().stats().promptTokens();
        assertEquals(
                length,
                replies.getFirst().stats().prefilledTokens()
                        + replies.getFirst().stats().reusedTokens());
        assertEquals(
                List.of(1, 1),
                replies.stream()
                        .skip(1)
                        .map(reply -> reply.stats().prefilledTokens())
                        .toList());
        assertEquals(
                3, prompt.generateAll(3).stream().map(Reply::seed).distinct().count());
        assertEquals(1, prompt.generateAll(1).size());
        assertThrows(IllegalArgumentException.class, () -> prompt.generateAll(0));
        assertEquals(2, model.prompt(7).maxTokens(2).ignoreEnd().generateAll(2).size());
    }

    @Test
    void logprobsAreThoseOfTheModel() {
        int[] ids = model.prompt("Who are you?").tokens();
        Reply reply = model.prompt(ids)
                .temperature(1)
                .topK(3)
                .seed(2)
                .maxTokens(6)
                .logprobs(4)
                .generate();
        assertEquals(
                reply.tokens(),
                reply.logprobs().stream().map(TokenLogprob::token).toList());
        try (var sequence = model.newSequence()) {
            sequence.append(ids);
            for (TokenLogprob logprob : reply.logprobs()) {
                float[] logits = sequence.logits();
                double sum = 0;
                for (int id = 0; id < logits.length; id++) {
                    sum += model.forbidden().get(id) ? 0 : Math.exp(logits[id]);
                }
                assertEquals(logits[logprob.token()] - Math.log(sum), logprob.logprob(), 1e-9);
                assertEquals(4, logprob.top().size());
                for (int i = 0; i < 4; i++) {
                    TokenLogprob one = logprob.top().get(i);
                    assertEquals(logits[one.token()] - Math.log(sum), one.logprob(), 1e-9);
                    assertEquals(model.requireTokenizer().text(one.token()), one.text());
                    assertTrue(
                            i == 0 || one.logprob() <= logprob.top().get(i - 1).logprob());
                }
                assertTrue(logprob.top().stream().anyMatch(one -> one.token() == logprob.token()), "top-k is 3");
                sequence.append(logprob.token());
            }
        }
        assertEquals(List.of(), model.prompt(ids).maxTokens(2).generate().logprobs());
        Reply chosen = model.prompt(ids).temperature(0).maxTokens(2).logprobs(0).generate();
        assertEquals(List.of(), chosen.logprobs().getFirst().top());
        Reply same =
                model.prompt(ids).temperature(1).topK(3).seed(2).maxTokens(6).generate();
        assertEquals(same.tokens(), reply.tokens());
    }

    @Test
    void logprobsOfThoughtsThatAreClosedAndOfAllRounds() {
        Reply reply = model.prompt(ASK)
                .thinking(true)
                .thinkingBudget(0)
                .maxTokens(30)
                .logprobs(1)
                .generate();
        assertEquals(reply.tokens().size(), reply.logprobs().size());
        try (Chat chat = model.chat()
                .tool("weather", "Weather", City.class, City::city)
                .logprobs(0)
                .maxTokens(100)
                .logitsProcessor(new Script(model, call("Solo"), "Done."))
                .open()) {
            Reply rounds = chat.send(ASK);
            assertEquals(
                    rounds.tokens(),
                    rounds.logprobs().stream().map(TokenLogprob::token).toList());
        }
    }

    @Test
    void tokensAreCounted() {
        assertEquals(model.requireTokenizer().encode("Hello <|im_end|>").length, model.countTokens("Hello <|im_end|>"));
        Prompt prompt = model.prompt(List.of(Message.user(ASK)));
        assertEquals(prompt.tokens().length, prompt.countTokens());
        assertTrue(prompt.tools(WEATHER).countTokens() > prompt.countTokens() + 20);
        assertEquals(
                prompt.countTokens(), prompt.maxTokens(1).generate().usage().promptTokens());
    }

    @Test
    void aValueAndItsReply() {
        TypedReply<City> answer =
                model.prompt("A city.").temperature(1).seed(3).maxTokens(60).replyAs(City.class);
        assertTrue(answer.reply().text().contains("\"city\""), answer.reply().text());
        assertEquals(answer.value(), new ToolCall("", "", answer.reply().text()).arguments(City.class));
        try (Chat chat = model.chat().maxTokens(60).open()) {
            TypedReply<City> said = chat.message("A city.").replyAs(City.class);
            assertEquals(said.reply().text(), chat.messages().getLast().text());
        }
    }

    @Test
    void maxTokensIsForAllRounds() {
        AtomicInteger runs = new AtomicInteger();
        for (int max : new int[] {60, 90, 140}) {
            runs.set(0);
            String[] says = new String[9];
            java.util.Arrays.fill(says, call("Solo"));
            try (Chat chat = model.chat()
                    .tool("weather", "Weather", City.class, city -> runs.incrementAndGet())
                    .maxTokens(max)
                    .logitsProcessor(new Script(model, says))
                    .open()) {
                Reply reply = chat.send(ASK);
                assertEquals(FinishReason.MAX_TOKENS, reply.finishReason());
                assertTrue(reply.tokens().size() <= max, reply.tokens().size() + " of " + max);
                assertEquals(reply.tools().size(), runs.get());
                assertEquals(reply.usage().completionTokens(), reply.tokens().size());
            }
        }
    }

    @Test
    void maxTokensLeavesTheFormRoomOrEndsBefore() {
        try (Chat chat = model.chat()
                .tool("weather", "Weather", City.class, City::city)
                .maxTokens(45)
                .logitsProcessor(new Script(model, call("Solo")))
                .open()) {
            var turn = chat.message(ASK).regex("[a-z]{40}");
            Reply reply = turn.send();
            assertEquals(FinishReason.MAX_TOKENS, reply.finishReason());
            assertEquals(1, reply.tools().size());
        }
    }

    @Test
    @SuppressWarnings("NullAway") // null is what is refused
    void messagesSaySoIfTheyCannotBe() {
        ToolCall call = new ToolCall("1", "f", "{}");
        assertEquals(
                "a message of role user has tool calls; only one of role assistant can",
                assertThrows(
                                IllegalArgumentException.class,
                                () -> new Message(Message.Role.USER, "", "", List.of(call)))
                        .getMessage());
        assertThrows(IllegalArgumentException.class, () -> new Message(Message.Role.SYSTEM, "", "hm", List.of()));
        assertThrows(
                IllegalArgumentException.class,
                () -> new Message(Message.Role.USER, List.of(), "", List.of(), "1", null));
        assertEquals(
                "text",
                assertThrows(NullPointerException.class, () -> Message.user((String) null))
                        .getMessage());
    }
}
