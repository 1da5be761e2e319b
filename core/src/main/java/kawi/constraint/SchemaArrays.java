package kawi.constraint;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import kawi.json.JsonObject;
import kawi.json.JsonValue;
import org.jspecify.annotations.Nullable;

/**
 * Compiles the cases of JSON Schema that are arrays.
 *
 * <p>The condition for an element is the conjunction of what each schema says about its index. Arrays whose elements
 * must be counted or remembered, for {@code contains} and {@code uniqueItems}, are walks: see {@link ElementWalk}.
 */
final class SchemaArrays {

    private static final int MAX_PREFIX_ITEMS = 500;
    private static final int MAX_COUNTED_ITEMS = 1000;
    private static final int MAX_CONTAINS = 4;

    /** Up to this number of constants, unique elements may be in any order. */
    private static final int MAX_IN_ANY_ORDER = 8;

    private static final int MAX_CONSTANTS = 500;

    private final SchemaCompiler compiler;
    private final Rules rules;
    private final JsonRules json;

    SchemaArrays(SchemaCompiler compiler, Rules rules, JsonRules json) {
        this.compiler = compiler;
        this.rules = rules;
        this.json = json;
    }

    /** What one schema says about the elements: those at the start, and the others. */
    private record Part(List<Condition> prefix, @Nullable Condition rest) {

        @Nullable Condition at(int index) {
            return index < prefix.size() ? prefix.get(index) : rest;
        }
    }

    /**
     * What a case says about its arrays.
     *
     * @param prefix the conditions of the elements at the start
     * @param rest that of the others
     */
    private record Form(Schema schema, int min, int max, List<Conditions> prefix, Conditions rest) {

        Conditions at(int index) {
            return index < prefix.size() ? prefix.get(index) : rest;
        }

        /** The number of elements from which on all positions are alike. */
        int positions() {
            return Math.max(prefix.size(), max == Expression.UNBOUNDED ? min : max);
        }
    }

    /** The arrays of a case. */
    Expression value(Case of) {
        Form form = form(of);
        if (form.min > form.max) {
            return compiler.nothing(form.schema, "minItems %d is more than maxItems %d".formatted(form.min, form.max));
        }
        int max = form.max;
        for (int i = 0; i < form.prefix.size() && i < max; i++) {
            max = compiler.value(form.at(i)).isNothing() ? i : max;
        }
        if (max > form.prefix.size() && compiler.value(form.rest).isNothing()) {
            max = form.prefix.size();
        }
        if (form.min > max) {
            return compiler.nothing(form.schema, "there is no value for element %d, which is required".formatted(max));
        }
        var limited = new Form(form.schema, form.min, max, form.prefix, form.rest);
        Schema unique = unique(of);
        List<Constraint.Elements> counted = of.of(Constraint.Elements.class);
        List<Constraint.Elements> contained = new ArrayList<>(counted);
        for (Constraint.Keyword keyword : of.keywords("contains")) {
            Schema schema = keyword.of().schema();
            contained.add(new Constraint.Elements(
                    compiler.index().condition(keyword.value(), true),
                    0,
                    schema.count("minContains", 1),
                    schema.count("maxContains", Expression.UNBOUNDED)));
        }
        contained.removeIf(elements -> elements.min() == 0 && elements.max() == Expression.UNBOUNDED);
        if (unique != null && max > 1) {
            if (!contained.isEmpty()) {
                throw unique.refused("uniqueItems beside contains is not supported");
            }
            if (!isAlwaysUnique(limited)) {
                return unique(limited, unique);
            }
        }
        if (!contained.isEmpty()) {
            return contains(limited, contained);
        }
        return limited.prefix.isEmpty() ? json.array(compiler.value(form.rest), form.min, max) : tuple(limited);
    }

    private static @Nullable Schema unique(Case of) {
        for (Constraint.Keyword keyword : of.keywords("uniqueItems")) {
            if (keyword.of().schema().isTrue("uniqueItems")) {
                return keyword.of().schema();
            }
        }
        return null;
    }

    private Form form(Case of) {
        int min = 0;
        int max = Expression.UNBOUNDED;
        Schema where = new Schema(JsonObject.empty(), "");
        Map<Condition, Part> byKeywords = new LinkedHashMap<>();
        List<Part> parts = new ArrayList<>();
        for (Constraint constraint : of.constraints()) {
            switch (constraint) {
                case Constraint.Keyword keyword -> {
                    Schema schema = keyword.of().schema();
                    where = schema;
                    switch (keyword.name()) {
                        case "minItems", "maxItems" -> {
                            int count = schema.count(keyword.name(), 0);
                            if (keyword.name().equals("minItems") == keyword.holds()) {
                                min = Math.max(
                                        min, keyword.holds() || count == Expression.UNBOUNDED ? count : count + 1);
                            } else {
                                max = Math.min(max, keyword.holds() ? count : count - 1);
                            }
                        }
                        case "items", "prefixItems", "additionalItems" -> byKeywords.put(keyword.of(), part(schema));
                        default -> {}
                    }
                }
                case Constraint.Unevaluated unevaluated -> parts.add(part(unevaluated));
                case Constraint.Element element -> min = Math.max(min, element.index() + 1);
                default -> {}
            }
        }
        parts.addAll(byKeywords.values());
        List<Constraint.Element> elements = of.of(Constraint.Element.class);
        int length = 0;
        for (Part part : parts) {
            length = Math.max(length, part.prefix.size());
        }
        for (Constraint.Element element : elements) {
            length = Math.max(length, element.index() + 1);
        }
        if (length > MAX_PREFIX_ITEMS) {
            throw where.refused("more than " + MAX_PREFIX_ITEMS + " prefixItems are not supported");
        }
        List<Conditions> prefix = new ArrayList<>();
        for (int i = 0; i <= length; i++) {
            List<Condition> conditions = new ArrayList<>();
            for (Part part : parts) {
                Condition condition = part.at(i);
                if (condition != null) {
                    conditions.add(condition);
                }
            }
            for (Constraint.Element element : elements) {
                if (element.index() == i) {
                    conditions.add(element.value());
                }
            }
            prefix.add(Conditions.of(conditions));
        }
        return new Form(where, min, max, prefix.subList(0, length), prefix.get(length));
    }

    private Part part(Schema schema) {
        List<Condition> prefix = new ArrayList<>();
        List<Schema> schemas = schema.prefix();
        if (schemas.size() > MAX_PREFIX_ITEMS) {
            throw schema.refused("more than " + MAX_PREFIX_ITEMS + " prefixItems are not supported");
        }
        for (Schema item : schemas) {
            prefix.add(compiler.index().condition(item, true));
        }
        Schema rest = schema.rest();
        return new Part(prefix, rest == null ? null : compiler.index().condition(rest, true));
    }

    /** The elements behind those that the schemas beside and inside {@code unevaluatedItems} are about. */
    private Part part(Constraint.Unevaluated unevaluated) {
        int evaluated = 0;
        for (Condition condition : unevaluated.by()) {
            Schema schema = condition.schema();
            boolean other = schema.has("unevaluatedItems") && !condition.equals(unevaluated.of());
            boolean all = schema.rest() != null || other;
            evaluated = all
                    ? Expression.UNBOUNDED
                    : Math.max(evaluated, schema.prefix().size());
            if (all) {
                return new Part(List.of(), null);
            }
        }
        Condition anything = new Condition(Condition.ANYTHING, unevaluated.of().schema(), true);
        return new Part(
                Collections.nCopies(evaluated, anything),
                compiler.index().condition(unevaluated.of().schema().at("unevaluatedItems"), true));
    }

    private Expression tuple(Form form) {
        int written = form.positions();
        if (written > form.prefix.size() + MAX_COUNTED_ITEMS) {
            throw form.schema.refused("more than 1000 items after prefixItems are counted only without prefixItems");
        }
        Expression rest = form.max == Expression.UNBOUNDED
                ? Expression.anyNumberOf(Expression.sequence(JsonRules.COMMA, compiler.value(form.rest)))
                : Expression.empty();
        for (int i = Math.min(written, form.max) - 1; i >= 0; i--) {
            Expression here = compiler.value(form.at(i));
            Expression from = Expression.sequence(i == 0 ? Expression.empty() : JsonRules.COMMA, here, rest);
            rest = i < form.min ? from : Expression.optional(from);
        }
        return Expression.sequence(Expression.text("["), rest, Expression.text("]"));
    }

    /** Whether no value is possible at two positions. */
    private boolean isAlwaysUnique(Form form) {
        if (form.max > form.prefix.size()) {
            return false;
        }
        for (int i = 0; i < form.max; i++) {
            for (int k = 0; k < i; k++) {
                if (!compiler.value(form.at(i).and(form.at(k).all())).isNothing()) {
                    return false;
                }
            }
        }
        return true;
    }

    private record Used(int position, long constants) {}

    private Expression unique(Form form, Schema schema) {
        List<JsonValue> all = new ArrayList<>();
        List<List<Integer>> possible = new ArrayList<>();
        for (int i = 0; i <= form.prefix.size(); i++) {
            List<JsonValue> constants = i >= form.max ? List.of() : compiler.constants(form.at(i), schema);
            if (constants == null || constants.size() > MAX_CONSTANTS) {
                throw schema.refused("uniqueItems is not supported, because it requires tracking the items written so"
                        + " far, except if the items are from a list of up to %d constants".formatted(MAX_CONSTANTS));
            }
            List<Integer> indices = new ArrayList<>();
            for (JsonValue constant : constants) {
                if (!all.contains(constant)) {
                    all.add(constant);
                }
                indices.add(all.indexOf(constant));
            }
            possible.add(indices);
        }
        List<Integer> calls = all.stream()
                .map(constant -> rules.add(Expression.text(SchemaCompiler.literal(schema, constant))))
                .toList();
        boolean anyOrder = all.size() <= MAX_IN_ANY_ORDER;
        var walk = new ElementWalk<Used>(
                used -> {
                    var steps = new ArrayList<ElementWalk.Step<Used>>();
                    int written = used.position;
                    if (written < form.max) {
                        for (int constant : possible.get(Math.min(written, form.prefix.size()))) {
                            // In any order a set of bits, otherwise the number of those that are past.
                            boolean free =
                                    anyOrder ? (used.constants >> constant & 1) == 0 : constant >= used.constants;
                            if (free) {
                                long after = anyOrder ? used.constants | 1L << constant : constant + 1;
                                int position = Math.min(written + 1, form.positions());
                                steps.add(new ElementWalk.Step<>(calls.get(constant), new Used(position, after)));
                            }
                        }
                    }
                    return steps;
                },
                used -> used.position >= form.min);
        Automaton automaton = walk.automaton(new Used(0, 0));
        return automaton.isEmpty()
                ? compiler.nothing(form.schema, "there are too few different values for uniqueItems and minItems")
                : new Expression.Call(rules.add(automaton));
    }

    private record Counts(int position, List<Integer> counts) {}

    private Expression contains(Form form, List<Constraint.Elements> contained) {
        if (contained.size() > MAX_CONTAINS) {
            throw form.schema.refused("more than " + MAX_CONTAINS + " times contains for one array is not supported");
        }
        int from = contained.stream().mapToInt(Constraint.Elements::from).max().orElse(0);
        int positions = Math.max(from, form.positions());
        if (positions > MAX_COUNTED_ITEMS || contained.stream().anyMatch(e -> limit(e) > MAX_COUNTED_ITEMS)) {
            throw form.schema.refused("contains is supported for up to " + MAX_COUNTED_ITEMS + " items");
        }
        Map<Conditions, Integer> calls = new HashMap<>();
        var walk = new ElementWalk<Counts>(
                at -> {
                    var steps = new ArrayList<ElementWalk.Step<Counts>>();
                    for (int kinds = 0; kinds < 1 << contained.size() && at.position < form.max; kinds++) {
                        Counts next = next(at, kinds, contained, positions);
                        if (next != null) {
                            Conditions element = element(form, at, kinds, contained);
                            int call = calls.computeIfAbsent(element, this::call);
                            if (call >= 0) {
                                steps.add(new ElementWalk.Step<>(call, next));
                            }
                        }
                    }
                    return steps;
                },
                at -> {
                    boolean enough = at.position >= form.min;
                    for (int i = 0; i < contained.size(); i++) {
                        enough &= at.counts.get(i) >= contained.get(i).min();
                    }
                    return enough;
                });
        Automaton automaton = walk.automaton(new Counts(0, Collections.nCopies(contained.size(), 0)));
        return automaton.isEmpty()
                ? compiler.nothing(form.schema, "no array satisfies contains, minContains and maxContains")
                : new Expression.Call(rules.add(automaton));
    }

    /** The count from which on all counts are alike, or that must not be exceeded. */
    private static int limit(Constraint.Elements elements) {
        return elements.max() == Expression.UNBOUNDED ? elements.min() : elements.max();
    }

    /** A rule for an element, or -1 if there is none. */
    private int call(Conditions element) {
        Expression value = compiler.value(element);
        return value.isNothing() ? -1 : value instanceof Expression.Call(int rule) ? rule : rules.add(value);
    }

    private static Conditions element(Form form, Counts at, int kinds, List<Constraint.Elements> contained) {
        List<Condition> more = new ArrayList<>();
        for (int i = 0; i < contained.size(); i++) {
            Constraint.Elements elements = contained.get(i);
            boolean counts = (kinds >> i & 1) != 0;
            // An element that is not counted may satisfy the condition too, unless there may be too many that do.
            if (counts || (elements.max() != Expression.UNBOUNDED && at.position >= elements.from())) {
                more.add(counts ? elements.value() : elements.value().opposite());
            }
        }
        return form.at(at.position).and(more);
    }

    /** The counts after an element of some kinds, or null if there is no such element. */
    private static @Nullable Counts next(Counts at, int kinds, List<Constraint.Elements> contained, int positions) {
        List<Integer> counts = new ArrayList<>(at.counts);
        for (int i = 0; i < contained.size(); i++) {
            Constraint.Elements elements = contained.get(i);
            if ((kinds >> i & 1) != 0) {
                int count = counts.get(i);
                if (at.position < elements.from() || count >= limit(elements)) {
                    return null;
                }
                counts.set(i, count + 1);
            }
        }
        return new Counts(Math.min(at.position + 1, positions), counts);
    }
}
