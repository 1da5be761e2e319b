package kawi;

import java.util.Objects;

/**
 * A tool as a model knows it: what a {@link Tool} is without its function. A model that calls a tool given by its
 * specification returns the call, see {@link Prompt#tools} and {@link Reply#toolCalls}.
 *
 * @param name letters, digits, {@code _}, {@code .} and {@code -}, at most 64
 * @param description what it does and when to use it, for the model
 * @param parameters the JSON Schema of its parameters, that of an object
 */
public record ToolSpecification(String name, String description, String parameters) {

    public ToolSpecification {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(description, "description");
        Objects.requireNonNull(parameters, "parameters");
    }

    /** A tool without parameters. */
    public ToolSpecification(String name, String description) {
        this(name, description, "{\"type\":\"object\",\"properties\":{}}");
    }
}
