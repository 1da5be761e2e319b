package kawi.schema;

import java.lang.reflect.Array;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import kawi.Size;
import kawi.json.JsonObject;
import kawi.json.JsonValue;
import org.jspecify.annotations.Nullable;

/**
 * A list, set or array. A set is a JSON array without {@code uniqueItems}, which cannot be enforced token by token;
 * equal elements are merged.
 *
 * @param type the Java type: {@code List}, {@code Set}, or the class of an array
 */
record ListShape(Class<?> type, Shape element, @Nullable Size size) implements Shape {

    @Override
    public JsonObject schema(SchemaWriter writer) {
        var schema = JsonObject.builder().put("type", "array");
        schema.put("items", writer.node(element, null));
        if (size != null && size.min() > 0) {
            schema.put("minItems", size.min());
        }
        if (size != null && size.max() < Integer.MAX_VALUE) {
            schema.put("maxItems", size.max());
        }
        return schema.build();
    }

    @Override
    public Object read(JsonValue value, String where) {
        var elements = new ArrayList<@Nullable Object>(value.size());
        for (JsonValue item : value.values()) {
            elements.add(element.read(item, "%s[%d]".formatted(where, elements.size())));
        }
        if (type.isArray()) {
            Object array = Array.newInstance(type.getComponentType(), elements.size());
            for (int i = 0; i < elements.size(); i++) {
                Array.set(array, i, elements.get(i));
            }
            return array;
        }
        return type == List.class
                ? Collections.unmodifiableList(elements)
                : Collections.unmodifiableSequencedSet(new LinkedHashSet<>(elements));
    }

    /** Whether every list must have an element. */
    boolean needsElement() {
        return size != null && size.min() > 0;
    }

    @Override
    public List<Shape> parts() {
        return List.of(element);
    }
}
