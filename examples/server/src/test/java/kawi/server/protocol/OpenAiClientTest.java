package kawi.server.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.JsonValue;
import com.openai.core.http.StreamResponse;
import com.openai.errors.BadRequestException;
import com.openai.errors.InternalServerException;
import com.openai.errors.NotFoundException;
import com.openai.errors.RateLimitException;
import com.openai.helpers.ChatCompletionAccumulator;
import com.openai.helpers.ResponseAccumulator;
import com.openai.models.FunctionDefinition;
import com.openai.models.FunctionParameters;
import com.openai.models.ReasoningEffort;
import com.openai.models.ResponseFormatJsonObject;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletionChunk;
import com.openai.models.chat.completions.ChatCompletionContentPart;
import com.openai.models.chat.completions.ChatCompletionContentPartImage;
import com.openai.models.chat.completions.ChatCompletionContentPartText;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.chat.completions.ChatCompletionFunctionTool;
import com.openai.models.chat.completions.ChatCompletionMessage;
import com.openai.models.chat.completions.ChatCompletionStreamOptions;
import com.openai.models.chat.completions.ChatCompletionToolChoiceOption;
import com.openai.models.chat.completions.ChatCompletionToolMessageParam;
import com.openai.models.chat.completions.StructuredChatCompletionCreateParams;
import com.openai.models.completions.Completion;
import com.openai.models.completions.CompletionCreateParams;
import com.openai.models.responses.Response;
import com.openai.models.responses.ResponseCreateParams;
import com.openai.models.responses.ResponseInputItem;
import com.openai.models.responses.ResponseOutputItem;
import com.openai.models.responses.ResponseStatus;
import com.openai.models.responses.ResponseStreamEvent;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import kawi.Concurrency;
import kawi.Model;
import kawi.demo.DemoModel;
import kawi.scripted.ScriptedModel;
import kawi.server.Server;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The Java client of OpenAI, over HTTP. */
class OpenAiClientTest {

    private static Model model;
    private static Server server;
    private static OpenAIClient client;

    /** What the model is asked for, and what it says. */
    private static String script(String prompt) {
        if (prompt.contains("<tool_response>")) {
            return "It is 21 degrees in Turin.";
        }
        if (prompt.contains("How warm")) {
            return ScriptedModel.call("GetTemperature", Map.of("city", "Turin"));
        }
        if (prompt.contains("a bad call")) {
            return ScriptedModel.call("count", Map.of("to", "ten"));
        }
        if (prompt.contains("Think")) {
            return "<think>\nTwo and two.\n</think>\n\nFour.";
        }
        return "A river runs. It is long.";
    }

    @JsonClassDescription("The temperature in a city")
    static class GetTemperature {
        @JsonPropertyDescription("The name of the city")
        public String city = "";
    }

    @JsonClassDescription("A person")
    static class Person {
        public String name = "";
        public int age;
        public List<String> hobbies = List.of();
    }

    @BeforeAll
    static void start() throws IOException {
        model = DemoModel.load();
        server = Server.builder()
                .model("demo", model)
                .model("scripted", ScriptedModel.of(model, OpenAiClientTest::script))
                .port(0)
                .start();
        client = client(server);
    }

    private static OpenAIClient client(Server server) {
        return OpenAIOkHttpClient.builder()
                .baseUrl(server.uri() + "/v1")
                .apiKey("none")
                .maxRetries(0)
                .build();
    }

    @AfterAll
    static void stop() {
        client.close();
        server.close();
        model.close();
    }

    private static ChatCompletionCreateParams.Builder chat(String message) {
        return ChatCompletionCreateParams.builder().model("scripted").addUserMessage(message);
    }

    private static String text(ChatCompletion completion) {
        return completion.choices().getFirst().message().content().orElse("");
    }

    @Test
    void modelsAreListed() {
        assertEquals(
                List.of("demo", "scripted"),
                client.models().list().items().stream()
                        .map(each -> each.id())
                        .sorted()
                        .toList());
        assertEquals("demo", client.models().retrieve("demo").id());
        assertThrows(NotFoundException.class, () -> client.models().retrieve("gone"));
    }

    @Test
    void aChatIsAnswered() {
        ChatCompletion completion = client.chat()
                .completions()
                .create(ChatCompletionCreateParams.builder()
                        .model("scripted")
                        .addSystemMessage("Be brief.")
                        .addDeveloperMessage("Be kind.")
                        .addUserMessage("Hello")
                        .temperature(0.5)
                        .topP(0.9)
                        .maxCompletionTokens(50)
                        .presencePenalty(0.1)
                        .frequencyPenalty(0.1)
                        .safetyIdentifier("somebody")
                        .build());
        assertEquals("A river runs. It is long.", text(completion.validate()));
        assertEquals(
                ChatCompletion.Choice.FinishReason.STOP,
                completion.choices().getFirst().finishReason());
        assertTrue(completion.usage().orElseThrow().promptTokens() > 0);
    }

    @Test
    void aChatIsStreamed() {
        ChatCompletionAccumulator accumulator = ChatCompletionAccumulator.create();
        List<ChatCompletionChunk> chunks = new ArrayList<>();
        try (StreamResponse<ChatCompletionChunk> stream = client.chat()
                .completions()
                .createStreaming(chat("Hello")
                        .streamOptions(ChatCompletionStreamOptions.builder()
                                .includeUsage(true)
                                .build())
                        .logprobs(true)
                        .topLogprobs(2)
                        .build())) {
            stream.stream().peek(accumulator::accumulate).forEach(chunks::add);
        }
        assertEquals("A river runs. It is long.", text(accumulator.chatCompletion()));
        assertTrue(chunks.size() > 5);
        assertTrue(chunks.getLast().usage().orElseThrow().completionTokens() > 0);
        assertEquals(
                "A river runs. It is long.",
                chunks.stream()
                        .flatMap(chunk -> chunk.choices().stream())
                        .flatMap(choice -> choice.logprobs().stream())
                        .flatMap(logprobs -> logprobs.content().stream().flatMap(List::stream))
                        .map(token -> token.token())
                        .collect(Collectors.joining()));
    }

    @Test
    @SuppressWarnings("deprecation") // the client's way to fields that OpenAI does not have
    void thoughtsAreAdditionalProperties() {
        ChatCompletionMessage message = client.chat()
                .completions()
                .create(chat("Think").build())
                .choices()
                .getFirst()
                .message();
        assertEquals("Four.", message.content().orElseThrow());
        assertEquals(
                "Two and two.",
                Objects.requireNonNull(message._additionalProperties().get("reasoning_content"))
                        .asStringOrThrow());
    }

    @Test
    void toolsAreCalledInALoop() {
        ChatCompletionCreateParams.Builder conversation =
                chat("How warm is it in Turin?").addTool(GetTemperature.class);
        int rounds = 0;
        String answer = "";
        while (answer.isEmpty() && rounds < 3) {
            rounds++;
            ChatCompletionMessage message = client.chat()
                    .completions()
                    .create(conversation.build())
                    .choices()
                    .getFirst()
                    .message();
            conversation.addMessage(message);
            answer = message.content().orElse("");
            message.toolCalls().stream().flatMap(List::stream).forEach(call -> {
                GetTemperature arguments = call.asFunction().function().arguments(GetTemperature.class);
                assertEquals("Turin", arguments.city);
                conversation.addMessage(ChatCompletionToolMessageParam.builder()
                        .toolCallId(call.asFunction().id())
                        .content("21 degrees")
                        .build());
            });
        }
        assertEquals("It is 21 degrees in Turin.", answer);
        assertEquals(2, rounds);
    }

    @Test
    void callsAreStreamed() {
        ChatCompletionAccumulator accumulator = ChatCompletionAccumulator.create();
        try (StreamResponse<ChatCompletionChunk> stream = client.chat()
                .completions()
                .createStreaming(chat("How warm is it in Turin?")
                        .addTool(GetTemperature.class)
                        .toolChoice(ChatCompletionToolChoiceOption.Auto.REQUIRED)
                        .parallelToolCalls(false)
                        .build())) {
            stream.stream().forEach(accumulator::accumulate);
        }
        ChatCompletion.Choice choice = accumulator.chatCompletion().choices().getFirst();
        assertEquals(ChatCompletion.Choice.FinishReason.TOOL_CALLS, choice.finishReason());
        assertEquals(
                "GetTemperature",
                choice.message()
                        .toolCalls()
                        .orElseThrow()
                        .getFirst()
                        .asFunction()
                        .function()
                        .name());
    }

    @Test
    void aClassIsTheFormOfAnAnswer() {
        StructuredChatCompletionCreateParams<Person> params = ChatCompletionCreateParams.builder()
                .model("demo")
                .addUserMessage("Invent a person.")
                .responseFormat(Person.class)
                .maxCompletionTokens(120)
                .build();
        Person person = client.chat().completions().create(params).choices().stream()
                .flatMap(choice -> choice.message().content().stream())
                .findFirst()
                .orElseThrow();
        assertTrue(person.name != null && person.hobbies != null);
    }

    @Test
    void anObjectIsTheFormOfAnAnswer() {
        String json = text(client.chat()
                .completions()
                .create(ChatCompletionCreateParams.builder()
                        .model("demo")
                        .addUserMessage("JSON, please.")
                        .maxCompletionTokens(60)
                        .responseFormat(ResponseFormatJsonObject.builder().build())
                        .build()));
        assertTrue(json.startsWith("{") && json.endsWith("}"), json);
    }

    @Test
    void textsAreCompleted() {
        Completion completion = client.completions()
                .create(CompletionCreateParams.builder()
                        .model("demo")
                        .promptOfArrayOfStrings(List.of("Once upon a time", "The dog"))
                        .maxTokens(6)
                        .temperature(0)
                        .echo(true)
                        .build())
                .validate();
        assertEquals(2, completion.choices().size());
        assertTrue(completion.choices().getFirst().text().startsWith("Once upon a time"));
        Completion scored = client.completions()
                .create(CompletionCreateParams.builder()
                        .model("demo")
                        .prompt("Once upon a time")
                        .maxTokens(4)
                        .logprobs(2)
                        .build())
                .validate();
        assertEquals(
                4,
                scored.choices()
                        .getFirst()
                        .logprobs()
                        .orElseThrow()
                        .tokenLogprobs()
                        .orElseThrow()
                        .size());
        List<Completion> chunks = new ArrayList<>();
        try (StreamResponse<Completion> stream = client.completions()
                .createStreaming(CompletionCreateParams.builder()
                        .model("demo")
                        .promptOfArrayOfTokens(List.of(5L, 6L, 7L))
                        .maxTokens(6)
                        .build())) {
            stream.stream().forEach(chunks::add);
        }
        assertTrue(chunks.size() > 2);
    }

    @Test
    void aResponseIsCreated() {
        Response response = client.responses()
                .create(ResponseCreateParams.builder()
                        .model("scripted")
                        .instructions("Be brief.")
                        .input("Think: what is two and two?")
                        .maxOutputTokens(100)
                        .build())
                .validate();
        assertEquals(ResponseStatus.COMPLETED, response.status().orElseThrow());
        assertEquals("Four.", outputText(response));
        assertTrue(response.output().getFirst().isReasoning());
        assertTrue(response.usage().orElseThrow().outputTokens() > 3);
    }

    private static String outputText(Response response) {
        return response.output().stream()
                .flatMap(item -> item.message().stream())
                .flatMap(message -> message.content().stream())
                .flatMap(content -> content.outputText().stream())
                .map(text -> text.text())
                .collect(Collectors.joining());
    }

    @Test
    void aResponseIsStreamed() {
        ResponseAccumulator accumulator = ResponseAccumulator.create();
        List<String> deltas = new ArrayList<>();
        List<Long> numbers = new ArrayList<>();
        try (StreamResponse<ResponseStreamEvent> stream = client.responses()
                .createStreaming(ResponseCreateParams.builder()
                        .model("scripted")
                        .input("Think.")
                        .build())) {
            stream.stream().forEach(event -> {
                accumulator.accumulate(event);
                event.outputTextDelta().ifPresent(delta -> deltas.add(delta.delta()));
                event.outputTextDelta().ifPresent(delta -> numbers.add(delta.sequenceNumber()));
            });
        }
        assertEquals("Four.", String.join("", deltas));
        assertEquals("Four.", outputText(accumulator.response().validate()));
        assertEquals(numbers.stream().sorted().distinct().toList(), numbers);
    }

    @Test
    void functionsOfResponsesAreCalledInALoop() {
        List<ResponseInputItem> input = new ArrayList<>();
        input.add(ResponseInputItem.ofMessage(ResponseInputItem.Message.builder()
                .role(ResponseInputItem.Message.Role.USER)
                .addInputTextContent("How warm is it in Turin?")
                .build()));
        String answer = "";
        for (int round = 0; round < 3 && answer.isEmpty(); round++) {
            Response response = client.responses()
                    .create(ResponseCreateParams.builder()
                            .model("scripted")
                            .inputOfResponse(input)
                            .addTool(GetTemperature.class)
                            .build());
            answer = outputText(response);
            for (ResponseOutputItem item : response.output()) {
                item.functionCall().ifPresent(call -> {
                    assertEquals("Turin", call.arguments(GetTemperature.class).city);
                    input.add(ResponseInputItem.ofFunctionCall(call));
                    input.add(ResponseInputItem.ofFunctionCallOutput(ResponseInputItem.FunctionCallOutput.builder()
                            .callId(call.callId())
                            .output("21 degrees")
                            .build()));
                });
            }
        }
        assertEquals("It is 21 degrees in Turin.", answer);
    }

    @Test
    void aClassIsTheFormOfAResponse() {
        Person person = client
                .responses()
                .create(ResponseCreateParams.builder()
                        .model("demo")
                        .input("Invent a person.")
                        .text(Person.class)
                        .maxOutputTokens(120)
                        .build())
                .output()
                .stream()
                .flatMap(item -> item.message().stream())
                .flatMap(message -> message.content().stream())
                .flatMap(content -> content.outputText().stream())
                .findFirst()
                .orElseThrow();
        assertTrue(person.name != null && person.hobbies != null);
    }

    @Test
    void whatCannotBeHonouredIsABadRequest() {
        BadRequestException previous = assertThrows(
                BadRequestException.class,
                () -> client.responses()
                        .create(ResponseCreateParams.builder()
                                .model("scripted")
                                .input("More.")
                                .previousResponseId("resp_1")
                                .build()));
        assertEquals("previous_response_id", previous.param().orElseThrow());
        assertEquals("unsupported_parameter", previous.code().orElseThrow());

        BadRequestException image = assertThrows(
                BadRequestException.class,
                () -> client.chat().completions().create(images("https://example.org/x.png")));
        assertTrue(String.valueOf(image.getMessage()).contains("does not fetch URLs"), image.toString());
        BadRequestException data = assertThrows(
                BadRequestException.class,
                () -> client.chat().completions().create(images("data:image/png;base64,iVBORw0KGgo=")));
        assertTrue(String.valueOf(data.getMessage()).contains("has no vision tower"), data.toString());
        NotFoundException missing = assertThrows(
                NotFoundException.class,
                () -> client.chat().completions().create(chat("x").model("gone").build()));
        assertEquals("model_not_found", missing.code().orElseThrow());
    }

    private static ChatCompletionCreateParams images(String url) {
        return ChatCompletionCreateParams.builder()
                .model("demo")
                .addUserMessageOfArrayOfContentParts(List.of(
                        ChatCompletionContentPart.ofText(ChatCompletionContentPartText.builder()
                                .text("What is this?")
                                .build()),
                        ChatCompletionContentPart.ofImageUrl(ChatCompletionContentPartImage.builder()
                                .imageUrl(ChatCompletionContentPartImage.ImageUrl.builder()
                                        .url(url)
                                        .build())
                                .build())))
                .build();
    }

    @Test
    void thinkingIsSetByEffortAndByVariables() {
        ChatCompletionCreateParams effort =
                chat("Hello").reasoningEffort(ReasoningEffort.NONE).build();
        assertEquals(
                "A river runs. It is long.", text(client.chat().completions().create(effort)));
        ChatCompletionCreateParams variable = chat("Hello")
                .putAdditionalBodyProperty("chat_template_kwargs", JsonValue.from(Map.of("enable_thinking", false)))
                .build();
        assertEquals(
                "A river runs. It is long.", text(client.chat().completions().create(variable)));
    }

    @Test
    void aBusyModelIsARateLimit() throws IOException {
        try (Model busy = DemoModel.loader()
                        .concurrency(Concurrency.defaults().sequences(1).waiting(0))
                        .load();
                Server other = Server.builder().model("demo", busy).port(0).start();
                StreamResponse<Completion> endless = client(other)
                        .completions()
                        .createStreaming(CompletionCreateParams.builder()
                                .model("demo")
                                .prompt("Once")
                                .maxTokens(100_000)
                                .putAdditionalBodyProperty("ignore_eos", JsonValue.from(true))
                                .build())) {
            assertTrue(endless.stream().findFirst().isPresent());
            RateLimitException refused = assertThrows(
                    RateLimitException.class,
                    () -> client(other)
                            .chat()
                            .completions()
                            .create(ChatCompletionCreateParams.builder()
                                    .model("demo")
                                    .addUserMessage("Hello")
                                    .build()));
            assertEquals("rate_limit_exceeded", refused.code().orElseThrow());
            assertTrue(Integer.parseInt(refused.headers().values("Retry-After").getFirst()) >= 1);
        }
    }

    @Test
    void aCallThatCannotBeUnderstoodIsAnErrorOfTheServer() {
        assertThrows(
                InternalServerException.class,
                () -> client.chat()
                        .completions()
                        .create(chat("Count with a bad call")
                                .addTool(ChatCompletionFunctionTool.builder()
                                        .function(FunctionDefinition.builder()
                                                .name("count")
                                                .parameters(FunctionParameters.builder()
                                                        .putAdditionalProperty("type", JsonValue.from("object"))
                                                        .putAdditionalProperty(
                                                                "properties",
                                                                JsonValue.from(Map.of(
                                                                        "to", Map.of("type", "integer"),
                                                                        "from", Map.of("type", "integer"))))
                                                        .putAdditionalProperty("maxProperties", JsonValue.from(1))
                                                        .build())
                                                .build())
                                        .build())
                                .build()));
    }
}
