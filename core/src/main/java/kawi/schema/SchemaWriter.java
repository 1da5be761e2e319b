package kawi.schema;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * Writes the JSON Schema of a shape. Objects and unions that are used more than once, or within themselves, stand under {@code $defs}; the
 * root is always written out.
 */
final class SchemaWriter {

    private final boolean exact;
    private final Map<Shape.Named, Integer> uses = new HashMap<>();
    private final Map<Shape.Named, String> references = new HashMap<>();
    private final Set<String> names = new HashSet<>();
    private final ObjectNode definitions = Json.object();

    private SchemaWriter(boolean exact) {
        this.exact = exact;
    }

    /**
     * The schema of {@code root}.
     *
     * @param exact whether to say what a Java type says by itself: the range of its integers, and that an object has no other properties.
     *     A constraint needs that; a model that reads the schema is better off without.
     */
    static ObjectNode write(Shape root, boolean exact) {
        var writer = new SchemaWriter(exact);
        writer.count(root);
        var schema = described(root.schema(writer), root.description());
        if (!writer.definitions.isEmpty()) {
            schema.set("$defs", writer.definitions);
        }
        return schema;
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

    /** Says that the object has no properties but those listed. */
    void closed(ObjectNode schema) {
        if (exact) {
            schema.put("additionalProperties", false);
        }
    }

    /**
     * The schema of a part, or a reference to it.
     *
     * @param description what the place where it stands says about it; it goes before what its type says
     */
    ObjectNode node(Shape shape, @Nullable String description) {
        if (shape instanceof Shape.Named named && uses.getOrDefault(named, 0) > 1) {
            return described(Json.object().put("$ref", reference(named)), description);
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
        definitions.putNull(name); // keeps its place before those it refers to
        definitions.set(name, described(shape.schema(this), shape.description()));
        return reference;
    }

    /** The schema with a description, which stands behind the type. */
    static ObjectNode described(ObjectNode schema, @Nullable String description) {
        if (description == null) {
            return schema;
        }
        var described = Json.object();
        if (schema.has("type")) {
            described.set("type", schema.get("type"));
        }
        described.put("description", description);
        schema.properties().forEach(keyword -> described.set(keyword.getKey(), keyword.getValue()));
        return described;
    }
}
