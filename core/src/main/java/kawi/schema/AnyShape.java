package kawi.schema;

import kawi.json.JsonObject;
import kawi.json.JsonValue;
import org.jspecify.annotations.Nullable;

/** Any JSON value, as a Java map, list, string or number. */
record AnyShape() implements Shape {

    @Override
    public JsonObject schema(SchemaWriter writer) {
        return JsonObject.empty();
    }

    @Override
    public @Nullable Object read(JsonValue value, String where) {
        return value.toJava();
    }
}
