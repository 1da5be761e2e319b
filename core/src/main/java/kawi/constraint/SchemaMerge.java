package kawi.constraint;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.BooleanNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * One schema for several that must hold together: {@code allOf}, {@code $ref} with keywords beside it, and what stands
 * beside {@code anyOf}. Each keyword has its own way to be put together - the union of what is required, the stricter of
 * two bounds, the intersection of types - and a property that both speak of must be valid by both. Where a keyword has
 * no such way, both must say the same.
 */
final class SchemaMerge {

    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
    private static final int DEEPEST = 32;

    private final SchemaReferences references;
    private int depth;

    SchemaMerge(SchemaReferences references) {
        this.references = references;
    }

    /** {@code schema} without {@code allOf} and {@code $ref}. */
    Schema flattened(Schema schema) {
        if (++depth > DEEPEST) {
            throw schema.refused("allOf and references lead more than " + DEEPEST + " deep, or back to themselves");
        }
        JsonNode flat = schema.node();
        if (flat.isObject() && (schema.has("allOf") || schema.has("$ref"))) {
            var own = ((ObjectNode) flat).deepCopy();
            own.remove(List.of("allOf", "$ref"));
            flat = own;
            List<Schema> others = new ArrayList<>(schema.has("allOf") ? schema.schemas("allOf") : List.of());
            if (schema.has("$ref")) {
                others.add(references.target(schema));
            }
            for (Schema other : others) {
                flat = merged(flat, flattened(other).node(), schema);
            }
        }
        depth--;
        return new Schema(flat, schema.pointer());
    }

    /** One option of {@code schema} together with what stands beside the options. */
    Schema beside(Schema schema, String keyword, Schema option) {
        var rest = ((ObjectNode) schema.node()).deepCopy();
        rest.remove(keyword);
        JsonNode merged = merged(rest, flattened(option).node(), option);
        return new Schema(merged, option.pointer());
    }

    private static JsonNode merged(JsonNode one, JsonNode other, Schema where) {
        if (one.isBoolean() || other.isBoolean()) {
            boolean never = (one.isBoolean() && !one.booleanValue()) || (other.isBoolean() && !other.booleanValue());
            return never ? BooleanNode.FALSE : one.isBoolean() ? other : one;
        }
        if (!one.isObject() || !other.isObject()) {
            throw where.wrong("schemas to put together");
        }
        ObjectNode all = NODES.objectNode();
        all.setAll((ObjectNode) other);
        for (var entry : one.properties()) {
            String keyword = entry.getKey();
            JsonNode mine = entry.getValue();
            JsonNode others = other.get(keyword);
            boolean settled = others == null || others.equals(mine) || Schema.ANNOTATIONS.contains(keyword);
            if (settled || keyword.equals("properties") || keyword.equals("additionalProperties")) {
                all.set(keyword, mine);
            } else {
                all.set(keyword, both(keyword, mine, others, where));
            }
        }
        mergeProperties((ObjectNode) one, (ObjectNode) other, all);
        return all;
    }

    private static JsonNode both(String keyword, JsonNode one, JsonNode other, Schema where) {
        return switch (keyword) {
            case "required" -> {
                var names = new LinkedHashSet<JsonNode>();
                one.forEach(names::add);
                other.forEach(names::add);
                yield NODES.arrayNode().addAll(names);
            }
            case "type" -> types(one, other, where);
            case "minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties" ->
                number(one, where).compareTo(number(other, where)) > 0 ? one : other;
            case "maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties" ->
                number(one, where).compareTo(number(other, where)) < 0 ? one : other;
            case "items" -> together(one, other);
            case "uniqueItems" -> one.asBoolean() ? one : other;
            default ->
                throw where.refused(
                        "two different values of %s cannot be put together".formatted(GrammarException.quote(keyword)));
        };
    }

    private static BigDecimal number(JsonNode node, Schema where) {
        return new Schema(node, where.pointer()).number();
    }

    private static JsonNode types(JsonNode one, JsonNode other, Schema where) {
        ArrayNode common = NODES.arrayNode();
        for (JsonNode a : one.isArray() ? one : NODES.arrayNode().add(one)) {
            for (JsonNode b : other.isArray() ? other : NODES.arrayNode().add(other)) {
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
        return common;
    }

    /** A property that one side does not declare must be valid by its {@code additionalProperties}. */
    private static void mergeProperties(ObjectNode one, ObjectNode other, ObjectNode all) {
        JsonNode ofOne = one.path("properties");
        JsonNode ofOther = other.path("properties");
        if (ofOne.isObject() || ofOther.isObject()) {
            ObjectNode properties = NODES.objectNode();
            for (String name : names(ofOne, ofOther)) {
                JsonNode a = ofOne.has(name) ? ofOne.get(name) : one.path("additionalProperties");
                JsonNode b = ofOther.has(name) ? ofOther.get(name) : other.path("additionalProperties");
                properties.set(name, together(a, b));
            }
            all.set("properties", properties);
        }
        if (one.has("additionalProperties") || other.has("additionalProperties")) {
            all.set(
                    "additionalProperties",
                    together(one.path("additionalProperties"), other.path("additionalProperties")));
        }
    }

    private static Set<String> names(JsonNode one, JsonNode other) {
        var names = new LinkedHashSet<String>(one.propertyNames());
        names.addAll(other.propertyNames());
        return names;
    }

    /** Both of two schemas, of which one may be missing. */
    private static JsonNode together(JsonNode one, JsonNode other) {
        if (one.isMissingNode() || other.isMissingNode()) {
            return one.isMissingNode() ? other : one;
        }
        if (one.equals(other)) {
            return one;
        }
        ObjectNode both = NODES.objectNode();
        both.putArray("allOf").add(one).add(other);
        return both;
    }
}
