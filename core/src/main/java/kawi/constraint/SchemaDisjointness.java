package kawi.constraint;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import kawi.json.JsonValue;
import org.jspecify.annotations.Nullable;

/**
 * Checks that no value is valid against two options of a {@code oneOf}, so that a value of one option is a value of
 * exactly one: their types differ, or their literals, or the literals of a property that both require, such as the
 * discriminators of sealed types.
 *
 * <p>There may be thousands of options, so pairs are compared only where a look-up of literals does not distinguish all
 * options: one table holds the literals of all options, and another the literals of a property that all options with
 * properties require.
 */
final class SchemaDisjointness {

    private static final List<String> TYPES = List.of("object", "array", "string", "number", "boolean", "null");

    private final Budget budget = Budget.current();
    private final SchemaReferences references;

    SchemaDisjointness(SchemaReferences references) {
        this.references = references;
    }

    /**
     * What distinguishes an option from others.
     *
     * @param types a bit for each of {@link #TYPES}; integers are numbers
     * @param literals the values of {@code const} or {@code enum}, or null if there is neither
     * @param discriminators the literals of required properties that have them
     */
    private record Option(
            int index, int types, @Nullable Set<JsonValue> literals, Map<String, Set<JsonValue>> discriminators) {

        boolean isObjectsOnly() {
            return types == 1 << TYPES.indexOf("object");
        }
    }

    void check(Schema schema, List<Schema> options) {
        List<Option> literals = new ArrayList<>();
        List<Option> objects = new ArrayList<>();
        List<Option> others = new ArrayList<>();
        for (int i = 0; i < options.size(); i++) {
            Option option = option(i, options.get(i));
            List<Option> kind = option.literals != null ? literals : option.isObjectsOnly() ? objects : others;
            kind.add(option);
        }
        checkLiterals(schema, literals);
        checkObjects(schema, objects);
        others.forEach(one -> checkPairs(schema, one, others));
        for (List<Option> kind : List.of(objects, others)) {
            kind.forEach(one -> checkPairs(schema, one, literals));
        }
        others.forEach(one -> checkPairs(schema, one, objects));
    }

    private void checkLiterals(Schema schema, List<Option> options) {
        Map<JsonValue, Integer> seen = new HashMap<>();
        for (Option option : options) {
            for (JsonValue value : literals(option)) {
                budget.spend(4);
                Integer other = seen.put(value, option.index);
                if (other != null) {
                    throw overlap(schema, other, option.index);
                }
            }
        }
    }

    private static Set<JsonValue> literals(Option option) {
        return option.literals == null ? Set.of() : option.literals;
    }

    private void checkObjects(Schema schema, List<Option> options) {
        if (options.isEmpty()) {
            return;
        }
        for (String name : options.getFirst().discriminators.keySet()) {
            if (tellsApart(name, options)) {
                return;
            }
        }
        options.forEach(one -> checkPairs(schema, one, options));
    }

    /** Whether all options have literals for {@code name} and all of these are different. */
    private boolean tellsApart(String name, List<Option> options) {
        Set<JsonValue> seen = new HashSet<>();
        for (Option option : options) {
            Set<JsonValue> values = option.discriminators.get(name);
            if (values == null) {
                return false;
            }
            for (JsonValue value : values) {
                budget.spend(4);
                if (!seen.add(value)) {
                    return false;
                }
            }
        }
        return true;
    }

    private void checkPairs(Schema schema, Option one, List<Option> others) {
        for (Option other : others) {
            budget.spend(2);
            if (one.index != other.index && !areDisjoint(one, other)) {
                throw overlap(schema, Math.min(one.index, other.index), Math.max(one.index, other.index));
            }
        }
    }

    private static GrammarException overlap(Schema schema, int one, int other) {
        return schema.refused(("options %d and %d of oneOf may both hold: they need different types, or a"
                        + " property required in both with a const of its own in each; or use anyOf")
                .formatted(one, other));
    }

    private boolean areDisjoint(Option one, Option other) {
        if ((one.types & other.types) == 0) {
            return true;
        }
        if (!one.isObjectsOnly() || !other.isObjectsOnly()) {
            return false;
        }
        for (var discriminator : one.discriminators.entrySet()) {
            Set<JsonValue> values = other.discriminators.get(discriminator.getKey());
            if (values != null) {
                budget.spend(
                        10L + Math.min(values.size(), discriminator.getValue().size()));
                if (Collections.disjoint(values, discriminator.getValue())) {
                    return true;
                }
            }
        }
        return false;
    }

    private Option option(int index, Schema unresolved) {
        Schema schema = references.resolved(unresolved);
        budget.spend(10);
        if (!schema.node().isObject()) {
            boolean never = schema.node().isBoolean() && !schema.node().booleanValue();
            return new Option(index, never ? 0 : (1 << TYPES.size()) - 1, null, Map.of());
        }
        Set<JsonValue> literals = isLiteral(schema) ? distinct(possible(schema)) : null;
        return new Option(index, types(schema, literals), literals, discriminators(schema));
    }

    /** The literals of the declared types. */
    private static List<JsonValue> possible(Schema schema) {
        int declared = types(schema, null);
        return literals(schema).stream()
                .filter(value -> (declared & typeBit(Schema.typeOf(value))) != 0)
                .toList();
    }

    private Set<JsonValue> distinct(Collection<JsonValue> values) {
        budget.spend(4L * values.size());
        return new LinkedHashSet<>(values);
    }

    private Map<String, Set<JsonValue>> discriminators(Schema schema) {
        Map<String, Set<JsonValue>> found = new LinkedHashMap<>();
        if (schema.has("required") && schema.has("properties")) {
            Schema properties = schema.at("properties");
            for (String name : new LinkedHashSet<>(schema.strings("required"))) {
                budget.spend(4);
                if (properties.has(name)) {
                    Schema property = references.resolved(properties.at(name));
                    if (isLiteral(property)) {
                        found.put(name, distinct(literals(property)));
                    }
                }
            }
        }
        return found;
    }

    private static int types(Schema schema, @Nullable Set<JsonValue> literals) {
        Collection<String> names;
        if (schema.has("type")) {
            names = schema.at("type").node().isString()
                    ? List.of(schema.at("type").node().stringValue())
                    : schema.strings("type");
        } else if (literals != null) {
            names = literals.stream().map(Schema::typeOf).distinct().toList();
        } else {
            names = TYPES;
        }
        int types = 0;
        for (String name : names) {
            types |= typeBit(name);
        }
        return types;
    }

    private static int typeBit(String name) {
        int type = TYPES.indexOf(name.equals("integer") ? "number" : name);
        return type < 0 ? 0 : 1 << type;
    }

    private static boolean isLiteral(Schema schema) {
        return schema.node().isObject() && (schema.has("const") || schema.has("enum"));
    }

    /** The values that {@code const} and {@code enum} allow. */
    static List<JsonValue> literals(Schema schema) {
        List<JsonValue> values = List.of();
        if (schema.has("enum")) {
            Schema list = schema.at("enum");
            if (!list.node().isArray() || list.node().isEmpty()) {
                throw list.wrong("an array of values, not empty");
            }
            values = List.copyOf(list.node().values());
        }
        if (schema.has("const")) {
            JsonValue value = schema.node().path("const");
            if (schema.has("enum") && !values.contains(value)) {
                throw schema.refused("const is not among the values of enum");
            }
            return List.of(value);
        }
        return values;
    }
}
