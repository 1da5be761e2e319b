package kawi;

import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A message of a conversation. Which roles may follow each other is up to the model's chat template.
 *
 * @param role who speaks
 * @param content what is said, in parts; for a tool its result
 * @param thinking the thought before an assistant's text, or empty
 * @param toolCalls what an assistant called after its text
 * @param toolCallId of a tool's result: the {@linkplain ToolCall#id id} of the call, or null if it is not known
 * @param name of a tool's result: the name of the tool, or null if it is not known
 */
public record Message(
        Role role,
        List<Part> content,
        String thinking,
        List<ToolCall> toolCalls,
        @Nullable String toolCallId,
        @Nullable String name) {

    /** @throws IllegalArgumentException if it has a thought, calls or the id of a call and its role does not */
    public Message {
        Objects.requireNonNull(role, "role");
        content = List.copyOf(Objects.requireNonNull(content, "content"));
        Objects.requireNonNull(thinking, "thinking");
        toolCalls = List.copyOf(Objects.requireNonNull(toolCalls, "toolCalls"));
        require(role == Role.ASSISTANT || thinking.isEmpty(), role, "a thought", Role.ASSISTANT);
        require(role == Role.ASSISTANT || toolCalls.isEmpty(), role, "tool calls", Role.ASSISTANT);
        require(role == Role.TOOL || toolCallId == null, role, "the id of a tool call", Role.TOOL);
        require(role == Role.TOOL || name == null, role, "the name of a tool", Role.TOOL);
    }

    /** A message of text. */
    public Message(Role role, String text, String thinking, List<ToolCall> toolCalls) {
        this(role, List.of(Part.text(text)), thinking, toolCalls, null, null);
    }

    private static void require(boolean allowed, Role role, String what, Role owner) {
        if (!allowed) {
            throw new IllegalArgumentException("a message of role %s has %s; only one of role %s can"
                    .formatted(role.lowerCase(), what, owner.lowerCase()));
        }
    }

    /** The role of the author of a message. */
    public enum Role {
        /** Instructions for the conversation. */
        SYSTEM,
        /** Instructions of the application, for templates that distinguish them from those of the system. */
        DEVELOPER,
        /** A message of the user. */
        USER,
        /** A message of the model. */
        ASSISTANT,
        /** The result of a call that the assistant made. */
        TOOL;

        private String lowerCase() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Returns the concatenated text parts. */
    public String text() {
        return content.stream()
                .map(part -> part instanceof Part.Text text ? text.text() : "")
                .collect(Collectors.joining());
    }

    /** Instructions for the conversation. */
    public static Message system(String text) {
        return new Message(Role.SYSTEM, text, "", List.of());
    }

    /** Instructions of the application. */
    public static Message developer(String text) {
        return new Message(Role.DEVELOPER, text, "", List.of());
    }

    /** Creates a message of the user. */
    public static Message user(String text) {
        return new Message(Role.USER, text, "", List.of());
    }

    /** Creates a message of the user from parts. */
    public static Message user(Part... content) {
        return new Message(Role.USER, List.of(content), "", List.of(), null, null);
    }

    /** Creates a message of the model without a thought. */
    public static Message assistant(String text) {
        return new Message(Role.ASSISTANT, text, "", List.of());
    }

    /** Creates a message of the model with tool calls and without a thought. */
    public static Message assistant(String text, List<ToolCall> toolCalls) {
        return new Message(Role.ASSISTANT, text, "", toolCalls);
    }

    /** The result of a call. */
    public static Message tool(ToolCall call, String result) {
        return new Message(Role.TOOL, List.of(Part.text(result)), "", List.of(), call.id(), call.name());
    }

    /** The result of a call. */
    public static Message tool(ToolResult result) {
        return tool(result.call(), result.text());
    }
}
