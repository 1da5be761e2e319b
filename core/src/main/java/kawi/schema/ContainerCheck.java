package kawi.schema;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import kawi.json.JsonBoolean;
import kawi.json.JsonValue;
import org.jspecify.annotations.Nullable;

/**
 * Validates the elements of arrays and the properties of objects. Keywords that depend on their neighbours look at
 * those of the same schema only: {@code items} applies behind the {@code prefixItems} beside it,
 * {@code additionalProperties} to what the {@code properties} and {@code patternProperties} beside it do not name.
 */
final class ContainerCheck {

    private final SchemaCheck check;
    private final JsonSchema schema;
    private final Budget budget;

    ContainerCheck(SchemaCheck check, JsonSchema schema, Budget budget) {
        this.check = check;
        this.schema = schema;
        this.budget = budget;
    }

    private static boolean isSchema(JsonValue value) {
        return SchemaKeywords.isSchema(value);
    }

    // ---- arrays

    void checkArray(Expectation expectation, Spot spot, @Nullable Evaluated seen, List<String> faults) {
        var part = expectation.part();
        var value = spot.value();
        budget.spend(value.size());
        if (expectation.isOutside("minItems", "maxItems", value.size())) {
            faults.add("%s must have %s elements, but has %d"
                    .formatted(spot.place(), expectation.bounds("minItems", "maxItems"), value.size()));
        }
        if (part.path("uniqueItems").asString().equals("true")) {
            checkUnique(spot, faults);
        }
        var elements = ElementSchemas.of(part);
        for (int i = 0; i < value.size(); i++) {
            var own = elements.at(i);
            if (isSchema(own)) {
                faults.addAll(check.check(own, spot.element(i, value.path(i)), null));
                evaluate(seen, i);
            }
        }
        if (isSchema(part.path("contains"))) {
            checkContains(expectation, spot, seen, faults);
        }
        var unevaluated = part.path("unevaluatedItems");
        if (isSchema(unevaluated) && seen != null) {
            for (int i = 0; i < value.size(); i++) {
                if (!seen.has(i)) {
                    faults.addAll(check.check(unevaluated, spot.element(i, value.path(i)), null));
                    seen.element(i);
                }
            }
        }
    }

    private static void evaluate(@Nullable Evaluated seen, int index) {
        if (seen != null) {
            seen.element(index);
        }
    }

    private static void checkUnique(Spot spot, List<String> faults) {
        Set<JsonValue> elements = new HashSet<>();
        for (var element : spot.value().values()) {
            if (!elements.add(element)) {
                faults.add("%s must not have equal elements, but has %s more than once"
                        .formatted(spot.place(), Json.excerpt(element)));
                return;
            }
        }
    }

    private void checkContains(Expectation expectation, Spot spot, @Nullable Evaluated seen, List<String> faults) {
        var contains = expectation.part().path("contains");
        boolean counted = expectation.part().path("minContains").isNumber();
        long before = check.unchecked();
        int count = 0;
        for (int i = 0; i < spot.value().size(); i++) {
            if (check.fits(contains, spot.element(i, spot.value().path(i)), null)) {
                count++;
                evaluate(seen, i);
            }
        }
        boolean wrong = (!counted && count == 0) || expectation.isOutside("minContains", "maxContains", count);
        if (wrong && (count == 0 || check.unchecked() == before)) {
            var number =
                    expectation.part().has("minContains") || expectation.part().has("maxContains")
                            ? expectation.bounds("minContains", "maxContains")
                            : "at least 1";
            faults.add("%s must have %s elements that are %s, but has %d"
                    .formatted(spot.place(), number, new Expectation(contains), count));
        }
    }

    /**
     * The schemas of the elements of an array: {@code prefixItems} and {@code items}, or in the words of the older
     * drafts, {@code items} with an array and {@code additionalItems}.
     */
    record ElementSchemas(JsonValue first, JsonValue others) {

        static ElementSchemas of(JsonValue part) {
            var items = part.path("items");
            return part.path("prefixItems").isArray() || !items.isArray()
                    ? new ElementSchemas(part.path("prefixItems"), items)
                    : new ElementSchemas(items, part.path("additionalItems"));
        }

        JsonValue at(int index) {
            return index < first.size() ? first.path(index) : others;
        }
    }

    // ---- objects

    void checkObject(Expectation expectation, Spot spot, @Nullable Evaluated seen, List<String> faults) {
        var part = expectation.part();
        var value = spot.value();
        budget.spend(part.path("required").size() + value.size());
        var required = names(part.path("required"));
        for (var name : required) {
            if (!value.has(name)) {
                faults.add("%s is missing".formatted(Json.step(spot.where(), name)));
            }
        }
        if (expectation.isOutside("minProperties", "maxProperties", value.size())) {
            faults.add("%s must have %s entries, but has %d"
                    .formatted(spot.place(), expectation.bounds("minProperties", "maxProperties"), value.size()));
        }
        checkDependencies(part, spot, seen, faults);
        checkNames(part.path("propertyNames"), spot, faults);
        for (var property : value.properties()) {
            var there = spot.property(property.getKey(), property.getValue());
            boolean absent = schema.nullIsAbsent() && there.value().isNull() && !required.contains(property.getKey());
            var schemas = schemas(part, property.getKey());
            if (schemas != null && seen != null) {
                seen.name(property.getKey());
            }
            for (var own : schemas == null || absent ? List.<JsonValue>of() : schemas) {
                if (own.equals(JsonBoolean.FALSE) && !part.path("properties").has(property.getKey())) {
                    faults.add(unknown(part, there));
                } else {
                    faults.addAll(check.check(own, there, null));
                }
            }
        }
        checkUnevaluated(part, spot, seen, faults);
    }

    private void checkNames(JsonValue names, Spot spot, List<String> faults) {
        if (isSchema(names)) {
            spot.value().propertyNames().forEach(name -> faults.addAll(check.check(names, spot.name(name), null)));
        }
    }

    /** The names that an array contains. */
    private static Set<String> names(JsonValue array) {
        var names = new LinkedHashSet<String>();
        if (array.isArray()) {
            array.valueStream().filter(JsonValue::isString).forEach(name -> names.add(name.stringValue()));
        }
        return names;
    }

    /** The schemas that the keywords of {@code part} apply to a property; null if no keyword applies to it. */
    private @Nullable List<JsonValue> schemas(JsonValue part, String name) {
        List<JsonValue> schemas = new ArrayList<>();
        boolean evaluated = false;
        var declared = part.path("properties").path(name);
        if (isSchema(declared)) {
            evaluated = true;
            schemas.add(declared);
        }
        var patterns = part.path("patternProperties").properties();
        budget.spend(patterns.size());
        for (var pattern : patterns) {
            var found = check.found(pattern.getKey(), name);
            evaluated |= !Boolean.FALSE.equals(found);
            if (Boolean.TRUE.equals(found)) {
                schemas.add(pattern.getValue());
            }
        }
        var others = part.path("additionalProperties");
        if (!evaluated && isSchema(others)) {
            evaluated = true;
            schemas.add(others);
        }
        return evaluated ? schemas : null;
    }

    private static String unknown(JsonValue part, Spot there) {
        var known = List.copyOf(part.path("properties").propertyNames());
        return "%s is not known; known are: %s".formatted(there.where(), Json.list(known));
    }

    private void checkUnevaluated(JsonValue part, Spot spot, @Nullable Evaluated seen, List<String> faults) {
        var unevaluated = part.path("unevaluatedProperties");
        if (!isSchema(unevaluated) || seen == null) {
            return;
        }
        for (var property : spot.value().properties()) {
            if (seen.has(property.getKey())) {
                continue;
            }
            var there = spot.property(property.getKey(), property.getValue());
            if (unevaluated.isBoolean() && !unevaluated.booleanValue()) {
                faults.add("%s is not known".formatted(there.where()));
            } else {
                faults.addAll(check.check(unevaluated, there, null));
            }
            seen.name(property.getKey());
        }
    }

    /** {@code dependentRequired} and {@code dependentSchemas}, and {@code dependencies}, which was both of them. */
    private void checkDependencies(JsonValue part, Spot spot, @Nullable Evaluated seen, List<String> faults) {
        Map<String, List<JsonValue>> dependencies = new LinkedHashMap<>();
        for (var keyword : List.of("dependentRequired", "dependentSchemas", "dependencies")) {
            part.path(keyword)
                    .properties()
                    .forEach(property -> dependencies
                            .computeIfAbsent(property.getKey(), _ -> new ArrayList<>())
                            .add(property.getValue()));
        }
        budget.spend(dependencies.size());
        dependencies.forEach((name, dependents) -> {
            if (spot.value().has(name)) {
                dependents.forEach(dependent -> checkDependency(name, dependent, spot, seen, faults));
            }
        });
    }

    private void checkDependency(
            String name, JsonValue dependent, Spot spot, @Nullable Evaluated seen, List<String> faults) {
        if (isSchema(dependent)) {
            faults.addAll(check.check(dependent, spot, seen));
        }
        for (var required : names(dependent)) {
            if (!spot.value().has(required)) {
                faults.add("%s is missing, as %s is given".formatted(Json.step(spot.where(), required), name));
            }
        }
    }
}
