package kawi.schema;

import java.lang.reflect.AnnotatedParameterizedType;
import java.lang.reflect.AnnotatedType;
import java.lang.reflect.Type;
import kawi.AnswerException;
import kawi.TypeOf;
import kawi.json.JsonException;
import kawi.json.JsonObject;
import kawi.json.JsonSyntax;
import kawi.json.JsonValue;
import org.jspecify.annotations.Nullable;

/**
 * A Java type for answers: its JSON Schema, and the conversion of the JSON of an answer.
 *
 * @param <T> the type
 */
public final class AnswerType<T> {

    private final Shape shape;
    private final JsonSchema schema;

    private AnswerType(Type type, @Nullable AnnotatedType annotated) {
        shape = ShapeBuilder.of(type, annotated);
        schema = JsonSchema.ofType(SchemaWriter.write(shape, true));
    }

    /**
     * Answers of a class.
     *
     * @throws IllegalArgumentException if the type, or a type within it, has no JSON form; the message names it and the
     *     reason
     */
    public static <T> AnswerType<T> of(Class<T> type) {
        return new AnswerType<>(type, null);
    }

    /**
     * Answers of a type with arguments.
     *
     * @throws IllegalArgumentException if the type, or a type within it, has no JSON form; the message names it and the
     *     reason
     */
    public static <T> AnswerType<T> of(TypeOf<T> type) {
        var annotated = (AnnotatedParameterizedType) type.getClass().getAnnotatedSuperclass();
        return new AnswerType<>(type.type(), annotated.getAnnotatedActualTypeArguments()[0]);
    }

    /**
     * The JSON Schema for constrained generation: integers have the range of their Java type, objects no additional
     * properties.
     */
    public JsonObject schema() {
        return schema.root();
    }

    /** The JSON Schema as text. */
    public String schemaText() {
        return schema.root().toString();
    }

    /**
     * Reads an answer.
     *
     * @throws AnswerException if it is not JSON, is not valid against the schema, or is rejected by a record's
     *     constructor
     */
    @SuppressWarnings("unchecked") // the shape makes values of the type it was made of
    public T read(String json) {
        JsonValue value;
        try {
            value = JsonSyntax.STRICT.parse(json);
        } catch (JsonException e) {
            throw new AnswerException("the answer is not JSON: " + e.getMessage(), json, null);
        }
        try {
            var faults = Budget.withinStack(() -> SchemaCheck.faults(schema, value));
            if (!faults.isEmpty()) {
                throw new MismatchException(SchemaCheck.sentence(faults));
            }
            var read = shape.read(value, "");
            if (read == null) {
                throw new MismatchException("it is null");
            }
            return (T) read;
        } catch (MismatchException e) {
            throw new AnswerException("the answer does not fit: " + e.getMessage(), json, e.getCause());
        }
    }
}
