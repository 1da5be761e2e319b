package kawi.spring.ai;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import kawi.Message;
import kawi.Message.Role;
import kawi.Model;
import kawi.Part;
import kawi.Prompt;
import kawi.ToolCall;
import kawi.ToolChoice;
import kawi.ToolSpecification;
import org.jspecify.annotations.Nullable;
import org.springframework.ai.chat.messages.AssistantMessage;
import org.springframework.ai.chat.messages.SystemMessage;
import org.springframework.ai.chat.messages.ToolResponseMessage;
import org.springframework.ai.chat.messages.UserMessage;
import org.springframework.ai.content.Media;
import org.springframework.ai.model.tool.ToolCallingChatOptions;
import org.springframework.ai.tool.ToolCallback;
import org.springframework.ai.tool.definition.ToolDefinition;

/** Converts a request of Spring AI to a prompt of a model. */
final class RequestConversion {

    private final Model model;

    RequestConversion(Model model) {
        this.model = model;
    }

    /**
     * Returns the prompt.
     *
     * @throws IllegalArgumentException if the request contains something that the model does not support
     */
    Prompt prompt(List<org.springframework.ai.chat.messages.Message> messages, KawiChatOptions options) {
        List<Message> converted = messages(messages);
        Prompt prompt = withSampling(model.prompt(converted), options);
        prompt = with(prompt, options.getMaxTokens(), Prompt::maxTokens);
        prompt = with(prompt, options.getStopSequences(), (p, stops) -> p.stop(stops.toArray(String[]::new)));
        prompt = with(prompt, options.getThinking(), Prompt::thinking);
        prompt = with(prompt, options.getThinkingBudget(), Prompt::thinkingBudget);
        prompt = with(prompt, options.getLoopGuard(), Prompt::loopGuard);
        prompt = with(prompt, options.getLogprobs(), Prompt::logprobs);
        prompt = with(prompt, options.getMaxWait(), Prompt::maxWait);
        Map<String, @Nullable Object> variables = options.getTemplateVariables();
        if (variables != null) {
            for (Map.Entry<String, @Nullable Object> variable : variables.entrySet()) {
                prompt = prompt.templateVariable(variable.getKey(), variable.getValue());
            }
        }
        if (options.getOutputSchema() != null && options.getRegex() != null) {
            throw new IllegalArgumentException("both an output schema and a regular expression are set for the answer;"
                    + " it can have only one of these forms");
        }
        prompt = with(prompt, options.getOutputSchema(), Prompt::jsonSchema);
        prompt = with(prompt, options.getRegex(), Prompt::regex);
        return withTools(prompt, converted, options);
    }

    private static Prompt withSampling(Prompt given, KawiChatOptions options) {
        Prompt prompt = with(given, options.getPreset(), Prompt::preset);
        prompt = with(prompt, options.getTemperature(), Prompt::temperature);
        prompt = with(prompt, options.getTopK(), Prompt::topK);
        prompt = with(prompt, options.getTopP(), Prompt::topP);
        prompt = with(prompt, options.getMinP(), Prompt::minP);
        prompt = with(prompt, options.getTypicalP(), Prompt::typicalP);
        prompt = with(prompt, options.getFrequencyPenalty(), Prompt::frequencyPenalty);
        prompt = with(prompt, options.getPresencePenalty(), Prompt::presencePenalty);
        prompt = with(prompt, options.getRepetitionPenalty(), Prompt::repetitionPenalty);
        prompt = with(prompt, options.getPenaltyWindow(), Prompt::penaltyWindow);
        prompt = with(prompt, options.getSeed(), Prompt::seed);
        Map<Integer, Float> bias = options.getLogitBias();
        if (bias != null) {
            for (Map.Entry<Integer, Float> token : bias.entrySet()) {
                prompt = prompt.logitBias(token.getKey(), token.getValue());
            }
        }
        return prompt;
    }

    private static <V> Prompt with(Prompt prompt, @Nullable V value, BiFunction<Prompt, V, Prompt> setter) {
        return value == null ? prompt : setter.apply(prompt, value);
    }

    private static Prompt withTools(Prompt prompt, List<Message> messages, KawiChatOptions options) {
        List<ToolCallback> callbacks = options.getToolCallbacks();
        if (callbacks == null || callbacks.isEmpty()) {
            return with(prompt, options.getToolChoice(), Prompt::toolChoice);
        }
        ToolCallingChatOptions.validateToolCallbacks(callbacks);
        Prompt offering = prompt.tools(callbacks.stream()
                .map(callback -> specification(callback.getToolDefinition()))
                .toList());
        ToolChoice choice = options.getToolChoice();
        boolean afterResults = messages.getLast().role() == Role.TOOL;
        boolean required = choice instanceof ToolChoice.Required || choice instanceof ToolChoice.Named;
        return choice == null || (required && afterResults) ? offering : offering.toolChoice(choice);
    }

    private static ToolSpecification specification(ToolDefinition definition) {
        return definition.inputSchema().isBlank()
                ? new ToolSpecification(definition.name(), definition.description())
                : new ToolSpecification(definition.name(), definition.description(), definition.inputSchema());
    }

    /**
     * Converts the messages. Empty system messages, which advisors of Spring AI create, are omitted, and several at the
     * beginning become one, since chat templates accept one.
     */
    private static List<Message> messages(List<org.springframework.ai.chat.messages.Message> given) {
        List<Message> messages = new ArrayList<>();
        for (org.springframework.ai.chat.messages.Message message : given) {
            switch (message) {
                case SystemMessage system -> addSystem(messages, text(system));
                case UserMessage user -> messages.add(user(user));
                case AssistantMessage assistant -> messages.add(assistant(assistant));
                case ToolResponseMessage responses ->
                    responses.getResponses().forEach(response -> messages.add(toolResult(response)));
                default ->
                    throw new IllegalArgumentException(
                            "the messages contain a %s; supported are SystemMessage, UserMessage, AssistantMessage and"
                                            .formatted(message.getClass().getName())
                                    + " ToolResponseMessage");
            }
        }
        if (messages.isEmpty()) {
            throw new IllegalArgumentException("the prompt contains no message");
        }
        return messages;
    }

    private static void addSystem(List<Message> messages, String text) {
        if (text.isEmpty()) {
            return;
        }
        if (!messages.isEmpty() && messages.getLast().role() == Role.SYSTEM) {
            messages.set(messages.size() - 1, Message.system(messages.getLast().text() + "\n\n" + text));
        } else {
            messages.add(Message.system(text));
        }
    }

    /** Converts a message of the user; its images precede its text. */
    private static Message user(UserMessage message) {
        List<Part> parts = new ArrayList<>();
        for (Media media : message.getMedia()) {
            parts.add(image(media));
        }
        parts.add(Part.text(text(message)));
        return Message.user(parts.toArray(Part[]::new));
    }

    private static Part image(Media media) {
        if (!media.getMimeType().getType().equals("image")) {
            throw new IllegalArgumentException(
                    "a message contains media of type %s; supported are images".formatted(media.getMimeType()));
        }
        if (media.getData() instanceof byte[] file) {
            return Part.image(file);
        }
        String url = media.getData().toString();
        if (url.regionMatches(true, 0, "data:", 0, 5)) {
            return Part.image(url);
        }
        throw new IllegalArgumentException("the image at %s is not fetched; give its bytes as a Resource, or a data URL"
                .formatted(url.length() <= 100 ? url : url.substring(0, 100) + "..."));
    }

    private static Message assistant(AssistantMessage message) {
        for (Media media : message.getMedia()) {
            throw new IllegalArgumentException(
                    "a message of the assistant contains media of type %s; supported are those of users"
                            .formatted(media.getMimeType()));
        }
        Object thinking = message.getMetadata().get(ResponseConversion.THINKING);
        List<ToolCall> calls = message.getToolCalls().stream()
                .map(call ->
                        new ToolCall(call.id(), call.name(), call.arguments().isBlank() ? "{}" : call.arguments()))
                .toList();
        return new Message(Role.ASSISTANT, text(message), thinking instanceof String thought ? thought : "", calls);
    }

    private static Message toolResult(ToolResponseMessage.ToolResponse response) {
        return new Message(
                Role.TOOL, List.of(Part.text(response.responseData())), "", List.of(), response.id(), response.name());
    }

    private static String text(org.springframework.ai.chat.messages.Message message) {
        String text = message.getText();
        return text == null ? "" : text;
    }
}
