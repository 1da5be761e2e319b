package kawi.constraint;

/**
 * A tool, as far as the grammar of its calls needs it.
 *
 * @param parameters the JSON Schema of its parameters, an object
 */
public record ToolSignature(String name, String parameters) {}
