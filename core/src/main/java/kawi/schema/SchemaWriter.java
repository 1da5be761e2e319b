package kawi.schema;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import kawi.json.JsonNull;
import kawi.json.JsonObject;
import kawi.json.JsonValue;
import org.jspecify.annotations.Nullable;

/**
 * Writes the JSON Schema of a shape. Objects and unions that are used more than once, or are recursive, are defined
 * under {@code $defs}; the root is always inline.
 */
final class SchemaWriter {

    private final boolean exact;
    private final Map<Shape.Named, Integer> uses = new HashMap<>();
    private final Map<Shape.Named, String> references = new HashMap<>();
    private final Set<String> names = new HashSet<>();
    private final JsonObject.Builder definitions = JsonObject.builder();

    private SchemaWriter(boolean exact) {
        this.exact = exact;
    }

    /**
     * The schema of {@code root}.
     *
     * @param exact whether to include what a Java type implies: the range of its integers, and that an object has no
     *     additional properties. Constrained generation needs it; a model reads the schema more easily without.
     */
    static JsonObject write(Shape root, boolean exact) {
        var writer = new SchemaWriter(exact);
        writer.count(root);
        var schema = described(root.schema(writer), root.description());
        var definitions = writer.definitions.build();
        return definitions.isEmpty()
                ? schema
                : schema.toBuilder().put("$defs", definitions).build();
    }

    private void count(Shape shape) {
        if (shape instanceof Shape.Named named && uses.merge(named, 1, Integer::sum) > 1) {
            return;
        }
        shape.parts().forEach(this::count);
    }

    boolean exact() {
        return exact;
    }

    /** States that the object has no additional properties. */
    void closed(JsonObject.Builder schema) {
        if (exact) {
            schema.put("additionalProperties", false);
        }
    }

    /**
     * The schema of a part, or a reference to it.
     *
     * @param description the description of its use; it precedes the description of its type
     */
    JsonObject node(Shape shape, @Nullable String description) {
        if (shape instanceof Shape.Named named && uses.getOrDefault(named, 0) > 1) {
            return described(JsonObject.builder().put("$ref", reference(named)).build(), description);
        }
        return described(shape.schema(this), description == null ? shape.description() : description);
    }

    private String reference(Shape.Named shape) {
        var known = references.get(shape);
        if (known != null) {
            return known;
        }
        var name = shape.name();
        for (int i = 2; !names.add(name); i++) {
            name = shape.name() + i;
        }
        var reference = "#/$defs/" + name;
        references.put(shape, reference);
        definitions.put(name, JsonNull.NULL); // reserves its position before the definitions it refers to
        definitions.put(name, described(shape.schema(this), shape.description()));
        return reference;
    }

    /** The schema with a description after the type. */
    static JsonObject described(JsonObject schema, @Nullable String description) {
        if (description == null) {
            return schema;
        }
        var described = JsonObject.builder();
        JsonValue type = schema.get("type");
        if (type != null) {
            described.put("type", type);
        }
        return described.put("description", description).putAll(schema).build();
    }
}
