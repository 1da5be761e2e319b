package kawi.schema;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.PatternSyntaxException;
import kawi.json.JsonObject;
import kawi.json.JsonValue;
import org.jspecify.annotations.Nullable;

/**
 * A JSON Schema as a tree, either generated from a Java type or parsed from text: it resolves references, determines
 * the allowed types, and selects among alternatives.
 */
record JsonSchema(JsonObject root) {

    /** The maximum length of a chain of references. */
    private static final int MAX_REFERENCES = 64;

    /** Keywords whose schemas apply to the same value. */
    private static final List<String> COMBINING = List.of("allOf", "anyOf", "oneOf");

    /**
     * Parses a user-defined schema.
     *
     * @throws IllegalArgumentException if a reference has no target or a pattern is not a regular expression
     */
    static JsonSchema checked(JsonObject root) {
        var schema = new JsonSchema(root);
        schema.check(root);
        schema.requireEnds(root, new IdentityHashMap<>());
        return schema;
    }

    private void requireEnds(JsonValue node, Map<JsonValue, Boolean> finished) {
        if (node.isObject()) {
            requireEnd(node, finished, 0);
        }
        node.values().forEach(part -> requireEnds(part, finished));
    }

    private void check(JsonValue node) {
        var pattern = node.path("pattern");
        if (pattern.isString()) {
            try {
                var _ = Patterns.compile(pattern.stringValue());
            } catch (PatternSyntaxException e) {
                throw new IllegalArgumentException(
                        "the pattern %s is not a regular expression: %s".formatted(pattern, e.getDescription()), e);
            }
        }
        if (node.path("$ref").isString() && resolve(node) == null) {
            throw new IllegalArgumentException(
                    "the reference %s leads to no schema; references start with #/".formatted(node.path("$ref")));
        }
        node.values().forEach(this::check);
    }

    /**
     * Rejects a schema that applies itself to the same value again, such as {@code {"allOf": [{"$ref": "#"}]}}: it has
     * no meaning, and its evaluation would not terminate.
     */
    private void requireEnd(JsonValue unresolved, Map<JsonValue, Boolean> finished, int depth) {
        var node = resolve(unresolved);
        if (node == null || Boolean.TRUE.equals(finished.get(node))) {
            return;
        }
        if (finished.put(node, false) != null || depth > MAX_REFERENCES) {
            throw new IllegalArgumentException(
                    "allOf, anyOf, oneOf and references in the schema lead back to themselves, or more than %d deep: %s"
                            .formatted(MAX_REFERENCES, Json.excerpt(node)));
        }
        for (var keyword : COMBINING) {
            for (var part : node.path(keyword).values()) {
                requireEnd(part, finished, depth + 1);
            }
        }
        finished.put(node, true);
    }

    /** The schema at the end of a chain of references, or null if there is none. */
    @Nullable JsonValue resolve(JsonValue schema) {
        JsonValue node = schema;
        for (int i = 0; i < MAX_REFERENCES; i++) {
            var reference = node.path("$ref");
            if (!reference.isString()) {
                return node.isMissing() ? null : node;
            }
            var text = reference.stringValue();
            if (!text.equals("#") && !text.startsWith("#/")) {
                return null;
            }
            node = root.at(text.substring(1));
        }
        return null;
    }

    /** The alternatives of {@code anyOf} or {@code oneOf}; empty if the schema has neither. */
    List<JsonValue> alternatives(JsonValue schema) {
        var several = schema.has("anyOf") ? schema.path("anyOf") : schema.path("oneOf");
        return several.valueStream().map(this::resolve).filter(Objects::nonNull).toList();
    }

    /** The names of the types that the schema allows directly; empty if it does not restrict the type. */
    static List<String> types(JsonValue schema) {
        var type = schema.path("type");
        var names = new ArrayList<String>();
        if (type.isString()) {
            names.add(type.stringValue());
        }
        type.valueStream().forEach(name -> names.add(name.asString()));
        if (names.isEmpty()) {
            if (schema.has("properties")) {
                names.add("object");
            } else if (schema.has("const") && schema.path("const").isString()) {
                names.add("string");
            } else if (schema.has("enum") && schema.path("enum").valueStream().allMatch(JsonValue::isString)) {
                names.add("string");
            }
        }
        return names;
    }

    /** Whether {@code type} is one of the allowed types. */
    boolean allows(JsonValue schema, String type) {
        Set<JsonValue> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        var pending = new ArrayDeque<JsonValue>();
        pending.add(schema);
        while (!pending.isEmpty()) {
            var resolved = resolve(pending.remove());
            if (resolved == null) {
                return true;
            }
            if (!seen.add(resolved)) {
                continue;
            }
            var alternatives = alternatives(resolved);
            var types = types(resolved);
            if (alternatives.isEmpty() && (types.isEmpty() || types.contains(type))) {
                return true;
            }
            pending.addAll(alternatives);
        }
        return false;
    }

    /** Whether only strings are valid. */
    boolean allowsStringsOnly(JsonValue schema) {
        return List.of("object", "array", "number", "integer", "boolean", "null").stream()
                .noneMatch(type -> allows(schema, type));
    }

    /** Whether a property with a constant value has a different value here, so that this alternative does not apply. */
    boolean excludes(JsonValue alternative, JsonValue value) {
        for (var property : alternative.path("properties").properties()) {
            var constant = property.getValue().get("const");
            if (constant != null && value.isObject() && !constant.equals(value.path(property.getKey()))) {
                return true;
            }
        }
        return false;
    }
}
