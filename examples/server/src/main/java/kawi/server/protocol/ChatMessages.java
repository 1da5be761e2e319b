package kawi.server.protocol;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import kawi.Message;
import kawi.Model;
import kawi.Part;
import kawi.Prompt;
import kawi.ToolCall;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Reads the field {@code messages} of a chat. */
final class ChatMessages {

    private static final int MAX_MESSAGES = 10_000;

    /** The names of the tools by the ids of their calls. */
    private final Map<String, String> callNames = new HashMap<>();

    /**
     * The prompt for an answer to the field {@code messages}. A final message of the assistant is the beginning of the
     * answer, as in llama.cpp. vLLM's fields {@code continue_final_message}, with which it is so there, and {@code
     * add_generation_prompt} can say otherwise.
     */
    static Prompt prompt(Fields fields, Model model) {
        ChatMessages reader = new ChatMessages();
        List<Message> messages = reader.read(fields);
        Boolean continued = fields.bool("continue_final_message");
        Boolean added = fields.bool("add_generation_prompt");
        int last = messages.size() - 1;
        boolean assistant = isAssistant(messages, last);
        if (Boolean.TRUE.equals(continued) && Boolean.TRUE.equals(added)) {
            throw Fields.wrongValue(
                    fields.at("continue_final_message"),
                    "it contradicts 'add_generation_prompt'; set only one of them");
        }
        if (Boolean.TRUE.equals(continued) && !assistant) {
            throw Fields.wrongValue(
                    fields.at("continue_final_message"),
                    "the final message is not the assistant's, and only such a message can be continued");
        }
        boolean continuing = continued != null ? continued : assistant && !Boolean.TRUE.equals(added);
        if (!continuing && Boolean.FALSE.equals(added)) {
            throw ApiException.unsupported(
                    fields.at("add_generation_prompt"), "false is only supported if a final message is continued");
        }
        return Failures.at(fields.at("messages"), () -> {
            Prompt prompt = model.prompt(messages);
            if (continuing && isAssistant(messages, last - 1)) {
                throw new IllegalArgumentException("the final message is to be continued and follows another of the"
                        + " assistant; join them, or set continue_final_message to false");
            }
            return continuing ? prompt.continueFinalMessage() : prompt;
        });
    }

    private static boolean isAssistant(List<Message> messages, int index) {
        return index >= 0 && messages.get(index).role() == Message.Role.ASSISTANT;
    }

    private List<Message> read(Fields fields) {
        List<JsonNode> items = fields.requiredArray("messages");
        if (items.isEmpty()) {
            throw ApiException.invalid(
                    fields.at("messages"),
                    "empty_array",
                    "Invalid 'messages': the array is empty; it must have at least one message.");
        }
        if (items.size() > MAX_MESSAGES) {
            throw Fields.wrongValue(
                    fields.at("messages"),
                    "it has %d messages, but at most %d are allowed".formatted(items.size(), MAX_MESSAGES));
        }
        List<Message> messages = new ArrayList<>();
        for (int i = 0; i < items.size(); i++) {
            messages.add(message(Fields.object(items.get(i), Json.element(fields.at("messages"), i))));
        }
        return withOneSystemMessage(messages);
    }

    /**
     * Joins the messages of the system and the developer at the beginning, since chat templates expect one message of
     * the system at most.
     */
    static List<Message> withOneSystemMessage(List<Message> messages) {
        int end = 0;
        while (end < messages.size() && isInstruction(messages.get(end))) {
            end++;
        }
        if (end == 0) {
            return messages;
        }
        List<Message> joined = new ArrayList<>();
        joined.add(Message.system(
                messages.subList(0, end).stream().map(Message::text).collect(Collectors.joining("\n\n"))));
        joined.addAll(messages.subList(end, messages.size()));
        return joined;
    }

    private static boolean isInstruction(Message message) {
        boolean instructs = message.role() == Message.Role.SYSTEM || message.role() == Message.Role.DEVELOPER;
        return instructs && message.content().stream().allMatch(Part.Text.class::isInstance);
    }

    private Message message(Fields fields) {
        String role = fields.requiredString("role");
        fields.reject("function_call", "it is deprecated; use 'tool_calls'");
        fields.reject("audio", "audio is not supported");
        return switch (role) {
            case "system" -> new Message(Message.Role.SYSTEM, content(fields, true), "", List.of(), null, null);
            case "developer" -> new Message(Message.Role.DEVELOPER, content(fields, true), "", List.of(), null, null);
            case "user" -> new Message(Message.Role.USER, content(fields, true), "", List.of(), null, null);
            case "assistant" -> assistant(fields);
            case "tool" -> {
                String id = fields.requiredString("tool_call_id");
                String name = fields.string("name");
                yield new Message(
                        Message.Role.TOOL,
                        content(fields, true),
                        "",
                        List.of(),
                        id,
                        name == null ? callNames.get(id) : name);
            }
            case "function" ->
                throw ApiException.unsupported(fields.at("role"), "the role 'function' is deprecated; use 'tool'");
            default ->
                throw Fields.wrongValue(
                        fields.at("role"),
                        "it is '%s', but must be one of system, developer, user, assistant, tool".formatted(role));
        };
    }

    private List<Part> content(Fields fields, boolean required) {
        JsonNode content = required ? fields.required("content") : fields.get("content");
        return content == null ? List.of(Part.text("")) : ContentParts.read(content, fields.at("content"));
    }

    private Message assistant(Fields fields) {
        List<ToolCall> calls = new ArrayList<>();
        List<JsonNode> items = fields.array("tool_calls");
        for (int i = 0; items != null && i < items.size(); i++) {
            calls.add(call(Fields.object(items.get(i), Json.element(fields.at("tool_calls"), i))));
        }
        boolean refusal = fields.has("refusal") && !fields.has("content");
        List<Part> content = refusal
                ? List.of(Part.text(fields.requiredString("refusal")))
                : content(
                        fields,
                        calls.isEmpty()
                                && !fields.has("refusal")
                                && thinking(fields).isEmpty());
        return new Message(Message.Role.ASSISTANT, content, thinking(fields), calls, null, null);
    }

    /** The thought, under either of the names that are in use. */
    private static String thinking(Fields fields) {
        String thinking = fields.string("reasoning_content");
        @Nullable String other = fields.get("reasoning") == null ? null : fields.string("reasoning");
        return thinking != null && !thinking.isEmpty() ? thinking : other == null ? "" : other;
    }

    private ToolCall call(Fields call) {
        String type = call.string("type");
        if (type != null && !type.equals("function")) {
            throw ApiException.unsupported(call.at("type"), "calls of type '%s' are not supported".formatted(type));
        }
        Fields function = Fields.object(call.required("function"), call.at("function"));
        String id = call.requiredString("id");
        String name = function.requiredString("name");
        callNames.put(id, name);
        JsonNode arguments = function.required("arguments");
        String text = arguments.isObject() ? Json.text(arguments) : Fields.string(arguments, function.at("arguments"));
        return new ToolCall(id, name, text.isBlank() ? "{}" : text);
    }
}
