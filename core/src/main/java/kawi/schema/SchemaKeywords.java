package kawi.schema;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import kawi.json.JsonValue;

/**
 * The keywords of JSON Schema whose values are or contain schemas, of all drafts from 4 to 2020-12. Only these are
 * looked into: the value of any other keyword, such as {@code default}, {@code const}, {@code enum}, {@code examples}
 * or one that the standard does not define, is data, whatever its keys are called.
 */
final class SchemaKeywords {

    private static final List<String> SCHEMAS = List.of(
            "additionalItems",
            "additionalProperties",
            "contains",
            "contentSchema",
            "else",
            "if",
            "items",
            "not",
            "propertyNames",
            "then",
            "unevaluatedItems",
            "unevaluatedProperties");

    private static final List<String> LISTS = List.of("allOf", "anyOf", "items", "oneOf", "prefixItems");

    private static final List<String> MAPS =
            List.of("$defs", "definitions", "dependencies", "dependentSchemas", "patternProperties", "properties");

    /** The keywords whose schemas apply to the same value as the schema they are part of. */
    private static final Set<String> IN_PLACE =
            Set.of("allOf", "anyOf", "dependencies", "dependentSchemas", "else", "if", "not", "oneOf", "then");

    /** Keywords that draft 2019-09 or later introduced. */
    private static final List<String> NEW = List.of(
            "$anchor",
            "$defs",
            "$dynamicAnchor",
            "$dynamicRef",
            "$recursiveAnchor",
            "$recursiveRef",
            "dependentRequired",
            "dependentSchemas",
            "maxContains",
            "minContains",
            "prefixItems",
            "unevaluatedItems",
            "unevaluatedProperties");

    /** Keywords that draft 2019-09 or 2020-12 replaced. */
    private static final List<String> OLD = List.of("additionalItems", "definitions", "dependencies");

    /** Keywords that, beside a reference, leave nothing to check. */
    private static final Set<String> DESCRIBING = Set.of(
            "$comment",
            "$defs",
            "$ref",
            "$schema",
            "default",
            "definitions",
            "deprecated",
            "description",
            "examples",
            "title");

    private SchemaKeywords() {}

    /** Whether a schema with a reference means what the reference leads to, and nothing else. */
    static boolean isAlias(JsonValue schema) {
        return DESCRIBING.containsAll(schema.propertyNames());
    }

    /** The schemas that {@code schema} contains directly. */
    static List<JsonValue> parts(JsonValue schema) {
        return parts(schema, false);
    }

    /** The schemas that {@code schema} contains directly and that apply to the same value. */
    static List<JsonValue> partsInPlace(JsonValue schema) {
        return parts(schema, true);
    }

    private static List<JsonValue> parts(JsonValue schema, boolean inPlace) {
        var parts = new ArrayList<JsonValue>();
        for (var keyword : SCHEMAS) {
            if (!inPlace || IN_PLACE.contains(keyword)) {
                addSchemas(parts, List.of(schema.path(keyword)));
            }
        }
        for (var keyword : LISTS) {
            if (schema.path(keyword).isArray() && (!inPlace || IN_PLACE.contains(keyword))) {
                addSchemas(parts, schema.path(keyword).values());
            }
        }
        for (var keyword : MAPS) {
            if (schema.path(keyword).isObject() && (!inPlace || IN_PLACE.contains(keyword))) {
                addSchemas(parts, schema.path(keyword).values());
            }
        }
        return parts;
    }

    private static void addSchemas(List<JsonValue> parts, Collection<JsonValue> values) {
        for (var value : values) {
            if (isSchema(value)) {
                parts.add(value);
            }
        }
    }

    /** Whether the value has the form of a schema. */
    static boolean isSchema(JsonValue value) {
        return value.isObject() || value.isBoolean();
    }

    static boolean hasNew(JsonValue schema) {
        return NEW.stream().anyMatch(schema::has);
    }

    static boolean hasOld(JsonValue schema) {
        return OLD.stream().anyMatch(schema::has) || schema.path("items").isArray();
    }
}
