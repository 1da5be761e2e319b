package kawi.constraint;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import kawi.json.JsonArray;
import kawi.json.JsonBoolean;
import kawi.json.JsonObject;
import kawi.json.JsonValue;

/**
 * Merges schemas that must hold together: {@code allOf}, {@code $ref} with other keywords, and the keywords beside
 * {@code anyOf}. Each keyword has its own rule (the union of required properties, the stricter of two bounds, the
 * intersection of types), and a property that both declare must be valid against both. Where a keyword has no such
 * rule, both schemas must have the same value.
 */
final class SchemaMerge {

    private static final int MAX_DEPTH = 32;

    private final Budget budget = Budget.current();
    private final SchemaReferences references;

    /**
     * Schemas with {@code allOf} or {@code $ref} and their merged forms, because many references may have the same
     * target.
     */
    private final Map<JsonValue, JsonValue> flat = new HashMap<>();

    private final Map<Pair, JsonValue> merges = new HashMap<>();
    private int depth;

    private record Pair(JsonValue one, JsonValue other) {}

    SchemaMerge(SchemaReferences references) {
        this.references = references;
    }

    /** {@code schema} without {@code allOf} and {@code $ref}. */
    Schema flattened(Schema schema) {
        if (++depth > MAX_DEPTH) {
            throw schema.refused("allOf and references lead more than " + MAX_DEPTH + " deep, or back to themselves");
        }
        JsonValue known = flat.get(schema.node());
        if (known == null) {
            known = flatten(schema);
            flat.put(schema.node(), known);
        }
        depth--;
        return new Schema(known, schema.pointer());
    }

    private JsonValue flatten(Schema schema) {
        budget.spend(10 + schema.node().size());
        JsonValue all = schema.node();
        if (all.isObject() && (schema.has("allOf") || schema.has("$ref"))) {
            all = ((JsonObject) all).toBuilder().remove("allOf").remove("$ref").build();
            List<Schema> others = new ArrayList<>(schema.has("allOf") ? schema.schemas("allOf") : List.of());
            if (schema.has("$ref")) {
                others.add(references.target(schema));
            }
            for (Schema other : others) {
                all = merged(all, flattened(other).node(), schema);
            }
        }
        return all;
    }

    /** One option of {@code schema} merged with the keywords beside the options. */
    Schema beside(Schema schema, String keyword, Schema option) {
        JsonObject rest =
                ((JsonObject) schema.node()).toBuilder().remove(keyword).build();
        JsonValue merged = merged(rest, flattened(option).node(), option);
        return new Schema(merged, option.pointer());
    }

    private JsonValue merged(JsonValue one, JsonValue other, Schema where) {
        if (one.equals(other)) {
            return one;
        }
        var pair = new Pair(one, other);
        JsonValue known = merges.get(pair);
        if (known == null) {
            budget.spend(20 + 4L * (one.size() + other.size()));
            known = merge(one, other, where);
            merges.put(pair, known);
        }
        return known;
    }

    private JsonValue merge(JsonValue one, JsonValue other, Schema where) {
        if (one.isBoolean() || other.isBoolean()) {
            boolean never = (one.isBoolean() && !one.booleanValue()) || (other.isBoolean() && !other.booleanValue());
            return never ? JsonBoolean.FALSE : one.isBoolean() ? other : one;
        }
        if (!one.isObject() || !other.isObject()) {
            throw where.wrong("schemas that can be merged");
        }
        JsonObject.Builder all = ((JsonObject) other).toBuilder();
        for (var entry : one.properties()) {
            String keyword = entry.getKey();
            JsonValue mine = entry.getValue();
            JsonValue others = other.path(keyword);
            boolean settled = others.isMissing() || others.equals(mine) || Schema.ANNOTATIONS.contains(keyword);
            if (settled || keyword.equals("properties") || keyword.equals("additionalProperties")) {
                all.put(keyword, mine);
            } else {
                all.put(keyword, both(keyword, mine, others, where));
            }
        }
        mergeProperties((JsonObject) one, (JsonObject) other, all);
        return all.build();
    }

    private JsonValue both(String keyword, JsonValue one, JsonValue other, Schema where) {
        return switch (keyword) {
            case "required" -> {
                var names = new LinkedHashSet<JsonValue>();
                names.addAll(one.values());
                names.addAll(other.values());
                budget.spend(names.size());
                yield new JsonArray(names);
            }
            case "type" -> types(one, other, where);
            case "minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties" ->
                number(one, where).compareTo(number(other, where)) > 0 ? one : other;
            case "maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties" ->
                number(one, where).compareTo(number(other, where)) < 0 ? one : other;
            case "items" -> together(one, other);
            case "uniqueItems" -> one.equals(JsonBoolean.TRUE) ? one : other;
            default ->
                throw where.refused(
                        "two different values of %s cannot be merged".formatted(GrammarException.quote(keyword)));
        };
    }

    private static BigDecimal number(JsonValue node, Schema where) {
        return new Schema(node, where.pointer()).number();
    }

    private JsonValue types(JsonValue one, JsonValue other, Schema where) {
        budget.spend((1L + one.size()) * (1L + other.size()));
        List<String> common = new ArrayList<>();
        for (JsonValue a : one.isArray() ? one.values() : List.of(one)) {
            for (JsonValue b : other.isArray() ? other.values() : List.of(other)) {
                String first = a.asString();
                String second = b.asString();
                if (Schema.isOfType(first, second)) {
                    common.add(first);
                } else if (Schema.isOfType(second, first)) {
                    common.add(second);
                }
            }
        }
        if (common.isEmpty()) {
            throw where.refused("the types %s and %s exclude each other".formatted(one, other));
        }
        return JsonArray.ofStrings(common);
    }

    /** A property that one side does not declare must be valid by its {@code additionalProperties}. */
    private void mergeProperties(JsonObject one, JsonObject other, JsonObject.Builder all) {
        JsonValue ofOne = one.path("properties");
        JsonValue ofOther = other.path("properties");
        if (ofOne.isObject() || ofOther.isObject()) {
            JsonObject.Builder properties = JsonObject.builder();
            budget.spend(8L * (ofOne.size() + ofOther.size()));
            for (String name : names(ofOne, ofOther)) {
                JsonValue a = ofOne.has(name) ? ofOne.path(name) : one.path("additionalProperties");
                JsonValue b = ofOther.has(name) ? ofOther.path(name) : other.path("additionalProperties");
                properties.put(name, together(a, b));
            }
            all.put("properties", properties.build());
        }
        if (one.has("additionalProperties") || other.has("additionalProperties")) {
            all.put(
                    "additionalProperties",
                    together(one.path("additionalProperties"), other.path("additionalProperties")));
        }
    }

    private static Set<String> names(JsonValue one, JsonValue other) {
        var names = new LinkedHashSet<String>(one.propertyNames());
        names.addAll(other.propertyNames());
        return names;
    }

    /** The conjunction of two schemas, one of which may be missing. */
    private static JsonValue together(JsonValue one, JsonValue other) {
        if (one.isMissing() || other.isMissing()) {
            return one.isMissing() ? other : one;
        }
        if (one.equals(other)) {
            return one;
        }
        return JsonObject.builder().put("allOf", JsonArray.of(one, other)).build();
    }
}
