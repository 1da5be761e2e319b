package kawi.schema;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import kawi.json.JsonObject;
import kawi.json.JsonValue;
import org.jspecify.annotations.Nullable;

/**
 * A JSON Schema as a tree, whether made of a Java type or given as text: what its references lead to, what types it allows, and which of
 * several alternatives a value can be.
 */
record JsonSchema(JsonObject root) {

    /** More references in a row than a schema needs that leads anywhere. */
    private static final int MOST_REFERENCES = 64;

    /**
     * A schema that someone has written.
     *
     * @throws IllegalArgumentException if a reference leads nowhere or a pattern is no regular expression
     */
    static JsonSchema checked(JsonObject root) {
        var schema = new JsonSchema(root);
        schema.check(root);
        return schema;
    }

    private void check(JsonValue node) {
        var pattern = node.path("pattern");
        if (pattern.isString()) {
            try {
                var _ = regex(pattern.stringValue());
            } catch (PatternSyntaxException e) {
                throw new IllegalArgumentException(
                        "the pattern %s is no regular expression: %s".formatted(pattern, e.getDescription()), e);
            }
        }
        if (node.path("$ref").isString() && resolve(node) == null) {
            throw new IllegalArgumentException(
                    "the reference %s leads to no schema; references start with #/".formatted(node.path("$ref")));
        }
        node.values().forEach(this::check);
    }

    /** A pattern of JSON Schema, where the {@code $} at the end is the end of the text and not the line break before it. */
    static Pattern regex(String pattern) {
        boolean anchored = pattern.endsWith("$") && !pattern.endsWith("\\$");
        return Pattern.compile(anchored ? pattern.substring(0, pattern.length() - 1) + "\\z" : pattern);
    }

    /** The schema at the end of a chain of references, or null if it leads nowhere. */
    @Nullable JsonValue resolve(JsonValue schema) {
        JsonValue node = schema;
        for (int i = 0; i < MOST_REFERENCES; i++) {
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

    /** The names of the types that the schema itself allows; empty if it says nothing about them. */
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

    /** Whether a value of {@code type} may be one of it. */
    boolean allows(JsonValue schema, String type, int depth) {
        var resolved = resolve(schema);
        if (resolved == null || depth > MOST_REFERENCES) {
            return true;
        }
        var alternatives = alternatives(resolved);
        if (!alternatives.isEmpty()) {
            return alternatives.stream().anyMatch(alternative -> allows(alternative, type, depth + 1));
        }
        var types = types(resolved);
        return types.isEmpty() || types.contains(type);
    }

    /** Whether a value of it can be nothing but a string. */
    boolean allowsStringsOnly(JsonValue schema) {
        return List.of("object", "array", "number", "integer", "boolean", "null").stream()
                .noneMatch(type -> allows(schema, type, 0));
    }

    /** Whether a property that is always one value has another one here, so that this alternative is not meant. */
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
