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
 * Finds the options of a {@code oneOf} that may overlap. Two options do not if their types differ, or their literals,
 * or the literals of a property that both require, such as the discriminators of sealed types.
 *
 * <p>There may be thousands of options, so pairs are compared only where a look-up of literals does not distinguish all
 * options: one table holds the literals of all options, and another the literals of a property that all options with
 * properties require.
 */
final class SchemaDisjointness {

    private final Budget budget = Budget.current();
    private final SchemaReferences references;

    SchemaDisjointness(SchemaReferences references) {
        this.references = references;
    }

    /**
     * What distinguishes an option from others.
     *
     * @param types a bit for each of {@link Keywords#TYPES}; integers are numbers
     * @param literals the values of {@code const} or {@code enum}, or null if there is neither
     * @param discriminators the literals of required properties that have them
     */
    private record Option(
            int index, int types, @Nullable Set<JsonValue> literals, Map<String, Set<JsonValue>> discriminators) {

        boolean isObjectsOnly() {
            return types == Keywords.bit("object");
        }
    }

    /** The pairs of options, by index, that may both be valid for a value. */
    List<int[]> overlaps(List<Schema> options) {
        List<int[]> overlaps = new ArrayList<>();
        List<Option> literals = new ArrayList<>();
        List<Option> objects = new ArrayList<>();
        List<Option> others = new ArrayList<>();
        for (int i = 0; i < options.size(); i++) {
            Option option = option(i, options.get(i));
            List<Option> kind = option.literals != null ? literals : option.isObjectsOnly() ? objects : others;
            kind.add(option);
        }
        compareLiterals(literals, overlaps);
        compareObjects(objects, overlaps);
        for (int i = 0; i < others.size(); i++) {
            comparePairs(others.get(i), others.subList(0, i), overlaps);
        }
        for (List<Option> kind : List.of(objects, others)) {
            kind.forEach(one -> comparePairs(one, literals, overlaps));
        }
        others.forEach(one -> comparePairs(one, objects, overlaps));
        return overlaps;
    }

    private void compareLiterals(List<Option> options, List<int[]> overlaps) {
        Map<JsonValue, List<Integer>> seen = new HashMap<>();
        for (Option option : options) {
            for (JsonValue value : literals(option)) {
                List<Integer> others = seen.computeIfAbsent(value, _ -> new ArrayList<>(1));
                budget.spend(4 + others.size());
                others.forEach(other -> overlaps.add(new int[] {other, option.index}));
                others.add(option.index);
            }
        }
    }

    private static Set<JsonValue> literals(Option option) {
        return option.literals == null ? Set.of() : option.literals;
    }

    private void compareObjects(List<Option> options, List<int[]> overlaps) {
        if (options.isEmpty()) {
            return;
        }
        for (String name : options.getFirst().discriminators.keySet()) {
            if (tellsApart(name, options)) {
                return;
            }
        }
        for (int i = 0; i < options.size(); i++) {
            comparePairs(options.get(i), options.subList(0, i), overlaps);
        }
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

    private void comparePairs(Option one, List<Option> others, List<int[]> overlaps) {
        for (Option other : others) {
            budget.spend(2);
            if (!areDisjoint(one, other)) {
                overlaps.add(new int[] {other.index, one.index});
            }
        }
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
            return new Option(index, never ? 0 : (1 << Keywords.TYPES.size()) - 1, null, Map.of());
        }
        Set<JsonValue> literals = isLiteral(schema) ? distinct(possible(schema)) : null;
        return new Option(index, types(schema, literals), literals, discriminators(schema));
    }

    /** The literals of the declared types. */
    private static List<JsonValue> possible(Schema schema) {
        int declared = types(schema, null);
        return literals(schema).stream()
                .filter(value -> (declared & Keywords.bit(Schema.typeOf(value))) != 0)
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
            names = schema.types();
        } else if (literals != null) {
            names = literals.stream().map(Schema::typeOf).distinct().toList();
        } else {
            names = Keywords.TYPES;
        }
        int types = 0;
        for (String name : names) {
            types |= Keywords.bit(name);
        }
        return types;
    }

    private static boolean isLiteral(Schema schema) {
        return schema.node().isObject() && (schema.has("const") || schema.has("enum"));
    }

    /** The values that {@code const} and {@code enum} allow. */
    static List<JsonValue> literals(Schema schema) {
        return schema.literals(schema.has("const") ? "const" : "enum");
    }
}
