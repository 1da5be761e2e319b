/**
 * Conversion between Java types and JSON Schema, and from JSON to Java values.
 *
 * <p>The entry points are {@link kawi.schema.AnswerType} for answers and {@link kawi.schema.Parameters} for the
 * parameters of tools. A {@code Type} is resolved to a {@code JavaType}, which the {@code ShapeBuilder} converts to a
 * {@code Shape}: a graph that contains the schema of each of its parts and the conversion of their values. JSON is
 * first validated against the schema ({@code SchemaCheck}), whether that was generated from a type or given as text,
 * and then converted by the shape. So mistakes are reported in one place, and shapes convert valid values only.
 *
 * <h2>Values</h2>
 *
 * What a model writes as an argument is taken for what it can mean, and for nothing else ({@code Coercion}):
 *
 * <ol>
 *   <li>A text that the schema allows as a string is that string, as it stands. Only {@code null} is not text where the
 *       schema allows null, and where it allows strings and values of another type, JSON of that type comes first.
 *   <li>Any other text is read as JSON, or as the literal of Python or the object in doubled braces that it is
 *       ({@code kawi.json.JsonSyntax.LENIENT}). What could mean two things is not read.
 *   <li>A value that is valid is not changed. One that is not is converted where only one conversion is possible:
 *       {@code "12"} to a number, 12 to a string, the name of a constant to the constant, null to an absent property.
 *   <li>Numbers keep their spelling until the type is known: {@code 1e5} is the string "1e5", the number 1e5 or the
 *       integer 100000, and no digit of a long one is lost.
 * </ol>
 *
 * <h2>Validation</h2>
 *
 * {@code SchemaCheck} knows all keywords that JSON Schema defines for validation in drafts 2020-12, 2019-09 and 7, and
 * the spellings of draft 4 and OpenAPI 3.0. All others are annotations. Schemas are looked for where the standard has
 * them ({@code SchemaKeywords}): what stands under {@code default}, {@code const}, {@code enum} or {@code examples} is
 * data, and the names of properties are names. References may lead to every place of the document, its anchors and
 * embedded resources ({@code SchemaIndex}).
 *
 * <p>Refused by name are references that lead out of the document or back to the same value, and documents of unknown
 * drafts. A pattern that cannot be evaluated, because it has a backreference or is not ECMAScript's, does not make a
 * tool impossible: it is shown to the model, and the tool's own code checks it. Until then the string counts as valid,
 * and so does what {@code not}, {@code oneOf}, {@code if} or {@code patternProperties} make of it.
 *
 * <p>Schemas and values may come from outside. Conversion and validation of one value have a {@code Budget} together,
 * and end when the thread is interrupted.
 */
@NullMarked
package kawi.schema;

import org.jspecify.annotations.NullMarked;
