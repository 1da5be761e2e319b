package kawi.schema;

import java.util.List;
import kawi.json.JsonObject;
import kawi.json.JsonValue;
import org.jspecify.annotations.Nullable;

/**
 * The JSON form of a Java type: its schema, and how a value is read. Shapes of recursive types are a graph with cycles.
 */
sealed interface Shape
        permits AnyShape,
                BooleanShape,
                EnumShape,
                ListShape,
                MapShape,
                NumberShape,
                OptionalShape,
                TextShape,
                Shape.Named {

    /** A shape that may stand under {@code $defs}, because it is used more than once or within itself. */
    sealed interface Named extends Shape permits ObjectShape, UnionShape {
        /** A name for the definition. */
        String name();
    }

    /** The schema, without the description. */
    JsonObject schema(SchemaWriter writer);

    /** What the type itself says it is, if it says anything. */
    default @Nullable String description() {
        return null;
    }

    /**
     * The Java value of JSON that fits the schema.
     *
     * @param where the way to the value, for messages
     * @throws MismatchException if it fits the schema and yet has no value, such as 31 February
     */
    @Nullable Object read(JsonValue value, String where);

    /** The shapes that stand in the schema, each as often as it does. */
    default List<Shape> parts() {
        return List.of();
    }
}
