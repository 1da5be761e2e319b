package kawi.engine;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import kawi.Message;
import kawi.ToolCall;
import kawi.dialect.Dialect;
import kawi.files.Excerpt;
import kawi.json.JsonException;
import kawi.json.JsonSyntax;
import kawi.json.JsonValue;
import kawi.tokenizer.OriginText;
import org.jspecify.annotations.Nullable;

/**
 * Converts messages to the variable {@code messages} of a chat template: maps with {@code role}, {@code content} and,
 * where there are any, {@code reasoning_content}, {@code tool_calls} with {@code id}, {@code type} and
 * {@code function}, {@code tool_call_id} and {@code name}.
 *
 * <p>The results of tools that do not say to which call they belong belong to the calls before them, in order.
 */
final class MessageVariables {

    private final Dialect dialect;

    MessageVariables(Dialect dialect) {
        this.dialect = dialect;
    }

    /** @param forms the forms that the template expects */
    List<Map<String, @Nullable Object>> of(List<Message> messages, TemplateForms forms) {
        List<Map<String, @Nullable Object>> all = new ArrayList<>();
        List<ToolCall> calls = List.of();
        int results = 0;
        for (Message message : messages) {
            ToolCall answered = null;
            if (message.role() == Message.Role.TOOL) {
                answered = results < calls.size() ? calls.get(results) : null;
                results++;
            } else if (message.role() == Message.Role.ASSISTANT) {
                calls = message.toolCalls();
                results = 0;
            }
            all.add(variables(message, answered, forms));
        }
        return all;
    }

    /** @param answered the call that a result belongs to if it does not say so itself, or null */
    private Map<String, @Nullable Object> variables(Message message, @Nullable ToolCall answered, TemplateForms forms) {
        Map<String, @Nullable Object> variables = new LinkedHashMap<>();
        variables.put(
                "role",
                OriginText.ofTemplate(
                        message.role() == Message.Role.TOOL
                                ? dialect.toolRole()
                                : message.role().name().toLowerCase(Locale.ROOT)));
        variables.put(
                "content",
                VisionInput.hasMedia(message)
                        ? forms.parts(message.content())
                        : forms.content(message.text(), !message.toolCalls().isEmpty()));
        if (hasThought(message)) {
            variables.put("reasoning_content", message.thinking());
        }
        if (!message.toolCalls().isEmpty()) {
            variables.put(
                    "tool_calls",
                    message.toolCalls().stream().map(call -> call(call, forms)).toList());
        }
        String id = message.toolCallId() == null && answered != null ? answered.id() : message.toolCallId();
        if (id != null) {
            variables.put("tool_call_id", id);
        }
        String name = message.name() == null && answered != null ? answered.name() : message.name();
        if (name != null) {
            variables.put("name", name);
        }
        return variables;
    }

    /**
     * Whether a template is told about the thought of a message. If the text of an answer without a thought has the tag
     * that ends one, an empty thought is given, because templates would take the text before the tag for a thought.
     */
    private boolean hasThought(Message message) {
        return message.role() == Message.Role.ASSISTANT
                && (!message.thinking().isEmpty()
                        || dialect.thoughts()
                                .filter(tags -> message.text().contains(tags.end()))
                                .isPresent());
    }

    private static Map<String, @Nullable Object> call(ToolCall call, TemplateForms forms) {
        Map<String, @Nullable Object> function = new LinkedHashMap<>();
        function.put("name", call.name());
        Object arguments = arguments(call);
        function.put("arguments", forms.argumentsAsText() ? call.arguments() : arguments);
        Map<String, @Nullable Object> variables = new LinkedHashMap<>();
        variables.put("id", call.id());
        variables.put("type", OriginText.ofTemplate("function"));
        variables.put("function", function);
        return variables;
    }

    private static @Nullable Object arguments(ToolCall call) {
        JsonValue arguments;
        try {
            arguments = JsonSyntax.STRICT.parse(call.arguments());
        } catch (JsonException e) {
            throw new IllegalArgumentException(
                    "the arguments of the call %s of tool %s are not JSON: %s; give an object such as {\"city\": \"Rome\"}"
                            .formatted(call.id(), call.name(), e.getMessage()));
        }
        if (!arguments.isObject()) {
            throw new IllegalArgumentException(
                    "the arguments of the call %s of tool %s are no JSON object, but %s; give one such as {\"city\": \"Rome\"}"
                            .formatted(call.id(), call.name(), Excerpt.of(arguments.toString())));
        }
        return arguments.toJava();
    }
}
