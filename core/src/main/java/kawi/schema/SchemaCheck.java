package kawi.schema;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import kawi.json.JsonValue;
import org.jspecify.annotations.Nullable;

/**
 * Validates JSON against a schema and describes mistakes so that a small model can correct them.
 *
 * <p>All keywords that draft 2020-12 or draft 7 define for validation are checked, and so are the spellings of draft 4
 * and OpenAPI 3.0. All others are annotations, among them {@code format} and the {@code content…} keywords, as those
 * drafts say, and OpenAPI's {@code discriminator}. A pattern that cannot be evaluated, such as one with a
 * backreference, is not checked; a keyword whose result depends on such a pattern, such as {@code not}, is not either.
 *
 * <p>The recursion follows the schema: {@code check} applies a schema and everything in it that applies to the same
 * value; {@link ContainerCheck} applies the schemas of elements and properties. What is known to be valid or invalid is
 * remembered, because alternatives and references may repeat a comparison many times.
 */
final class SchemaCheck {

    private static final int MAX_FAULTS = 5;

    private final JsonSchema schema;
    private final Budget budget;
    private final Budget searches = Patterns.limit();
    private final ContainerCheck containers;
    private final Map<Comparison, Boolean> known = new HashMap<>();

    /** How often a pattern could not be evaluated. */
    private long unchecked;

    /** A schema and a value; the schema by identity, as what a reference in it means depends on where it stands. */
    private record Comparison(JsonValue part, JsonValue value) {

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Comparison(JsonValue otherPart, JsonValue otherValue)
                    && Json.same(part, otherPart)
                    && value.equals(otherValue);
        }

        @Override
        public int hashCode() {
            return 31 * System.identityHashCode(part) + value.hashCode();
        }
    }

    /** A check of any number of values within {@code budget}. */
    SchemaCheck(JsonSchema schema, Budget budget) {
        this.schema = schema;
        this.budget = budget;
        containers = new ContainerCheck(this, schema, budget);
    }

    /**
     * The mistakes in {@code value}, most important first; empty if it is valid.
     *
     * @throws MismatchException if that exceeds the budget
     */
    static List<String> faults(JsonSchema schema, JsonValue value) {
        var check = new SchemaCheck(schema, new Budget());
        return check.check(schema.root(), check.spot(schema.root(), value), null);
    }

    /** Whether {@code value} is valid against {@code part} of the schema. */
    boolean fits(JsonValue part, JsonValue value) {
        return fits(part, spot(part, value), null);
    }

    /** The mistakes in one sentence. */
    static String sentence(List<String> faults) {
        return faults.size() <= MAX_FAULTS
                ? String.join("; ", faults)
                : String.join("; ", faults.subList(0, MAX_FAULTS)) + "; and " + (faults.size() - MAX_FAULTS) + " more";
    }

    private Spot spot(JsonValue part, JsonValue value) {
        return new Spot(value, null, new Spot.Scope(schema.index().of(part), null));
    }

    /**
     * Whether the value is valid.
     *
     * @param seen collects what has been evaluated if it is, or null
     */
    boolean fits(JsonValue part, Spot spot, @Nullable Evaluated seen) {
        var comparison = new Comparison(part, spot.value());
        boolean remembered = seen == null && !schema.index().isDynamic();
        Boolean before = remembered ? known.get(comparison) : null;
        if (before != null) {
            return before;
        }
        long uncheckedBefore = unchecked;
        var found = seen == null ? null : new Evaluated();
        boolean fits = check(part, spot, found).isEmpty();
        if (fits && seen != null && found != null) {
            seen.addAll(found);
        }
        if (remembered && unchecked == uncheckedBefore) {
            known.put(comparison, fits);
        }
        return fits;
    }

    /**
     * The mistakes in a value.
     *
     * @param seen collects what has been evaluated, or null if nobody asks
     */
    List<String> check(JsonValue unresolved, Spot spot, @Nullable Evaluated seen) {
        var part = unresolved;
        var here = spot;
        for (var alias = schema.index().alias(part);
                alias != null;
                alias = schema.index().alias(part)) {
            budget.spend(1);
            here = here.in(schema.index().of(part));
            part = alias;
        }
        if (part.isBoolean()) {
            return part.booleanValue() ? List.of() : List.of("%s is not allowed".formatted(spot.place()));
        }
        if (!part.isObject()) {
            return List.of();
        }
        var comparison = new Comparison(part, spot.value());
        boolean remembered = seen == null && !schema.index().isDynamic();
        if (remembered && Boolean.TRUE.equals(known.get(comparison))) {
            return List.of();
        }
        long uncheckedBefore = unchecked;
        budget.enter();
        here = here.in(schema.index().of(part));
        boolean asks = part.has("unevaluatedProperties") || part.has("unevaluatedItems");
        var evaluated = seen == null && !asks ? null : new Evaluated();
        var faults = new ArrayList<String>();
        for (var inner : conjunction(part, here, evaluated)) {
            faults.addAll(check(inner, here, evaluated));
        }
        if (!schema.index().ignoresSiblings(part)) {
            checkAlternatives(part, "anyOf", here, evaluated, faults);
            checkAlternatives(part, "oneOf", here, evaluated, faults);
            checkNot(part.path("not"), here, faults);
            budget.spend(part.path("enum").size());
            var expectation = new Expectation(part);
            if (!expectation.allows(spot.value())) {
                faults.add(expectation.mismatch(here));
            } else if (spot.value().isString()) {
                checkString(expectation, here, faults);
            } else if (spot.value().isArray()) {
                containers.checkArray(expectation, here, evaluated, faults);
            } else if (spot.value().isObject()) {
                containers.checkObject(expectation, here, evaluated, faults);
            }
        }
        if (seen != null && evaluated != null) {
            seen.addAll(evaluated);
        }
        budget.leave();
        if (remembered && unchecked == uncheckedBefore && faults.isEmpty()) {
            known.put(comparison, true);
        }
        return faults;
    }

    /**
     * The schemas of which the value must be valid for each: references, {@code allOf}, {@code then} or {@code else}.
     */
    private List<JsonValue> conjunction(JsonValue part, Spot spot, @Nullable Evaluated seen) {
        var all = new ArrayList<JsonValue>();
        var target = schema.index().target(part);
        if (target != null) {
            all.add(target);
        }
        if (schema.index().ignoresSiblings(part)) {
            return all;
        }
        var dynamic = schema.index().dynamicTarget(part);
        if (dynamic != null) {
            var anchor = dynamic.anchor();
            var scope = spot.scope().in(schema.index().of(dynamic.initial()));
            all.add(anchor == null ? dynamic.initial() : scope.find(anchor, dynamic.initial()));
        }
        all.addAll(list(part, "allOf"));
        if (SchemaKeywords.isSchema(part.path("if"))) {
            long before = unchecked;
            var branch = part.path(fits(part.path("if"), spot, seen) ? "then" : "else");
            if (unchecked == before) {
                all.add(branch);
            }
        }
        return all;
    }

    private void checkNot(JsonValue excluded, Spot spot, List<String> faults) {
        long before = unchecked;
        if (SchemaKeywords.isSchema(excluded) && fits(excluded, spot, null) && unchecked == before) {
            faults.add(
                    "%s must not be %s, but is %s".formatted(spot.place(), new Expectation(excluded), spot.excerpt()));
        }
    }

    private static List<JsonValue> list(JsonValue part, String keyword) {
        return part.path(keyword).isArray() ? List.copyOf(part.path(keyword).values()) : List.of();
    }

    private void checkAlternatives(
            JsonValue part, String keyword, Spot spot, @Nullable Evaluated seen, List<String> faults) {
        var alternatives = list(part, keyword);
        boolean exactlyOne = keyword.equals("oneOf");
        int valid = 0;
        List<String> nearest = List.of();
        long before = unchecked;
        for (var alternative : alternatives) {
            var resolved = schema.resolve(alternative);
            budget.spend(1 + resolved.path("properties").size());
            if (schema.excludes(resolved, spot.value()) || !isOfType(resolved, spot.value())) {
                continue;
            }
            var found = seen == null ? null : new Evaluated();
            var wrong = check(alternative, spot, found);
            if (wrong.isEmpty()) {
                valid++;
                if (seen != null && found != null) {
                    seen.addAll(found);
                } else if (!exactlyOne) {
                    return;
                }
            } else if (nearest.isEmpty() || wrong.size() < nearest.size()) {
                nearest = wrong;
            }
        }
        if (valid == 0 && !alternatives.isEmpty()) {
            faults.addAll(nearest.isEmpty() ? List.of(noAlternative(alternatives, spot)) : nearest);
        } else if (valid > 1 && exactlyOne && unchecked == before) {
            faults.add("%s must be valid for exactly one of %d alternatives, but is for %d: %s"
                    .formatted(spot.place(), alternatives.size(), valid, spot.excerpt()));
        }
    }

    private static boolean isOfType(JsonValue part, JsonValue value) {
        var types = JsonSchema.types(part);
        return types.isEmpty() || types.stream().anyMatch(type -> Expectation.is(value, type));
    }

    private String noAlternative(List<JsonValue> alternatives, Spot spot) {
        var resolved = alternatives.stream().map(schema::resolve).toList();
        return spot.value().isObject()
                        && resolved.stream().anyMatch(alternative -> schema.excludes(alternative, spot.value()))
                ? unknownKind(resolved, spot)
                : "%s must be %s, but is %s"
                        .formatted(
                                spot.place(),
                                resolved.stream()
                                        .map(alternative -> new Expectation(alternative).toString())
                                        .distinct()
                                        .collect(Collectors.joining(" or ")),
                                spot.excerpt());
    }

    /** Reports an object that matches none of the kinds, each of which has a property with a constant value. */
    private static String unknownKind(List<JsonValue> alternatives, Spot spot) {
        var kinds = new ArrayList<String>();
        var property = "";
        for (var alternative : alternatives) {
            for (var candidate : alternative.path("properties").properties()) {
                var constant = JsonSchema.constant(candidate.getValue());
                if (constant != null) {
                    property = candidate.getKey();
                    kinds.add(constant.toString());
                }
            }
        }
        var found = spot.value().get(property);
        return "%s must be %s, but %s"
                .formatted(
                        Json.step(spot.where(), property),
                        Expectation.oneOf(kinds),
                        found == null ? "is missing" : "is " + Json.excerpt(found));
    }

    private void checkString(Expectation expectation, Spot spot, List<String> faults) {
        var text = spot.value().stringValue();
        int length = text.codePointCount(0, text.length());
        if (expectation.isOutside("minLength", "maxLength", length)) {
            faults.add("%s must have %s characters, but has %d"
                    .formatted(spot.place(), expectation.bounds("minLength", "maxLength"), length));
        }
        var pattern = expectation.part().path("pattern");
        if (pattern.isString() && Boolean.FALSE.equals(found(pattern.stringValue(), text))) {
            faults.add("%s must match the pattern %s, but is %s"
                    .formatted(spot.place(), pattern.stringValue(), spot.excerpt()));
        }
    }

    /** How often the result depended on a pattern that could not be evaluated. */
    long unchecked() {
        return unchecked;
    }

    /** Whether the pattern occurs in the text, or null if it cannot be evaluated. */
    @Nullable Boolean found(String pattern, String text) {
        budget.spend(1);
        var found = schema.patterns().found(pattern, text, searches);
        if (found == null) {
            unchecked++;
        }
        return found;
    }
}
