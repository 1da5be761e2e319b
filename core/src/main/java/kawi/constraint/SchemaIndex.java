package kawi.constraint;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import kawi.json.JsonArray;
import kawi.json.JsonBoolean;
import kawi.json.JsonObject;
import kawi.json.JsonValue;

/**
 * Numbers the schemas of a document. Schemas with the same keywords have the same number, whatever annotations they
 * have, and so does one that only refers to another; those without keywords that restrict values are all {@code true}.
 */
final class SchemaIndex {

    private static final int MAX_CHAIN = 64;

    private record Numbered(String text, String base, int number) {}

    private final Budget budget = Budget.current();
    private final SchemaReferences references;
    private final IdentityHashMap<JsonValue, Integer> known = new IdentityHashMap<>();
    private final Map<JsonValue, List<Numbered>> byValue = new HashMap<>();
    private int numbers = 1;

    SchemaIndex(SchemaReferences references) {
        this.references = references;
    }

    SchemaReferences references() {
        return references;
    }

    /** That a value is valid against {@code schema}, or is not. */
    Condition condition(Schema schema, boolean holds) {
        Schema at = schema;
        for (int i = 0; isReference(at); i++) {
            if (i == MAX_CHAIN) {
                throw schema.refused("this refers to itself, or through more than " + MAX_CHAIN + " others");
            }
            at = references.target(at);
        }
        // "false" is the opposite of "true", and both have the number of the schemas that every value satisfies.
        boolean opposite = at.node().equals(JsonBoolean.FALSE);
        boolean satisfied = opposite != holds;
        int number = at.node().isBoolean() ? Condition.ANYTHING : 2 * number(at);
        return new Condition(number + (satisfied ? 0 : 1), at, holds);
    }

    private boolean isReference(Schema schema) {
        return schema.node().isObject()
                && schema.has("$ref")
                && (references.standAlone()
                        || schema.node().propertyNames().stream()
                                .allMatch(k -> k.equals("$ref") || !Keywords.restricts(k)));
    }

    private int number(Schema schema) {
        JsonValue node = schema.node();
        if (!node.isObject()) {
            throw schema.wrong("a schema");
        }
        Integer number = known.get(node);
        if (number == null) {
            boolean restricts = node.propertyNames().stream().anyMatch(Keywords::restricts);
            number = restricts ? numberOf(node) : 0;
            known.put(node, number);
        }
        return number;
    }

    private int numberOf(JsonValue node) {
        budget.spend(20 + 2L * node.size());
        String base = references.base(node);
        JsonObject.Builder keywords = JsonObject.builder();
        for (var property : node.properties()) {
            if (Keywords.restricts(property.getKey()) || Keywords.BESIDE_OTHERS.contains(property.getKey())) {
                keywords.put(property.getKey(), property.getValue());
            }
        }
        return numberOf(keywords.build(), base);
    }

    private int numberOf(JsonValue node, String base) {
        List<Numbered> equal = byValue.computeIfAbsent(node, _ -> new ArrayList<>(1));
        // Equal objects may differ in the order of their members, and equal numbers in their spelling.
        String text = node.toString();
        budget.spend(text.length() / 32 + equal.size());
        for (Numbered one : equal) {
            if (one.text.equals(text) && one.base.equals(base)) {
                return one.number;
            }
        }
        equal.add(new Numbered(text, base, numbers));
        return numbers++;
    }

    /** The schema of one array or object, in keywords for arrays and objects. */
    Condition exactly(JsonValue value, String pointer, boolean holds) {
        budget.spend(20 + 4L * value.size());
        JsonObject.Builder schema = JsonObject.builder();
        if (value.isArray()) {
            List<JsonValue> elements = new ArrayList<>();
            for (JsonValue element : value.values()) {
                elements.add(JsonObject.builder().put("const", element).build());
            }
            schema.put("type", "array");
            if (!elements.isEmpty()) {
                schema.put("prefixItems", new JsonArray(elements));
            }
            schema.put("minItems", value.size()).put("maxItems", value.size());
        } else {
            JsonObject.Builder properties = JsonObject.builder();
            for (var member : value.properties()) {
                properties.put(
                        member.getKey(),
                        JsonObject.builder().put("const", member.getValue()).build());
            }
            schema.put("type", "object")
                    .put("properties", properties.build())
                    .put("required", JsonArray.ofStrings(List.copyOf(value.propertyNames())))
                    .put("maxProperties", value.size());
        }
        return condition(new Schema(schema.build(), pointer), holds);
    }
}
