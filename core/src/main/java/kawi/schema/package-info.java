/**
 * Java types as JSON Schema, and JSON back as Java values.
 *
 * <p>{@link kawi.schema.AnswerType} is the door for answers, {@link kawi.schema.Parameters} the one for what a tool is
 * called with. A {@code Type} is resolved to a {@code JavaType}, which the {@code ShapeBuilder} turns into a {@code
 * Shape}: a graph that knows the schema of each of its parts and how to read them. JSON is compared with the schema
 * alone ({@code SchemaCheck}), whether that was made of a type or given as text, and only then read by the shape; so
 * there is one place that says what is wrong, and shapes read what is right.
 */
@NullMarked
package kawi.schema;

import org.jspecify.annotations.NullMarked;
