package kawi.schema;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import kawi.json.JsonArray;
import kawi.json.JsonObject;
import kawi.json.JsonValue;
import org.jspecify.annotations.Nullable;

/**
 * A JSON Schema, either generated from a Java type or parsed from text: it resolves references, determines the allowed
 * types, and selects among alternatives.
 */
final class JsonSchema {

    /** The maximum number of schemas that apply to the same value because one contains or refers to the next. */
    private static final int MAX_REFERENCES = 64;

    private final JsonObject root;
    private final SchemaIndex index;
    private final Patterns patterns;
    private final boolean nullIsAbsent;

    private JsonSchema(JsonObject root, boolean nullIsAbsent) {
        this.root = root;
        this.nullIsAbsent = nullIsAbsent;
        index = new SchemaIndex(root);
        patterns = new Patterns(index.schemas());
    }

    /** The schema of a Java type; a property that is not required may also be null. */
    static JsonSchema ofType(JsonObject root) {
        return new JsonSchema(root, true);
    }

    /**
     * A user-defined schema.
     *
     * @throws IllegalArgumentException if a reference in it leads to no schema or back to itself, or if the schema
     *     follows a draft that is not known
     */
    static JsonSchema checked(JsonObject root) {
        var schema = new JsonSchema(root, false);
        var heights = new IdentityHashMap<JsonValue, Integer>();
        schema.index.schemas().forEach(part -> schema.height(part, heights, 1));
        return schema;
    }

    /**
     * The number of schemas that apply to the same value because one contains or refers to the next, from {@code part}
     * on. Rejects a schema that applies itself to the same value again, such as {@code {"allOf": [{"$ref": "#"}]}}: it
     * has no meaning, and its evaluation would not terminate.
     *
     * @param heights the known ones, and zero for those that are being determined
     * @param depth how many are being determined
     */
    private int height(JsonValue part, Map<JsonValue, Integer> heights, int depth) {
        var known = heights.get(part);
        if (!part.isObject() || (known != null && known > 0)) {
            return known == null ? 0 : known;
        }
        int height = 1;
        if (known == null && depth <= MAX_REFERENCES) {
            heights.put(part, 0);
            for (var inner : index.inPlace(part)) {
                height = Math.max(height, 1 + height(inner, heights, depth + 1));
            }
        }
        if (known != null || depth > MAX_REFERENCES || height > MAX_REFERENCES) {
            throw new IllegalArgumentException(
                    "allOf, anyOf, oneOf and references in the schema lead back to themselves, or more than %d deep: %s"
                            .formatted(MAX_REFERENCES, Json.excerpt(part)));
        }
        heights.put(part, height);
        return height;
    }

    JsonObject root() {
        return root;
    }

    SchemaIndex index() {
        return index;
    }

    Patterns patterns() {
        return patterns;
    }

    /** Whether a property that is not required may be null instead of absent. */
    boolean nullIsAbsent() {
        return nullIsAbsent;
    }

    /** The schema at the end of a chain of references. */
    JsonValue resolve(JsonValue part) {
        var resolved = part;
        for (var target = index.target(part); target != null; target = index.target(target)) {
            resolved = target;
        }
        return resolved;
    }

    /** The names of the types that the schema allows directly; empty if it does not restrict the type. */
    static List<String> types(JsonValue part) {
        var type = part.path("type");
        if (type.isString()) {
            var name = type.stringValue();
            boolean nullable = part.path("nullable").asString().equals("true") && !name.equals("null");
            return nullable ? List.of(name, "null") : List.of(name);
        }
        return type.isArray() ? type.valueStream().map(JsonValue::asString).toList() : List.of();
    }

    /** The types that the schema allows or, if it does not say, those that its other keywords are about. */
    static List<String> impliedTypes(JsonValue part) {
        var types = types(part);
        if (!types.isEmpty()) {
            return types;
        } else if (part.has("properties")) {
            return List.of("object");
        } else if (part.has("prefixItems") || part.has("items")) {
            return List.of("array");
        } else if (part.path("pattern").isString() || part.has("minLength") || part.has("maxLength")) {
            return List.of("string");
        }
        return List.of();
    }

    /** The only value that the schema allows, if it names one, or null. */
    static @Nullable JsonValue constant(JsonValue part) {
        var constant = part.get("const");
        return constant == null
                        && part.path("enum").isArray()
                        && part.path("enum").size() == 1
                ? part.path("enum").get(0)
                : constant;
    }

    /** Whether a property with a constant value has a different value here, so that this alternative does not apply. */
    boolean excludes(JsonValue alternative, JsonValue value) {
        if (!value.isObject()) {
            return false;
        }
        for (var property : alternative.path("properties").properties()) {
            var constant = constant(property.getValue());
            if (constant != null && isOther(alternative, property.getKey(), constant, value.get(property.getKey()))) {
                return true;
            }
        }
        return false;
    }

    private static boolean isOther(JsonValue alternative, String name, JsonValue constant, @Nullable JsonValue found) {
        return found == null
                ? alternative
                        .path("required")
                        .valueStream()
                        .anyMatch(required -> required.asString().equals(name))
                : !found.equals(constant);
    }

    // ---- what applies to a property, wherever the schema says it

    /**
     * The schema of a property of the root, or of what the root refers to and combines: that of the only place that
     * describes the property, or one that allows what any of the places does. A boolean schema or nothing if there is
     * none.
     */
    JsonValue property(String name) {
        var found = new ArrayList<JsonValue>();
        for (var part : appliedToRoot()) {
            var declared = part.path("properties").path(name);
            if (SchemaKeywords.isSchema(declared)) {
                found.add(declared);
            }
        }
        return found.isEmpty() ? others(name) : anyOf(found);
    }

    private JsonValue others(String name) {
        var found = new ArrayList<JsonValue>();
        for (var part : appliedToRoot()) {
            var matching = part.path("patternProperties").properties().stream()
                    .filter(pattern -> Boolean.TRUE.equals(patterns.found(pattern.getKey(), name, Patterns.limit())))
                    .map(Map.Entry::getValue)
                    .toList();
            found.addAll(matching.isEmpty() ? List.of(part.path("additionalProperties")) : matching);
        }
        found.removeIf(part -> !SchemaKeywords.isSchema(part));
        return anyOf(found);
    }

    private static JsonValue anyOf(List<JsonValue> parts) {
        return parts.size() == 1
                ? parts.getFirst()
                : parts.isEmpty()
                        ? JsonObject.empty()
                        : JsonObject.builder()
                                .put("anyOf", new JsonArray(parts))
                                .build();
    }

    /** The root and the schemas that apply to the same value. */
    private Set<JsonValue> appliedToRoot() {
        var applied = new LinkedHashSet<JsonValue>();
        addApplied(root, applied);
        return applied;
    }

    private void addApplied(JsonValue part, Set<JsonValue> applied) {
        if (applied.add(part)) {
            index.inPlace(part).forEach(inner -> addApplied(inner, applied));
        }
    }

    /** Whether the root or a schema that always applies to the same value requires the property. */
    boolean requires(String name) {
        return requires(root, name);
    }

    private boolean requires(JsonValue part, String name) {
        var target = index.target(part);
        return part.path("required")
                        .valueStream()
                        .anyMatch(required -> required.asString().equals(name))
                || (target != null && requires(target, name))
                || part.path("allOf").valueStream().anyMatch(inner -> requires(inner, name));
    }
}
