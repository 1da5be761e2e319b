/**
 * Conversion between Java types and JSON Schema, and from JSON to Java values.
 *
 * <p>The entry points are {@link kawi.schema.AnswerType} for answers and {@link kawi.schema.Parameters} for the
 * parameters of tools. A {@code Type} is resolved to a {@code JavaType}, which the {@code ShapeBuilder} converts to a
 * {@code Shape}: a graph that contains the schema of each of its parts and the conversion of their values. JSON is
 * first validated against the schema ({@code SchemaCheck}), whether that was generated from a type or given as text,
 * and then converted by the shape. So mistakes are reported in one place, and shapes convert valid values only.
 */
@NullMarked
package kawi.schema;

import org.jspecify.annotations.NullMarked;
