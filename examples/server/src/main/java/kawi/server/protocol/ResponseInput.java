package kawi.server.protocol;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import kawi.Message;
import kawi.Model;
import kawi.Part;
import kawi.Prompt;
import kawi.ToolCall;
import tools.jackson.databind.JsonNode;

/**
 * Reads the fields {@code instructions} and {@code input} of a response. Items of the assistant that follow each other,
 * that is, its reasoning, its text and its calls, are one message.
 */
final class ResponseInput {

    private final List<Message> messages = new ArrayList<>();
    private final Map<String, String> callNames = new HashMap<>();
    private final StringBuilder thinking = new StringBuilder();
    private final List<Part> content = new ArrayList<>();
    private final List<ToolCall> calls = new ArrayList<>();

    /** The prompt for an answer to the input. */
    static Prompt prompt(Fields fields, Model model) {
        ResponseInput reader = new ResponseInput();
        List<Message> messages = reader.read(fields);
        return Failures.at(fields.at("input"), () -> model.prompt(messages));
    }

    private List<Message> read(Fields fields) {
        String instructions = fields.string("instructions");
        if (instructions != null && !instructions.isEmpty()) {
            messages.add(Message.system(instructions));
        }
        JsonNode input = fields.required("input");
        if (input.isString()) {
            messages.add(Message.user(input.stringValue()));
        } else {
            List<JsonNode> items = Fields.array(input, fields.at("input"));
            for (int i = 0; i < items.size(); i++) {
                item(Fields.object(items.get(i), Json.element(fields.at("input"), i)));
            }
            flush();
        }
        if (messages.isEmpty()) {
            throw Fields.wrongValue(fields.at("input"), "there are no messages");
        }
        return ChatMessages.withOneSystemMessage(messages);
    }

    private void item(Fields item) {
        String type = item.string("type");
        switch (type == null ? "message" : type) {
            case "message" -> message(item);
            case "reasoning" -> {
                flush();
                reasoning(item);
            }
            case "function_call" -> {
                String id = item.requiredString("call_id");
                String name = item.requiredString("name");
                String arguments = item.requiredString("arguments");
                callNames.put(id, name);
                calls.add(new ToolCall(id, name, arguments.isBlank() ? "{}" : arguments));
            }
            case "function_call_output" -> {
                flush();
                String id = item.requiredString("call_id");
                List<Part> output = ContentParts.read(item.required("output"), item.at("output"));
                messages.add(new Message(Message.Role.TOOL, output, "", List.of(), id, callNames.get(id)));
            }
            case "item_reference" ->
                throw ApiException.unsupported(item.at("type"), "items are not stored; send the item itself");
            case String other ->
                throw ApiException.unsupported(
                        item.at("type"), "items of type '%s' are not supported".formatted(other));
        }
    }

    private void message(Fields item) {
        String role = item.requiredString("role");
        List<Part> said = ContentParts.read(item.required("content"), item.at("content"));
        if (role.equals("assistant")) {
            if (!content.isEmpty() || !calls.isEmpty()) {
                flush();
            }
            content.addAll(said);
            return;
        }
        flush();
        Message.Role of = switch (role) {
            case "user" -> Message.Role.USER;
            case "system" -> Message.Role.SYSTEM;
            case "developer" -> Message.Role.DEVELOPER;
            default ->
                throw Fields.wrongValue(
                        item.at("role"),
                        "it is '%s', but must be one of user, assistant, system, developer".formatted(role));
        };
        messages.add(new Message(of, said, "", List.of(), null, null));
    }

    private void reasoning(Fields item) {
        List<JsonNode> parts = item.array("content");
        String key = "content";
        if (parts == null || parts.isEmpty()) {
            parts = item.array("summary");
            key = "summary";
        }
        for (int i = 0; parts != null && i < parts.size(); i++) {
            thinking.append(
                    Fields.object(parts.get(i), Json.element(item.at(key), i)).requiredString("text"));
        }
    }

    /** Ends the message of the assistant, if one has begun. */
    private void flush() {
        if (!thinking.isEmpty() || !content.isEmpty() || !calls.isEmpty()) {
            messages.add(new Message(
                    Message.Role.ASSISTANT,
                    content.isEmpty() ? List.of(Part.text("")) : content,
                    thinking.toString(),
                    calls,
                    null,
                    null));
            thinking.setLength(0);
            content.clear();
            calls.clear();
        }
    }
}
