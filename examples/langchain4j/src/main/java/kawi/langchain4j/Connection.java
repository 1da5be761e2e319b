package kawi.langchain4j;

import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.exception.UnsupportedFeatureException;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ResponseFormat;
import dev.langchain4j.model.chat.request.ResponseFormatType;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.output.FinishReason;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.BiFunction;
import kawi.Model;
import kawi.Prompt;
import kawi.Reply;
import kawi.ToolChoice;
import org.jspecify.annotations.Nullable;

/**
 * A model and the settings of the adapter: what a chat model and a streaming chat model have in common. It converts
 * requests to prompts and replies to responses.
 *
 * @param owned whether the adapter has loaded the model, and closes it
 * @param defaults parameters of requests that do not set them
 * @param returnThinking whether responses contain thoughts
 * @param sendThinking whether thoughts in earlier responses are passed to the chat template
 * @param maxWait the time that an answer waits at most while the model is busy, or null
 * @param timeout the time limit of an answer, or null
 */
record Connection(
        Model model,
        boolean owned,
        KawiChatRequestParameters defaults,
        List<ChatModelListener> listeners,
        boolean returnThinking,
        boolean sendThinking,
        @Nullable Duration maxWait,
        @Nullable Duration timeout)
        implements AutoCloseable {

    /** @throws RuntimeException one of LangChain4j's exceptions if a default parameter cannot be used */
    Connection {
        listeners = List.copyOf(listeners);
        checkModelName(model, defaults);
        try {
            with(withOptions(model.prompt(""), defaults), maxWait, Prompt::maxWait);
        } catch (IllegalArgumentException | IllegalStateException e) {
            throw Failures.of(e);
        }
    }

    /**
     * Converts a request.
     *
     * @throws UnsupportedFeatureException if it requires something that is not supported
     * @throws RuntimeException another of LangChain4j's exceptions if it is invalid
     */
    Prompt prompt(ChatRequest request) {
        KawiChatRequestParameters parameters = KawiChatRequestParameters.of(request.parameters());
        checkModelName(model, parameters);
        List<kawi.Message> messages = Messages.of(request.messages(), sendThinking, model);
        List<kawi.ToolSpecification> tools =
                parameters.toolSpecifications().stream().map(Messages::tool).toList();
        try {
            Prompt prompt = withOptions(model.prompt(messages), parameters).toolChoice(choice(parameters));
            prompt = with(prompt, maxWait, Prompt::maxWait);
            return tools.isEmpty() ? prompt : prompt.tools(tools);
        } catch (IllegalArgumentException | IllegalStateException e) {
            throw Failures.of(e);
        }
    }

    private static void checkModelName(Model model, KawiChatRequestParameters parameters) {
        String name = parameters.modelName();
        if (name != null && !name.equals(model.name())) {
            throw new UnsupportedFeatureException(
                    "the parameter modelName is %s, but choosing a model by request is not supported; this one is %s"
                            .formatted(name, model.name()));
        }
    }

    private static Prompt withOptions(Prompt prompt, KawiChatRequestParameters parameters) {
        Prompt result = prompt;
        result = with(result, parameters.preset(), Prompt::preset);
        result = with(result, parameters.temperature(), Prompt::temperature);
        result = with(result, parameters.topP(), Prompt::topP);
        result = with(result, parameters.topK(), Prompt::topK);
        result = with(result, parameters.minP(), Prompt::minP);
        result = with(result, parameters.typicalP(), Prompt::typicalP);
        result = with(result, parameters.frequencyPenalty(), Prompt::frequencyPenalty);
        result = with(result, parameters.presencePenalty(), Prompt::presencePenalty);
        result = with(result, parameters.repetitionPenalty(), Prompt::repetitionPenalty);
        result = with(result, parameters.penaltyWindow(), Prompt::penaltyWindow);
        result = with(result, parameters.seed(), Prompt::seed);
        result = with(result, parameters.maxOutputTokens(), Prompt::maxTokens);
        result = with(result, parameters.thinking(), Prompt::thinking);
        result = with(result, parameters.thinkingBudget(), Prompt::thinkingBudget);
        result = with(result, parameters.loopGuard(), Prompt::loopGuard);
        result = with(result, parameters.parallelToolCalls(), Prompt::parallelToolCalls);
        result = with(result, schema(parameters), Prompt::jsonSchema);
        result = result.stop(parameters.stopSequences().toArray(String[]::new));
        for (Map.Entry<Integer, Float> bias : parameters.logitBias().entrySet()) {
            result = result.logitBias(bias.getKey(), bias.getValue());
        }
        for (Map.Entry<String, Object> variable : parameters.templateVariables().entrySet()) {
            result = result.templateVariable(variable.getKey(), variable.getValue());
        }
        return result;
    }

    private static <T> Prompt with(Prompt prompt, @Nullable T value, BiFunction<Prompt, T, Prompt> option) {
        return value == null ? prompt : option.apply(prompt, value);
    }

    /** The schema of the answer. It does not apply to an answer that must consist of tool calls. */
    private static @Nullable String schema(KawiChatRequestParameters parameters) {
        ResponseFormat format = parameters.responseFormat();
        if (format == null
                || format.type() != ResponseFormatType.JSON
                || choice(parameters) instanceof ToolChoice.Required) {
            return null;
        }
        return format.jsonSchema() == null
                ? JsonSchemaText.ANY_OBJECT
                : JsonSchemaText.of(format.jsonSchema().rootElement());
    }

    private static ToolChoice choice(KawiChatRequestParameters parameters) {
        return switch (parameters.toolChoice()) {
            case REQUIRED -> ToolChoice.required();
            case NONE -> ToolChoice.none();
            case AUTO -> ToolChoice.auto();
            case null -> ToolChoice.auto();
        };
    }

    /** Returns a limit for one answer, which begins now. */
    TimeLimit startTimeLimit() {
        return new TimeLimit(timeout);
    }

    /** Converts a complete reply. An empty text or thought is null, as in other integrations. */
    ChatResponse response(Reply reply) {
        return ChatResponse.builder()
                .aiMessage(AiMessage.builder()
                        .text(nullIfEmpty(reply.text()))
                        .thinking(returnThinking ? nullIfEmpty(reply.thinking()) : null)
                        .toolExecutionRequests(reply.toolCalls().stream()
                                .map(Messages::request)
                                .toList())
                        .build())
                .metadata(KawiChatResponseMetadata.builder()
                        .id(UUID.randomUUID().toString())
                        .modelName(model.name())
                        .tokenUsage(KawiTokenUsage.of(reply.usage()))
                        .finishReason(finishReason(reply.finishReason()))
                        .seed(reply.seed())
                        .stats(reply.stats())
                        .build())
                .build();
    }

    private static @Nullable String nullIfEmpty(String text) {
        return text.isEmpty() ? null : text;
    }

    private static FinishReason finishReason(kawi.FinishReason reason) {
        return switch (reason) {
            case END, STOP_STRING -> FinishReason.STOP;
            case MAX_TOKENS, CONTEXT_FULL -> FinishReason.LENGTH;
            case TOOL_CALLS -> FinishReason.TOOL_EXECUTION;
            case LOOP, TOOL_LIMIT, CANCELLED -> FinishReason.OTHER;
        };
    }

    @Override
    public void close() {
        if (owned) {
            model.close();
        }
    }
}
