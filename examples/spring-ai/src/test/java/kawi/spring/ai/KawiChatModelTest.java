package kawi.spring.ai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import kawi.GenerationStats;
import kawi.Model;
import kawi.TokenUsage;
import kawi.ToolCallException;
import kawi.ToolChoice;
import kawi.scripted.ScriptedModel;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.ai.chat.client.ChatClient;
import org.springframework.ai.chat.messages.AssistantMessage;
import org.springframework.ai.chat.messages.Message;
import org.springframework.ai.chat.messages.SystemMessage;
import org.springframework.ai.chat.messages.ToolResponseMessage;
import org.springframework.ai.chat.messages.UserMessage;
import org.springframework.ai.chat.metadata.Usage;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.chat.model.Generation;
import org.springframework.ai.chat.model.MessageAggregator;
import org.springframework.ai.chat.prompt.ChatOptions;
import org.springframework.ai.chat.prompt.Prompt;
import org.springframework.ai.content.Media;
import org.springframework.ai.retry.NonTransientAiException;
import org.springframework.ai.retry.TransientAiException;
import org.springframework.ai.tool.ToolCallback;
import org.springframework.ai.tool.function.FunctionToolCallback;
import org.springframework.core.io.ByteArrayResource;
import org.springframework.util.MimeTypeUtils;

/** Requests and responses of {@link KawiChatModel}, mostly with scripted answers. */
final class KawiChatModelTest {

    record City(String city) {}

    private static final ToolCallback WEATHER = FunctionToolCallback.builder("weather", (City city) -> {
                throw new AssertionError("the chat model executes no tool");
            })
            .description("The weather of a city")
            .inputType(City.class)
            .build();

    private static Model base;

    @BeforeAll
    static void load() {
        base = LongDemoModel.loader().load();
    }

    @AfterAll
    static void close() {
        base.close();
    }

    private static KawiChatModel scripted(UnaryOperator<String> script) {
        return KawiChatModel.builder().model(ScriptedModel.of(base, script)).build();
    }

    private static KawiChatModel demo() {
        return KawiChatModel.builder()
                .model(base)
                .options(KawiChatOptions.builder().seed(7L).maxTokens(60).build())
                .build();
    }

    private static Generation generation(ChatResponse response) {
        return Objects.requireNonNull(response.getResult());
    }

    private static String text(ChatResponse response) {
        return Objects.requireNonNull(generation(response).getOutput().getText());
    }

    @Test
    void aResponseHasTextUsageAndMetadata() {
        ChatResponse response = scripted(prompt -> "Blue.").call(new Prompt("Which color?"));
        assertThat(text(response)).isEqualTo("Blue.");
        assertThat(generation(response).getMetadata().getFinishReason()).isEqualTo("STOP");
        assertThat(response.getMetadata().getId()).startsWith("kawi-");
        assertThat(response.getMetadata().getModel()).isEqualTo("demo-q8_0.gguf");
        assertThat(response.getMetadata().<Long>get("seed")).isNotNull();
        assertThat(response.getMetadata().<GenerationStats>get("stats")).isNotNull();
        Usage usage = response.getMetadata().getUsage();
        TokenUsage counted = (TokenUsage) Objects.requireNonNull(usage.getNativeUsage());
        assertThat(usage.getPromptTokens()).isEqualTo(counted.promptTokens()).isPositive();
        assertThat(usage.getCompletionTokens())
                .isEqualTo(counted.completionTokens())
                .isPositive();
        assertThat(usage.getTotalTokens()).isEqualTo(counted.totalTokens());
        assertThat(usage.getCacheReadInputTokens()).isEqualTo(counted.reusedTokens());
        assertThat(response.getMetadata().getId())
                .isNotEqualTo(scripted(prompt -> "Blue.")
                        .call(new Prompt("Which color?"))
                        .getMetadata()
                        .getId());
    }

    @Test
    void theSameSeedGivesTheSameAnswerInOnePieceAndInMany() {
        Prompt prompt = new Prompt("Tell me a story.");
        ChatResponse whole = demo().call(prompt);
        List<ChatResponse> pieces =
                Objects.requireNonNull(demo().stream(prompt).collectList().block());
        StringBuilder joined = new StringBuilder();
        pieces.forEach(piece -> joined.append(text(piece)));
        assertThat(joined).hasToString(text(whole));
        assertThat(pieces).hasSizeGreaterThan(10);
        assertThat(pieces)
                .extracting(piece -> piece.getMetadata().getId())
                .containsOnly(pieces.getFirst().getMetadata().getId());
        ChatResponse last = pieces.getLast();
        assertThat(generation(last).getMetadata().getFinishReason()).isEqualTo("LENGTH");
        assertThat(last.getMetadata().getUsage().getCompletionTokens()).isEqualTo(60);
        assertThat(last.getMetadata().<Long>get("seed")).isEqualTo(7);
        assertThat(pieces.subList(0, pieces.size() - 1)).allSatisfy(piece -> {
            assertThat(generation(piece).getMetadata().getFinishReason()).isNull();
            assertThat(piece.getMetadata().getUsage().getTotalTokens()).isZero();
        });
    }

    @Test
    void thoughtsAreMetadata() {
        KawiChatModel model = scripted(prompt -> "It is 7 times 13.\n</think>\n\nNo.");
        Prompt prompt = new Prompt(
                "Is 91 prime?", KawiChatOptions.builder().thinking(true).build());
        ChatResponse response = model.call(prompt);
        assertThat(text(response)).isEqualTo("No.");
        assertThat(generation(response).getMetadata().<String>get("thinking")).isEqualTo("It is 7 times 13.");
        assertThat(generation(response).getOutput().getMetadata()).containsEntry("thinking", "It is 7 times 13.");

        List<ChatResponse> pieces =
                Objects.requireNonNull(model.stream(prompt).collectList().block());
        StringBuilder thought = new StringBuilder();
        StringBuilder text = new StringBuilder();
        for (ChatResponse piece : pieces) {
            text.append(text(piece));
            thought.append(
                    Objects.requireNonNullElse(generation(piece).getMetadata().<String>get("thinking"), ""));
        }
        assertThat(text).hasToString("No.");
        assertThat(thought.toString().strip()).isEqualTo("It is 7 times 13.");

        AtomicReference<ChatResponse> aggregate = new AtomicReference<>();
        new MessageAggregator().aggregate(model.stream(prompt), aggregate::set).blockLast();
        assertThat(generation(aggregate.get()).getOutput())
                .as("the history of a conversation contains the whole thought")
                .isEqualTo(generation(response).getOutput());
    }

    @Test
    void allMessagesReachTheTemplate() {
        AtomicReference<String> rendered = new AtomicReference<>();
        KawiChatModel model = scripted(prompt -> {
            rendered.set(prompt);
            return "Rain.";
        });
        List<Message> messages = List.of(
                new SystemMessage(""),
                new SystemMessage("Be terse."),
                new SystemMessage("Be kind."),
                new UserMessage("Hello"),
                new AssistantMessage("Hi!"),
                new UserMessage("Weather in Paris and Solo?"),
                AssistantMessage.builder()
                        .content("Let me see.")
                        .properties(Map.of("thinking", "I need two calls."))
                        .toolCalls(List.of(
                                new AssistantMessage.ToolCall("1", "function", "weather", "{\"city\":\"Paris\"}"),
                                new AssistantMessage.ToolCall("2", "function", "weather", "{\"city\":\"Solo\"}")))
                        .build(),
                ToolResponseMessage.builder()
                        .responses(List.of(
                                new ToolResponseMessage.ToolResponse("1", "weather", "sun"),
                                new ToolResponseMessage.ToolResponse("2", "weather", "rain")))
                        .build());
        assertThat(text(model.call(new Prompt(
                        messages,
                        KawiChatOptions.builder().toolCallbacks(WEATHER).build()))))
                .isEqualTo("Rain.");
        assertThat(rendered.get())
                .containsSubsequence(
                        "The weather of a city",
                        "Be terse.\n\nBe kind.",
                        "user\nHello",
                        "assistant\nHi!",
                        "user\nWeather in Paris and Solo?",
                        "I need two calls.",
                        "Let me see.",
                        "<function=weather>",
                        "Paris",
                        "<function=weather>",
                        "Solo",
                        "<tool_response>\nsun",
                        "<tool_response>\nrain");
    }

    @Test
    void toolCallsAreReturnedAndNotExecuted() {
        KawiChatModel model = scripted(prompt -> "I look. " + ScriptedModel.call("weather", Map.of("city", "Paris"))
                + "\n" + ScriptedModel.call("weather", Map.of("city", "Solo")));
        Prompt prompt = new Prompt(
                "Weather?", KawiChatOptions.builder().toolCallbacks(WEATHER).build());
        ChatResponse response = model.call(prompt);
        assertThat(response.hasToolCalls()).isTrue();
        assertThat(generation(response).getMetadata().getFinishReason()).isEqualTo("TOOL_CALLS");
        assertThat(text(response).strip()).isEqualTo("I look.");
        List<AssistantMessage.ToolCall> calls = generation(response).getOutput().getToolCalls();
        assertThat(calls).extracting(AssistantMessage.ToolCall::name).containsExactly("weather", "weather");
        assertThat(calls).extracting(AssistantMessage.ToolCall::type).containsOnly("function");
        assertThat(calls)
                .extracting(call -> call.arguments().replace(" ", ""))
                .containsExactly("{\"city\":\"Paris\"}", "{\"city\":\"Solo\"}");
        assertThat(calls).extracting(AssistantMessage.ToolCall::id).doesNotHaveDuplicates();

        List<ChatResponse> pieces =
                Objects.requireNonNull(model.stream(prompt).collectList().block());
        assertThat(pieces.subList(0, pieces.size() - 1)).noneMatch(ChatResponse::hasToolCalls);
        assertThat(generation(pieces.getLast()).getOutput().getToolCalls()).hasSize(2);
    }

    @Test
    void aRequiredCallIsNotRequiredAfterItsResult() {
        AtomicInteger requests = new AtomicInteger();
        KawiChatModel model = scripted(prompt ->
                requests.incrementAndGet() == 1 ? ScriptedModel.call("weather", Map.of("city", "Paris")) : "It rains.");
        ToolCallback rain = FunctionToolCallback.builder("weather", (City city) -> "rain")
                .description("The weather of a city")
                .inputType(City.class)
                .build();
        assertThat(ChatClient.create(model)
                        .prompt("Weather?")
                        .tools(rain)
                        .options(KawiChatOptions.builder().toolChoice(ToolChoice.required()))
                        .call()
                        .content())
                .isEqualTo("It rains.");
        assertThat(requests).hasValue(2);
    }

    @Test
    void optionsOfARequestReplaceThoseOfTheModel() {
        KawiChatModel model = KawiChatModel.builder()
                .model(base)
                .options(KawiChatOptions.builder().seed(7L).maxTokens(5).build())
                .build();
        assertThat(model.getOptions().getModel()).isEqualTo("demo-q8_0.gguf");
        ChatResponse defaults = model.call(new Prompt("Tell me a story."));
        assertThat(defaults.getMetadata().getUsage().getCompletionTokens()).isEqualTo(5);
        ChatResponse longer = model.call(new Prompt(
                "Tell me a story.", ChatOptions.builder().maxTokens(9).build()));
        assertThat(longer.getMetadata().getUsage().getCompletionTokens()).isEqualTo(9);
        assertThat(longer.getMetadata().<Long>get("seed")).isEqualTo(7);
        assertThat(text(longer)).startsWith(text(defaults));
    }

    @Test
    void stopSequencesAndLogprobs() {
        ChatResponse response = scripted(prompt -> "one two three")
                .call(new Prompt(
                        "Count.",
                        KawiChatOptions.builder()
                                .stopSequences(List.of("three"))
                                .logprobs(0)
                                .build()));
        assertThat(text(response)).isEqualTo("one two ");
        assertThat(generation(response).getMetadata().getFinishReason()).isEqualTo("STOP");
        assertThat(generation(response).getMetadata().<List<?>>get("logprobs")).isNotEmpty();
    }

    @Test
    void theModelCanHaveAnotherName() {
        KawiChatModel model = KawiChatModel.builder()
                .model(base)
                .options(KawiChatOptions.builder().model("stories").maxTokens(2).build())
                .build();
        assertThat(model.call(new Prompt("Hi")).getMetadata().getModel()).isEqualTo("stories");
        assertThat(model.call(new Prompt(
                        "Hi", ChatOptions.builder().model("demo-q8_0.gguf").build())))
                .isNotNull();
        assertThatThrownBy(() -> model.call(
                        new Prompt("Hi", ChatOptions.builder().model("other").build())))
                .isInstanceOf(NonTransientAiException.class)
                .hasMessage("the model other was requested, but this chat model runs stories, which is demo-q8_0.gguf");
    }

    @Test
    void mediaThatCannotBeUsedAreRejected() {
        Media image = new Media(MimeTypeUtils.IMAGE_PNG, new ByteArrayResource(new byte[] {1}));
        assertRejected(new Prompt(ask(image)), "has no vision tower");
        assertRejected(
                new Prompt(ask(new Media(MimeTypeUtils.IMAGE_PNG, URI.create("https://example.org/cat.png")))),
                "the image at https://example.org/cat.png is not fetched; give its bytes as a Resource, or a data URL");
        assertRejected(
                new Prompt(
                        ask(new Media(MimeTypeUtils.parseMimeType("audio/wav"), new ByteArrayResource(new byte[1])))),
                "a message contains media of type audio/wav; supported are images");
        AssistantMessage drawn = AssistantMessage.builder()
                .content("Here.")
                .media(List.of(image))
                .build();
        assertRejected(
                new Prompt(List.of(new UserMessage("Draw."), drawn, new UserMessage("More."))),
                "a message of the assistant contains media of type image/png");
    }

    private static UserMessage ask(Media media) {
        return UserMessage.builder().text("What is this?").media(media).build();
    }

    @Test
    void requestsThatCannotBeAnsweredAreNotTransient() {
        assertRejected(new Prompt("word ".repeat(9000)), "but the context holds 8192");
        assertRejected(new Prompt(List.of()), "the prompt contains no message");
        assertRejected(
                new Prompt("Hi", KawiChatOptions.builder().temperature(-1.0).build()), "temperature");
        assertRejected(
                new Prompt("Hi", KawiChatOptions.builder().outputSchema("[").build()),
                "JSON Schema: this is not valid JSON");
        assertRejected(
                new Prompt(
                        "Hi",
                        KawiChatOptions.builder().outputSchema("{}").regex("a").build()),
                "only one of these forms");
    }

    private static void assertRejected(Prompt prompt, String reason) {
        assertThatThrownBy(() -> demo().call(prompt))
                .isInstanceOf(NonTransientAiException.class)
                .hasMessageContaining(reason);
        assertThatThrownBy(() -> demo().stream(prompt).blockLast())
                .isInstanceOf(NonTransientAiException.class)
                .hasMessageContaining(reason);
    }

    @Test
    void aCallThatCannotBeUsedIsTransient() {
        ToolCallback tool = FunctionToolCallback.builder("weather", (City city) -> "rain")
                .description("The weather of a city")
                .inputType(City.class)
                .inputSchema("""
                        {"type": "object", "required": ["city"],
                         "properties": {"city": {"type": "string", "pattern": "(a)\\\\1"}}}""")
                .build();
        KawiChatModel model = scripted(prompt -> ScriptedModel.call("weather", Map.of()));
        Prompt prompt =
                new Prompt("Hi", KawiChatOptions.builder().toolCallbacks(tool).build());
        assertThatThrownBy(() -> model.call(prompt))
                .isInstanceOf(TransientAiException.class)
                .hasCauseInstanceOf(ToolCallException.class);
        assertThatThrownBy(() -> model.stream(prompt).blockLast())
                .isInstanceOf(TransientAiException.class)
                .hasCauseInstanceOf(ToolCallException.class);
    }

    @Test
    void aClosedModelIsReported() {
        Model model = LongDemoModel.loader().load();
        KawiChatModel chatModel = KawiChatModel.builder().model(model).build();
        model.close();
        assertThatThrownBy(() -> chatModel.call(new Prompt("Hi")))
                .isInstanceOf(NonTransientAiException.class)
                .hasMessageContaining("closed");
        assertThatThrownBy(() -> chatModel.stream(new Prompt("Hi")).blockLast())
                .isInstanceOf(NonTransientAiException.class)
                .hasMessageContaining("closed");
    }

    @Test
    void anInterruptedAnswerIsAFailure() throws Exception {
        KawiChatModel model = scripted(prompt -> {
            Thread.currentThread().interrupt();
            return "word ".repeat(100);
        });
        List<Throwable> thrown = new ArrayList<>();
        Thread caller = Thread.ofPlatform().start(() -> {
            try {
                model.call(new Prompt("Hi"));
            } catch (RuntimeException e) {
                thrown.add(e);
            }
        });
        caller.join();
        assertThat(thrown)
                .singleElement()
                .isInstanceOf(TransientAiException.class)
                .asInstanceOf(InstanceOfAssertFactories.THROWABLE)
                .hasMessageContaining("the answer was cancelled");
    }

    @Test
    void aModelIsRequired() {
        assertThatThrownBy(() -> KawiChatModel.builder().build()).isInstanceOf(IllegalStateException.class);
    }
}
