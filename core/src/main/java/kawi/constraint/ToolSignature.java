package kawi.constraint;

/**
 * A tool as far as its calls are concerned.
 *
 * @param parameters the JSON Schema of its parameters, an object
 */
public record ToolSignature(String name, String parameters) {}
