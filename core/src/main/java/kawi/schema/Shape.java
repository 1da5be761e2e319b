package kawi.schema;

import java.util.List;
import kawi.json.JsonObject;
import kawi.json.JsonValue;
import org.jspecify.annotations.Nullable;

/**
 * The JSON form of a Java type: its schema, and the conversion of values. The shapes of recursive types form a cyclic
 * graph.
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

    /** A shape that may be defined under {@code $defs}, because it is used more than once or is recursive. */
    sealed interface Named extends Shape permits ObjectShape, UnionShape {
        /** The suggested name of the definition. */
        String name();
    }

    /** The schema, without the description. */
    JsonObject schema(SchemaWriter writer);

    /** The description of the type itself, if any. */
    default @Nullable String description() {
        return null;
    }

    /**
     * The Java value of JSON that is valid against the schema.
     *
     * @param where the path of the value, for messages
     * @throws MismatchException if it is valid against the schema but has no Java value, such as 31 February
     */
    @Nullable Object read(JsonValue value, String where);

    /** The shapes that occur in the schema, once for each occurrence. */
    default List<Shape> parts() {
        return List.of();
    }
}
