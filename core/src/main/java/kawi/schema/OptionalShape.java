package kawi.schema;

import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import kawi.json.JsonArray;
import kawi.json.JsonObject;
import kawi.json.JsonValue;
import org.jspecify.annotations.Nullable;

/**
 * A value that may be absent: as a property of an object it is not required, anywhere else it may be {@code null}.
 *
 * @param form the representation in Java
 */
record OptionalShape(Shape value, Form form) implements Shape {

    enum Form {
        NULLABLE,
        OPTIONAL,
        INT,
        LONG,
        DOUBLE
    }

    @Override
    public JsonObject schema(SchemaWriter writer) {
        var nothing = JsonObject.builder().put("type", "null").build();
        return JsonObject.builder()
                .put("anyOf", JsonArray.of(writer.node(value, null), nothing))
                .build();
    }

    @Override
    public @Nullable Object read(JsonValue json, String where) {
        return json.isNull() ? missing() : present(value.read(json, where));
    }

    @Nullable Object missing() {
        return switch (form) {
            case NULLABLE -> null;
            case OPTIONAL -> Optional.empty();
            case INT -> OptionalInt.empty();
            case LONG -> OptionalLong.empty();
            case DOUBLE -> OptionalDouble.empty();
        };
    }

    private @Nullable Object present(@Nullable Object found) {
        return switch (form) {
            case NULLABLE -> found;
            case OPTIONAL -> Optional.ofNullable(found);
            case INT -> found instanceof Integer number ? OptionalInt.of(number) : missing();
            case LONG -> found instanceof Long number ? OptionalLong.of(number) : missing();
            case DOUBLE -> found instanceof Double number ? OptionalDouble.of(number) : missing();
        };
    }

    @Override
    public List<Shape> parts() {
        return List.of(value);
    }
}
