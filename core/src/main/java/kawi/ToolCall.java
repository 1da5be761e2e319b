package kawi;

import java.util.Objects;

/**
 * A call of a tool by a model.
 *
 * @param id identifies the call within its conversation
 * @param name the name of the tool
 * @param arguments a JSON object, which fits the parameters of the tool
 */
public record ToolCall(String id, String name, String arguments) {

    public ToolCall {
        Objects.requireNonNull(id, "id");
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(arguments, "arguments");
    }

    /**
     * Returns the arguments as a Java value, such as the record of the tool's parameters.
     *
     * @throws AnswerException if they do not fit the type
     * @throws IllegalArgumentException if JSON cannot represent the type
     */
    public <T> T arguments(Class<T> type) {
        return Engine.provider().read(arguments, type);
    }
}
