package kawi;

import java.util.Objects;

/**
 * A model's call of a tool.
 *
 * @param id tells it from other calls of the same chat
 * @param name the tool's name
 * @param arguments a JSON object as text, which fits the tool's parameters
 */
public record ToolCall(String id, String name, String arguments) {

    public ToolCall {
        Objects.requireNonNull(id, "id");
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(arguments, "arguments");
    }

    /**
     * The arguments as a Java value, such as the record that the tool's parameters are.
     *
     * @throws AnswerException if they do not fit it
     * @throws IllegalArgumentException if JSON cannot hold the type
     */
    public <T> T arguments(Class<T> type) {
        return Engine.provider().read(arguments, type);
    }
}
