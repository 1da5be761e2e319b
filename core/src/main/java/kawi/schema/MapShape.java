package kawi.schema;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import kawi.Size;
import kawi.json.JsonObject;
import kawi.json.JsonValue;
import org.jspecify.annotations.Nullable;

/**
 * A map whose keys are strings, or the constants of an enum, which then are the optional properties of an object.
 *
 * @param keys the shape of the enum, or null for strings
 * @param size the number of entries allowed, or null for any number
 */
record MapShape(
        @Nullable EnumShape keys, Shape value, @Nullable Size size) implements Shape {

    @Override
    public JsonObject schema(SchemaWriter writer) {
        var schema = JsonObject.builder().put("type", "object");
        if (keys == null) {
            schema.put("additionalProperties", writer.node(value, null));
        } else {
            var properties = JsonObject.builder();
            keys.constants().keySet().forEach(key -> properties.put(key, writer.node(value, null)));
            schema.put("properties", properties.build());
            writer.closed(schema);
        }
        if (size != null && size.min() > 0) {
            schema.put("minProperties", size.min());
        }
        if (size != null && size.max() < Integer.MAX_VALUE) {
            schema.put("maxProperties", size.max());
        }
        return schema.build();
    }

    @Override
    public Object read(JsonValue json, String where) {
        var map = new LinkedHashMap<Object, @Nullable Object>();
        for (var entry : json.properties()) {
            Object key = keys == null ? entry.getKey() : keys.constants().get(entry.getKey());
            if (key != null) {
                map.put(key, value.read(entry.getValue(), Json.step(where, entry.getKey())));
            }
        }
        return Collections.unmodifiableSequencedMap(map);
    }

    /** Whether every map must have an entry. */
    boolean needsEntry() {
        return size != null && size.min() > 0;
    }

    @Override
    public List<Shape> parts() {
        return keys == null
                ? List.of(value)
                : Collections.nCopies(keys.constants().size(), value);
    }
}
