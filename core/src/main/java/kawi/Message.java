package kawi;

import java.util.List;

/**
 * A message of a {@link Chat}.
 *
 * @param role who speaks
 * @param text what is said; for a tool its result
 * @param thinking the thought before an assistant's text, or empty
 * @param toolCalls what an assistant called after its text
 */
public record Message(Role role, String text, String thinking, List<ToolCall> toolCalls) {

    public Message {
        toolCalls = List.copyOf(toolCalls);
    }

    /** Who speaks. */
    public enum Role {
        /** Instructions for the whole conversation; only the first message can be one. */
        SYSTEM,
        /** The caller. */
        USER,
        /** The model. */
        ASSISTANT,
        /** The answer to one of the calls that the assistant made in the message before. */
        TOOL
    }

    /** Instructions for the whole conversation. */
    public static Message system(String text) {
        return new Message(Role.SYSTEM, text, "", List.of());
    }

    /** What the caller says. */
    public static Message user(String text) {
        return new Message(Role.USER, text, "", List.of());
    }

    /** What the model says, without a thought. */
    public static Message assistant(String text) {
        return new Message(Role.ASSISTANT, text, "", List.of());
    }
}
