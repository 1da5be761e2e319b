package kawi.langchain4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.ToolExecutionResultMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.exception.InternalServerException;
import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.exception.LangChain4jException;
import dev.langchain4j.exception.ModelNotFoundException;
import dev.langchain4j.exception.RateLimitException;
import dev.langchain4j.exception.TimeoutException;
import dev.langchain4j.exception.UnsupportedFeatureException;
import dev.langchain4j.model.chat.Capability;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.request.ResponseFormat;
import dev.langchain4j.model.chat.request.ToolChoice;
import dev.langchain4j.model.chat.request.json.JsonObjectSchema;
import dev.langchain4j.model.chat.request.json.JsonRawSchema;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.output.FinishReason;
import dev.langchain4j.model.output.TokenUsage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import kawi.BusyException;
import kawi.Concurrency;
import kawi.ContextLengthException;
import kawi.Message;
import kawi.Model;
import kawi.Reply;
import kawi.Sampling;
import kawi.ToolCallException;
import kawi.demo.DemoModel;
import kawi.scripted.ScriptedModel;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class KawiChatModelTest {

    private static final String STORY = "Tell me a story about a fox who lost a kite.";
    private static final ToolSpecification CLOCK =
            ToolSpecification.builder().name("clock").description("The time").build();

    private final Model demo = DemoModel.loader().threads(1).load();

    @AfterAll
    void close() {
        demo.close();
    }

    private KawiChatModel.Builder onDemo() {
        return KawiChatModel.builder().model(demo);
    }

    private KawiChatModel.Builder scripted(String answer) {
        return KawiChatModel.builder().model(ScriptedModel.of(demo, prompt -> answer));
    }

    private static ChatRequest request(String message, ChatRequestParameters parameters) {
        return ChatRequest.builder()
                .messages(UserMessage.from(message))
                .parameters(parameters)
                .build();
    }

    private static KawiChatResponseMetadata metadata(ChatResponse response) {
        return assertInstanceOf(KawiChatResponseMetadata.class, response.metadata());
    }

    // answers

    @Test
    void anAnswerIsThatOfThePrompt() {
        KawiChatModel chat =
                onDemo().temperature(0.8).seed(7L).maxOutputTokens(40).build();
        Reply expected = demo.prompt(List.of(Message.system("Be brief."), Message.user(STORY)))
                .temperature(0.8)
                .seed(7)
                .maxTokens(40)
                .generate();
        ChatResponse response = chat.chat(SystemMessage.from("Be brief."), UserMessage.from(STORY));
        assertEquals(expected.text(), response.aiMessage().text());
        assertEquals(
                new KawiTokenUsage(
                        expected.usage().promptTokens(), expected.usage().completionTokens(), 0, reused(response)),
                response.tokenUsage());
        assertEquals(7L, metadata(response).seed());
        assertEquals(demo.name(), response.modelName());
        assertEquals(
                expected.text(),
                chat.chat(SystemMessage.from("Be brief."), UserMessage.from(STORY))
                        .aiMessage()
                        .text());
    }

    /** The number of tokens whose state was cached depends on what was asked before. */
    private static int reused(ChatResponse response) {
        return assertInstanceOf(KawiTokenUsage.class, response.tokenUsage()).reusedTokenCount();
    }

    @Test
    void everyAnswerHasAnIdOfItsOwn() {
        KawiChatModel chat = onDemo().maxOutputTokens(2).build();
        assertNotEquals(
                chat.chat(UserMessage.from("a")).id(),
                chat.chat(UserMessage.from("a")).id());
    }

    @Test
    void theReasonForTheEndIsReported() {
        assertEquals(
                FinishReason.STOP,
                scripted("Yes.").build().chat(UserMessage.from("a")).finishReason());
        assertEquals(
                FinishReason.STOP,
                scripted("Yes, no.")
                        .stopSequences("no")
                        .build()
                        .chat(UserMessage.from("a"))
                        .finishReason());
        assertEquals(
                FinishReason.LENGTH,
                scripted("Yes, no.")
                        .maxOutputTokens(2)
                        .build()
                        .chat(UserMessage.from("a"))
                        .finishReason());
        try (Model small = DemoModel.loader().threads(1).contextLength(30).load()) {
            KawiChatModel chat = KawiChatModel.builder()
                    .model(ScriptedModel.of(small, prompt -> "one two three four five six seven eight nine ten eleven"))
                    .build();
            assertEquals(FinishReason.LENGTH, chat.chat(UserMessage.from("a")).finishReason());
        }
    }

    @Test
    void aRepetitionWithoutEndIsAnotherReason() {
        Reply reply = demo.prompt("a").maxTokens(1).generate();
        Reply looping = new Reply(
                reply.text(),
                "",
                List.of(),
                List.of(),
                reply.tokens(),
                List.of(),
                kawi.FinishReason.LOOP,
                reply.stats(),
                reply.seed());
        Connection connection =
                new Connection(demo, false, KawiChatRequestParameters.EMPTY, List.of(), false, false, null, null);
        assertEquals(FinishReason.OTHER, connection.response(looping).finishReason());
    }

    @Test
    void anEmptyAnswerHasNoText() {
        assertNull(scripted("").build().chat(UserMessage.from("a")).aiMessage().text());
    }

    // parameters

    @Test
    void aParameterOfTheRequestOverridesThoseOfTheModel() {
        KawiChatModel chat = onDemo().defaultRequestParameters(KawiChatRequestParameters.builder()
                        .seed(1L)
                        .maxOutputTokens(5)
                        .temperature(0.9)
                        .build())
                .maxOutputTokens(6)
                .build();
        assertEquals(
                KawiChatRequestParameters.builder()
                        .modelName(demo.name())
                        .seed(1L)
                        .maxOutputTokens(6)
                        .temperature(0.9)
                        .build(),
                chat.defaultRequestParameters());
        assertEquals(6, chat.chat(UserMessage.from(STORY)).tokenUsage().outputTokenCount());
        ChatResponse response = chat.chat(request(
                STORY, ChatRequestParameters.builder().maxOutputTokens(7).build()));
        assertEquals(7, response.tokenUsage().outputTokenCount());
        assertEquals(1L, metadata(response).seed(), "parameters that a request does not set stay");
        response = chat.chat(
                request(STORY, KawiChatRequestParameters.builder().seed(2L).build()));
        assertEquals(2L, metadata(response).seed());
        assertEquals(6, response.tokenUsage().outputTokenCount());
    }

    @Test
    void settingsThatAreNullAreNotSet() {
        KawiChatModel chat = onDemo().defaultRequestParameters(null)
                .temperature(null)
                .topK(null)
                .topP(null)
                .minP(null)
                .presencePenalty(null)
                .frequencyPenalty(null)
                .repetitionPenalty(null)
                .seed(null)
                .preset(null)
                .maxOutputTokens(null)
                .stopSequences((List<String>) null)
                .toolChoice(null)
                .responseFormat(null)
                .thinking(null)
                .thinkingBudget(null)
                .parallelToolCalls(null)
                .returnThinking(null)
                .sendThinking(null)
                .maxWait(null)
                .timeout(null)
                .listeners((List<ChatModelListener>) null)
                .build();
        assertEquals(
                KawiChatRequestParameters.builder().modelName(demo.name()).build(), chat.defaultRequestParameters());
        assertTrue(chat.chat(UserMessage.from("a")).tokenUsage().outputTokenCount() > 0);
    }

    @Test
    void samplingParametersReachTheModel() {
        KawiChatRequestParameters parameters = KawiChatRequestParameters.builder()
                .temperature(1.5)
                .topK(50)
                .topP(0.95)
                .minP(0.02)
                .typicalP(0.9)
                .repetitionPenalty(1.2)
                .presencePenalty(0.5)
                .frequencyPenalty(0.25)
                .penaltyWindow(32)
                .logitBias(Map.of(300, 2f, 301, Float.NEGATIVE_INFINITY))
                .seed(11L)
                .maxOutputTokens(60)
                .build();
        Sampling sampling = Sampling.defaults()
                .temperature(1.5)
                .topK(50)
                .topP(0.95)
                .minP(0.02)
                .typicalP(0.9)
                .repetitionPenalty(1.2)
                .presencePenalty(0.5)
                .frequencyPenalty(0.25)
                .penaltyWindow(32)
                .logitBias(Map.of(300, 2f, 301, Float.NEGATIVE_INFINITY))
                .seed(11);
        assertEquals(
                demo.prompt(List.of(Message.user(STORY)))
                        .sampling(sampling)
                        .maxTokens(60)
                        .generate()
                        .text(),
                onDemo().build().chat(request(STORY, parameters)).aiMessage().text());
    }

    @Test
    void aParameterThatIsOutOfRangeIsRefusedWhenTheModelIsBuilt() {
        InvalidRequestException e = assertThrows(
                InvalidRequestException.class, () -> onDemo().temperature(-1.0).build());
        assertTrue(String.valueOf(e.getMessage()).contains("temperature is -1.0"), e::getMessage);
        KawiChatModel chat = onDemo().build();
        assertThrows(
                InvalidRequestException.class,
                () -> chat.chat(
                        request("a", ChatRequestParameters.builder().topP(2.0).build())));
    }

    @Test
    void theNameOfTheModelIsAcceptedAndAnotherIsNot() {
        ChatRequestParameters same = ChatRequestParameters.builder()
                .modelName(demo.name())
                .maxOutputTokens(1)
                .build();
        assertEquals(demo.name(), onDemo().build().chat(request("a", same)).modelName());
        ChatRequestParameters other =
                ChatRequestParameters.builder().modelName("other").build();
        assertThrows(
                UnsupportedFeatureException.class,
                () -> onDemo().defaultRequestParameters(other).build());
    }

    @Test
    void templateVariablesReachTheTemplate() {
        Model model = ScriptedModel.of(demo, prompt -> prompt.endsWith("<think>\n") ? "hm</think>\n\nyes" : "no");
        KawiChatModel chat = KawiChatModel.builder().model(model).build();
        assertEquals("no", chat.chat("a"));
        ChatRequestParameters thinking = KawiChatRequestParameters.builder()
                .templateVariables(Map.of("enable_thinking", true))
                .build();
        assertEquals("yes", chat.chat(request("a", thinking)).aiMessage().text());
    }

    // thoughts

    @Test
    void thoughtsAreReturnedOnlyIfWanted() {
        String answer = "Two and two.\n</think>\n\nFour.";
        AiMessage message = scripted(answer)
                .thinking(true)
                .returnThinking(true)
                .build()
                .chat(UserMessage.from("2+2?"))
                .aiMessage();
        assertEquals("Two and two.", message.thinking().strip());
        assertEquals("Four.", message.text());
        ChatResponse response = scripted(answer).thinking(true).build().chat(UserMessage.from("2+2?"));
        assertNull(response.aiMessage().thinking());
        assertEquals("Four.", response.aiMessage().text());
        assertTrue(thinkingTokens(response) > 3);
    }

    @Test
    void aThoughtBudgetReachesTheModel() {
        int thoughtEnd = demo.tokenizer().orElseThrow().id("</think>").orElseThrow();
        KawiChatModel.Builder endless = onDemo().defaultRequestParameters(KawiChatRequestParameters.builder()
                        .logitBias(Map.of(thoughtEnd, Float.NEGATIVE_INFINITY))
                        .build())
                .thinking(true)
                .seed(1L)
                .maxOutputTokens(100);
        ChatResponse response = endless.build().chat(UserMessage.from(STORY));
        assertEquals(100, thinkingTokens(response));
        assertNull(response.aiMessage().text());
        Reply expected = demo.prompt(List.of(Message.user(STORY)))
                .logitBias(thoughtEnd, Float.NEGATIVE_INFINITY)
                .thinking(true)
                .thinkingBudget(3)
                .seed(1)
                .maxTokens(100)
                .generate();
        response = endless.thinkingBudget(3).build().chat(UserMessage.from(STORY));
        assertEquals(expected.text(), response.aiMessage().text());
        assertEquals(expected.usage().thinkingTokens(), thinkingTokens(response));
        assertTrue(expected.usage().thinkingTokens() < 100);
    }

    private static int thinkingTokens(ChatResponse response) {
        return assertInstanceOf(KawiTokenUsage.class, response.tokenUsage()).thinkingTokenCount();
    }

    @Test
    void earlierThoughtsAreSentOnlyIfWanted() {
        AtomicReference<String> prompt = new AtomicReference<>("");
        Model model = ScriptedModel.of(demo, text -> {
            prompt.set(text);
            return "ok";
        });
        AiMessage calling = AiMessage.builder()
                .thinking("I need a clock.")
                .toolExecutionRequests(List.of(ToolExecutionRequest.builder()
                        .id("1")
                        .name("clock")
                        .arguments("{}")
                        .build()))
                .build();
        ChatRequest request = ChatRequest.builder()
                .messages(
                        UserMessage.from("What time is it?"),
                        calling,
                        ToolExecutionResultMessage.from("1", "clock", "10:14"))
                .toolSpecifications(CLOCK)
                .build();
        KawiChatModel.builder().model(model).build().chat(request);
        assertTrue(prompt.get().contains("I need a clock."), prompt::get);
        KawiChatModel.builder().model(model).sendThinking(false).build().chat(request);
        assertFalse(prompt.get().contains("I need a clock."), prompt::get);
    }

    // tools and formats

    @Test
    void callsAreReturnedAndNotExecuted() {
        ChatResponse response = scripted("One moment.\n\n" + ScriptedModel.call("clock", Map.of()))
                .build()
                .chat(ChatRequest.builder()
                        .messages(UserMessage.from("What time is it?"))
                        .toolSpecifications(CLOCK)
                        .build());
        assertEquals("One moment.", response.aiMessage().text().strip());
        assertEquals(
                "clock", response.aiMessage().toolExecutionRequests().getFirst().name());
        assertEquals(
                "{}", response.aiMessage().toolExecutionRequests().getFirst().arguments());
        assertFalse(response.aiMessage().toolExecutionRequests().getFirst().id().isBlank());
        assertEquals(FinishReason.TOOL_EXECUTION, response.finishReason());
    }

    @Test
    void aRequiredCallIsForcedAndAForbiddenOnePrevented() {
        ToolSpecification add = ToolSpecification.builder()
                .name("add")
                .parameters(JsonObjectSchema.builder()
                        .addIntegerProperty("a")
                        .addIntegerProperty("b")
                        .required("a", "b")
                        .build())
                .build();
        for (long seed = 1; seed <= 3; seed++) {
            KawiChatModel chat = onDemo().seed(seed).maxOutputTokens(300).build();
            ChatRequest.Builder request =
                    ChatRequest.builder().messages(UserMessage.from(STORY)).toolSpecifications(add, CLOCK);
            AiMessage required =
                    chat.chat(request.toolChoice(ToolChoice.REQUIRED).build()).aiMessage();
            assertTrue(required.hasToolExecutionRequests(), "seed " + seed);
            AiMessage none =
                    chat.chat(request.toolChoice(ToolChoice.NONE).build()).aiMessage();
            assertFalse(none.hasToolExecutionRequests(), "seed " + seed);
        }
    }

    @Test
    void severalCallsCanBePrevented() {
        String calls = ScriptedModel.call("clock", Map.of()) + "\n" + ScriptedModel.call("clock", Map.of());
        ChatRequest.Builder request = ChatRequest.builder().messages(UserMessage.from("a"));
        KawiChatRequestParameters.Builder parameters =
                KawiChatRequestParameters.builder().toolSpecifications(CLOCK);
        KawiChatModel chat = scripted(calls).build();
        assertEquals(
                2,
                chat.chat(request.parameters(parameters.build()).build())
                        .aiMessage()
                        .toolExecutionRequests()
                        .size());
        assertEquals(
                1,
                chat.chat(request.parameters(parameters.parallelToolCalls(false).build())
                                .build())
                        .aiMessage()
                        .toolExecutionRequests()
                        .size());
    }

    @Test
    void aRequiredCallWithoutToolsIsAnInvalidRequest() {
        InvalidRequestException e = assertThrows(
                InvalidRequestException.class,
                () -> onDemo().toolChoice(ToolChoice.REQUIRED).build().chat("a"));
        assertTrue(String.valueOf(e.getMessage()).contains("there are no tools"), e::getMessage);
    }

    @Test
    void jsonWithoutASchemaIsAnObject() {
        for (long seed = 1; seed <= 3; seed++) {
            String text = onDemo().seed(seed)
                    .maxOutputTokens(200)
                    .responseFormat(ResponseFormat.JSON)
                    .build()
                    .chat(STORY);
            assertTrue(text.startsWith("{") && text.endsWith("}"), text);
        }
    }

    @Test
    void aFormatDoesNotApplyToARequiredCall() {
        AiMessage answer = onDemo().seed(1L)
                .maxOutputTokens(200)
                .responseFormat(ResponseFormat.JSON)
                .build()
                .chat(ChatRequest.builder()
                        .messages(UserMessage.from(STORY))
                        .toolSpecifications(CLOCK)
                        .toolChoice(ToolChoice.REQUIRED)
                        .build())
                .aiMessage();
        assertEquals("clock", answer.toolExecutionRequests().getFirst().name());
    }

    @Test
    void theCapabilityOfSchemasIsDeclared() {
        assertEquals(
                Set.of(Capability.RESPONSE_FORMAT_JSON_SCHEMA), onDemo().build().supportedCapabilities());
    }

    // failures

    @Test
    void aPromptThatIsTooLongIsAnInvalidRequest() {
        InvalidRequestException e = assertThrows(
                InvalidRequestException.class, () -> onDemo().build().chat("word ".repeat(2000)));
        assertInstanceOf(ContextLengthException.class, e.getCause());
    }

    @Test
    void messagesThatTheTemplateDoesNotAcceptAreAnInvalidRequest() {
        InvalidRequestException e = assertThrows(
                InvalidRequestException.class,
                () -> onDemo().build().chat(UserMessage.from("a"), SystemMessage.from("b")));
        assertTrue(String.valueOf(e.getMessage()).contains("System message must be at the beginning."), e::getMessage);
    }

    @Test
    void aCallThatCannotBeUsedIsAFailureOfTheModel() {
        Model model = ScriptedModel.of(demo, prompt -> "<tool_call>\n<function=clock>\n</function>\n</tool_call>");
        ToolSpecification unenforceable = ToolSpecification.builder()
                .name("clock")
                .parameters(JsonObjectSchema.builder()
                        .addProperty("zone", JsonRawSchema.from("{\"type\":\"string\",\"pattern\":\"(a)\\\\1\"}"))
                        .required("zone")
                        .build())
                .build();
        ChatRequest request = ChatRequest.builder()
                .messages(UserMessage.from("a"))
                .toolSpecifications(unenforceable)
                .build();
        InternalServerException e = assertThrows(
                InternalServerException.class,
                () -> KawiChatModel.builder().model(model).build().chat(request));
        assertInstanceOf(ToolCallException.class, e.getCause());
    }

    @Test
    void aModelThatDoesNotExistIsNotFound(@TempDir Path folder) {
        ModelNotFoundException e = assertThrows(
                ModelNotFoundException.class,
                () -> KawiChatModel.builder().model(folder.resolve("none.gguf")).build());
        assertTrue(String.valueOf(e.getMessage()).contains("none.gguf"), e::getMessage);
        assertThrows(
                ModelNotFoundException.class,
                () -> KawiChatModel.builder().model("hf:not-a-reference").build());
        assertThrows(IllegalStateException.class, () -> KawiChatModel.builder().build());
    }

    @Test
    void aClosedModelCannotAnswer() {
        Model model = DemoModel.loader().threads(1).load();
        KawiChatModel chat = KawiChatModel.builder().model(model).build();
        model.close();
        assertThrows(InvalidRequestException.class, () -> chat.chat("a"));
    }

    @Test
    void anAnswerThatTakesTooLongTimesOut() {
        KawiChatModel chat = KawiChatModel.builder()
                .model(ScriptedModel.of(demo, KawiChatModelTest::slow))
                .timeout(Duration.ofMillis(50))
                .build();
        TimeoutException e = assertThrows(TimeoutException.class, () -> chat.chat("a"));
        assertTrue(String.valueOf(e.getMessage()).contains("PT0.05S"), e::getMessage);
        ExecutionException async =
                assertThrows(ExecutionException.class, () -> chat.chatAsync("a").get(60, TimeUnit.SECONDS));
        assertInstanceOf(TimeoutException.class, async.getCause());
        assertEquals(
                "yes",
                scripted("yes")
                        .timeout(Duration.ofSeconds(Long.MAX_VALUE))
                        .build()
                        .chat("a"),
                "one that does not is not affected");
        assertThrows(IllegalArgumentException.class, () -> onDemo().timeout(Duration.ZERO));
    }

    /** An answer that begins after a pause longer than the time limit of the test. */
    private static String slow(String prompt) {
        try {
            Thread.sleep(200);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return "one two three";
    }

    @Test
    void anAnswerThatABusyModelRefusesCanBeTriedAgain() throws Exception {
        CompletableFuture<Void> asked = new CompletableFuture<>();
        CompletableFuture<String> answer = new CompletableFuture<>();
        Concurrency one = Concurrency.defaults().sequences(1);
        try (Model own = DemoModel.loader().threads(1).concurrency(one).load()) {
            Model model = ScriptedModel.of(own, prompt -> {
                asked.complete(null);
                return answer.join();
            });
            KawiChatModel.Builder builder = KawiChatModel.builder().model(model);
            CompletableFuture<String> first = builder.build().chatAsync("a");
            asked.get(60, TimeUnit.SECONDS);
            KawiChatModel impatient = builder.maxWait(Duration.ZERO).build();
            RateLimitException e = assertThrows(RateLimitException.class, () -> impatient.chat("a"));
            assertInstanceOf(BusyException.class, e.getCause());
            answer.complete("yes");
            assertEquals("yes", first.get(60, TimeUnit.SECONDS));
            assertEquals("yes", impatient.chat("a"));
        }
    }

    @Test
    void anInterruptedThreadGetsNoAnswer() {
        Thread.currentThread().interrupt();
        LangChain4jException e =
                assertThrows(LangChain4jException.class, () -> onDemo().build().chat("a"));
        assertTrue(Thread.interrupted(), "the interruption is still to be seen");
        assertTrue(String.valueOf(e.getMessage()).contains("interrupted"), e::getMessage);
    }

    // threads and ownership

    @Test
    void anAnswerOnAThreadOfItsOwnCanBeCancelled() throws Exception {
        CompletableFuture<Void> asked = new CompletableFuture<>();
        CompletableFuture<String> answer = new CompletableFuture<>();
        Model own = DemoModel.loader().threads(1).load();
        Model model = ScriptedModel.of(own, prompt -> {
            asked.complete(null);
            return answer.join();
        });
        try (own) {
            KawiChatModel chat = KawiChatModel.builder().model(model).build();
            CompletableFuture<ChatResponse> response = chat.chatAsync(
                    ChatRequest.builder().messages(UserMessage.from("a")).build());
            asked.get(60, TimeUnit.SECONDS);
            assertEquals(1, own.memoryUse().sequences());
            assertTrue(response.cancel(false));
            answer.complete("word ".repeat(200));
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
            while (own.memoryUse().sequences() > 0) {
                assertTrue(System.nanoTime() < deadline, "the answer has not ended");
                Thread.onSpinWait();
            }
        }
    }

    @Test
    void anyNumberOfThreadsGetTheAnswersThatEachGetsAlone() throws Exception {
        KawiChatModel chat = onDemo().temperature(0.9).maxOutputTokens(30).build();
        List<ChatRequest> requests = IntStream.range(0, 12)
                .mapToObj(i -> request(
                        STORY + " " + i,
                        KawiChatRequestParameters.builder().seed((long) i).build()))
                .toList();
        List<String> alone = requests.stream()
                .map(request -> chat.chat(request).aiMessage().text())
                .toList();
        List<CompletableFuture<ChatResponse>> together = new ArrayList<>();
        requests.forEach(request -> together.add(chat.chatAsync(request)));
        for (int i = 0; i < alone.size(); i++) {
            assertEquals(
                    alone.get(i),
                    together.get(i).get(60, TimeUnit.SECONDS).aiMessage().text());
        }
    }

    @Test
    void onlyAModelThatTheBuilderHasLoadedIsClosed(@TempDir Path folder) throws Exception {
        try (KawiChatModel chat = onDemo().build()) {
            assertEquals(
                    1,
                    chat.chat(request(
                                    "a",
                                    ChatRequestParameters.builder()
                                            .maxOutputTokens(1)
                                            .build()))
                            .tokenUsage()
                            .outputTokenCount());
        }
        assertTrue(demo.prompt("a").maxTokens(1).generate().tokens().size() <= 1, "still open");

        Path file = folder.resolve("demo.gguf");
        try (var gguf = DemoModel.class.getResourceAsStream("demo-q8_0.gguf")) {
            Files.copy(Objects.requireNonNull(gguf), file);
        }
        for (KawiChatModel.Builder builder : List.of(
                KawiChatModel.builder().model(file), KawiChatModel.builder().model(file.toString()))) {
            KawiChatModel chat = builder.maxOutputTokens(1).build();
            assertEquals(1, chat.chat(UserMessage.from("a")).tokenUsage().outputTokenCount());
            chat.close();
            assertThrows(InvalidRequestException.class, () -> chat.chat("a"));
        }
    }

    @Test
    void countsCanBeAdded() {
        KawiTokenUsage usage = new KawiTokenUsage(1, 2, 3, 4);
        assertEquals(new KawiTokenUsage(11, 22, 33, 44), usage.add(new KawiTokenUsage(10, 20, 30, 40)));
        assertEquals(new KawiTokenUsage(11, 22, 3, 4), usage.add(new TokenUsage(10, 20)));
        assertEquals(new KawiTokenUsage(11, 22, 3, 4), TokenUsage.sum(new TokenUsage(10, 20), usage));
        assertEquals(usage, usage.add(new TokenUsage()));
        assertEquals(usage, usage.add(null));
        assertEquals(3, usage.totalTokenCount());
    }

    @Test
    void metadataCanBeChanged() {
        KawiChatResponseMetadata metadata =
                KawiChatResponseMetadata.builder().id("a").seed(1L).build();
        assertEquals(metadata, metadata.toBuilder().build());
        assertEquals(
                KawiChatResponseMetadata.builder().id("b").seed(1L).build(),
                metadata.toBuilder().id("b").build());
        assertNotEquals(metadata, metadata.toBuilder().seed(2L).build());
    }
}
