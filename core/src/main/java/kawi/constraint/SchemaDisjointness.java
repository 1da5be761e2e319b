package kawi.constraint;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import kawi.json.JsonValue;

/**
 * Whether no value is valid by two options of a {@code oneOf}, so that writing one of them is writing exactly one: their
 * types differ, or their literals, or a property that both require has literals that differ, as the discriminators of
 * sealed types do.
 */
final class SchemaDisjointness {

    private final SchemaReferences references;

    SchemaDisjointness(SchemaReferences references) {
        this.references = references;
    }

    void check(Schema schema, List<Schema> options) {
        for (int i = 0; i < options.size(); i++) {
            for (int j = 0; j < i; j++) {
                if (!areDisjoint(options.get(i), options.get(j))) {
                    throw schema.refused(("options %d and %d of oneOf may both hold: they need different types, or a"
                                    + " property required in both with a const of its own in each; or use anyOf")
                            .formatted(j, i));
                }
            }
        }
    }

    private boolean areDisjoint(Schema one, Schema other) {
        Schema a = references.resolved(one);
        Schema b = references.resolved(other);
        if (!a.node().isObject() || !b.node().isObject()) {
            return isFalse(a) || isFalse(b);
        }
        Set<String> types = types(a);
        if (types(b).stream()
                .noneMatch(t -> types.stream().anyMatch(u -> Schema.isOfType(t, u) || Schema.isOfType(u, t)))) {
            return true;
        }
        if (isLiteral(a) && isLiteral(b)) {
            return haveNoneInCommon(a, b);
        }
        return types.equals(Set.of("object")) && types(b).equals(types) && haveDiscriminator(a, b);
    }

    private boolean haveDiscriminator(Schema a, Schema b) {
        if (!a.has("required") || !b.has("required") || !a.has("properties") || !b.has("properties")) {
            return false;
        }
        Set<String> required = new HashSet<>(a.strings("required"));
        required.retainAll(b.strings("required"));
        for (String name : required) {
            if (a.at("properties").has(name) && b.at("properties").has(name)) {
                Schema first = references.resolved(a.at("properties").at(name));
                Schema second = references.resolved(b.at("properties").at(name));
                if (isLiteral(first) && isLiteral(second) && haveNoneInCommon(first, second)) {
                    return true;
                }
            }
        }
        return false;
    }

    private static boolean isFalse(Schema schema) {
        return schema.node().isBoolean() && !schema.node().booleanValue();
    }

    private static Set<String> types(Schema schema) {
        if (schema.has("type")) {
            return schema.at("type").node().isString()
                    ? Set.of(schema.at("type").node().stringValue())
                    : Set.copyOf(schema.strings("type"));
        }
        if (isLiteral(schema)) {
            Set<String> types = new HashSet<>();
            literals(schema).forEach(v -> types.add(Schema.typeOf(v)));
            return types;
        }
        return Set.of("object", "array", "string", "number", "boolean", "null");
    }

    private static boolean isLiteral(Schema schema) {
        return schema.node().isObject() && (schema.has("const") || schema.has("enum"));
    }

    private static boolean haveNoneInCommon(Schema a, Schema b) {
        List<JsonValue> others = literals(b);
        return literals(a).stream().noneMatch(v -> others.contains(v));
    }

    /** The values that {@code const} and {@code enum} leave. */
    static List<JsonValue> literals(Schema schema) {
        List<JsonValue> values = new ArrayList<>();
        if (schema.has("enum")) {
            Schema list = schema.at("enum");
            if (!list.node().isArray() || list.node().isEmpty()) {
                throw list.wrong("an array of values, not empty");
            }
            values.addAll(list.node().values());
        }
        if (schema.has("const")) {
            JsonValue value = schema.node().get("const");
            if (schema.has("enum") && !values.contains(value)) {
                throw schema.refused("const is not among the values of enum");
            }
            return List.of(value);
        }
        return values;
    }
}
