package kawi.schema;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A map from strings, or from an enum's constants, which then are the properties an object may have.
 *
 * @param keys the enum's shape, or null for strings
 */
record MapShape(@Nullable EnumShape keys, Shape value) implements Shape {

    @Override
    public ObjectNode schema(SchemaWriter writer) {
        var schema = Json.object().put("type", "object");
        if (keys == null) {
            schema.set("additionalProperties", writer.node(value, null));
        } else {
            var properties = schema.putObject("properties");
            keys.constants().keySet().forEach(key -> properties.set(key, writer.node(value, null)));
            writer.closed(schema);
        }
        return schema;
    }

    @Override
    public Object read(JsonNode json, String where) {
        var map = new LinkedHashMap<Object, @Nullable Object>();
        for (var entry : json.properties()) {
            Object key = keys == null ? entry.getKey() : keys.constants().get(entry.getKey());
            if (key != null) {
                map.put(key, value.read(entry.getValue(), Json.step(where, entry.getKey())));
            }
        }
        return Collections.unmodifiableSequencedMap(map);
    }

    @Override
    public List<Shape> parts() {
        return keys == null
                ? List.of(value)
                : Collections.nCopies(keys.constants().size(), value);
    }
}
