package kawi.template;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import kawi.tokenizer.OriginText;
import org.jspecify.annotations.Nullable;

/** Filters for sequences, dicts and generators. Filters that return generators in Jinja2 are lazy. */
final class SequenceFilters {

    private static final List<String> GROUP_FIELDS = List.of("grouper", "list");

    private SequenceFilters() {}

    static @Nullable Filter find(String name) {
        return switch (name) {
            case "list" ->
                (value, arguments, budget) -> {
                    arguments.bind("list", 0);
                    return new Sequence.ListValue(Values.list(value, budget));
                };
            case "first" -> SequenceFilters::first;
            case "last" -> SequenceFilters::last;
            case "reverse" -> SequenceFilters::reverse;
            case "join" -> SequenceFilters::join;
            case "items" -> SequenceFilters::items;
            case "dictsort" -> SequenceFilters::dictSort;
            case "sort" -> SequenceFilters::sort;
            case "unique" -> SequenceFilters::unique;
            case "groupby" -> SequenceFilters::groupBy;
            case "min" -> (value, arguments, budget) -> extreme("min", 1, value, arguments, budget);
            case "max" -> (value, arguments, budget) -> extreme("max", -1, value, arguments, budget);
            case "map" -> SequenceFilters::map;
            case "select" -> (value, arguments, budget) -> select("select", false, true, value, arguments, budget);
            case "reject" -> (value, arguments, budget) -> select("reject", false, false, value, arguments, budget);
            case "selectattr" ->
                (value, arguments, budget) -> select("selectattr", true, true, value, arguments, budget);
            case "rejectattr" ->
                (value, arguments, budget) -> select("rejectattr", true, false, value, arguments, budget);
            case "batch" -> SequenceFilters::batch;
            case "slice" -> SequenceFilters::slice;
            default -> null;
        };
    }

    private static Object first(Object value, Arguments arguments, Budget budget) {
        arguments.bind("first", 0);
        var iterator = Values.iterate(value, budget);
        return iterator.hasNext() ? iterator.next() : Undefined.because("No first item, sequence was empty.");
    }

    private static Object last(Object value, Arguments arguments, Budget budget) {
        arguments.bind("last", 0);
        if (value instanceof Generator || value instanceof Loop) {
            throw new EvaluationException("last: not supported for a generator; apply the list filter first");
        }
        var items = Values.list(value, budget);
        return items.isEmpty() ? Undefined.because("No last item, sequence was empty.") : items.getLast();
    }

    private static Object reverse(Object value, Arguments arguments, Budget budget) {
        arguments.bind("reverse", 0);
        if (value instanceof CharSequence text) {
            return Markup.like(text, reversed(Values.text(text), budget));
        }
        var items = Values.list(value, budget);
        Collections.reverse(items);
        return value instanceof Generator ? new Sequence.ListValue(items) : Generator.over(items.iterator(), budget);
    }

    private static OriginText reversed(OriginText text, Budget budget) {
        budget.allocate(text.length());
        var offsets = CodePoints.offsets(text.toString());
        var reversed = new OriginText.Builder();
        for (int i = offsets.length - 1; i > 0; i--) {
            reversed.append(text, offsets[i - 1], offsets[i]);
        }
        return reversed.build();
    }

    private static Object join(Object value, Arguments arguments, Budget budget) {
        var bound = arguments.bind("join", 0, "d", "attribute");
        var separator = Display.text(bound.get(0, OriginText.EMPTY), budget);
        var path = AttributePath.of(bound.get(1), budget);
        var joined = new OriginText.Builder();
        var iterator = Values.iterate(value, budget);
        boolean first = true;
        while (iterator.hasNext()) {
            var item = Display.text(path.follow(iterator.next(), budget), budget);
            budget.allocate((long) separator.length() + item.length() + 1);
            if (!first) {
                joined.append(separator);
            }
            joined.append(item);
            first = false;
        }
        return joined.build();
    }

    private static Object items(Object value, Arguments arguments, Budget budget) {
        arguments.bind("items", 0);
        return switch (value) {
            case Undefined _ -> Generator.over(List.of().iterator(), budget);
            case Dict dict ->
                Generator.over(
                        new DictView(dict, DictView.Part.ITEMS).items(budget).iterator(), budget);
            default -> throw new EvaluationException("items: expected a mapping, found " + Values.typeName(value));
        };
    }

    private static Object dictSort(Object value, Arguments arguments, Budget budget) {
        var bound = arguments.bind("dictsort", 0, "case_sensitive", "by", "reverse");
        if (!(value instanceof Dict dict)) {
            throw new EvaluationException("dictsort: expected a dict, found " + Values.typeName(value));
        }
        int position = switch (bound.string(1, "key")) {
            case "key" -> 0;
            case "value" -> 1;
            default -> throw new EvaluationException("dictsort: by must be 'key' or 'value'");
        };
        return sorted(
                new DictView(dict, DictView.Part.ITEMS).items(budget),
                item -> AttributePath.key(((Sequence) item).items().get(position), bound.truth(0), budget),
                bound.truth(2),
                budget);
    }

    private static Object sort(Object value, Arguments arguments, Budget budget) {
        var bound = arguments.bind("sort", 0, "reverse", "case_sensitive", "attribute");
        var paths = AttributePath.several(bound.get(2), budget);
        return sorted(
                Values.list(value, budget),
                item -> {
                    List<Object> keys = new ArrayList<>(paths.size());
                    for (var path : paths) {
                        keys.add(AttributePath.key(path.follow(item, budget), bound.truth(1), budget));
                    }
                    return new Sequence.ListValue(keys);
                },
                bound.truth(0),
                budget);
    }

    private record Keyed(Object key, Object item) {}

    private static List<Keyed> keyed(List<Object> items, UnaryOperator<Object> key, Budget budget) {
        budget.allocate((long) Budget.OBJECT * items.size());
        List<Keyed> keyed = new ArrayList<>(items.size());
        for (var item : items) {
            keyed.add(new Keyed(key.apply(item), item));
        }
        return keyed;
    }

    private static Comparator<Keyed> byKey(Budget budget) {
        return (a, b) -> Comparison.order(a.key(), b.key(), budget);
    }

    /** Sorts stably, also in reverse order. */
    private static Sequence.ListValue sorted(
            List<Object> items, UnaryOperator<Object> key, boolean reverse, Budget budget) {
        var keyed = keyed(items, key, budget);
        var order = byKey(budget);
        keyed.sort(reverse ? order.reversed() : order);
        return new Sequence.ListValue(keyed.stream().map(Keyed::item).toList());
    }

    private static Object unique(Object value, Arguments arguments, Budget budget) {
        var bound = arguments.bind("unique", 0, "case_sensitive", "attribute");
        var path = AttributePath.of(bound.get(1), budget);
        var iterator = Values.iterate(value, budget);
        Set<Object> seen = new HashSet<>();
        return new Generator(
                () -> {
                    while (iterator.hasNext()) {
                        budget.allocate(1);
                        var item = iterator.next();
                        var key = AttributePath.key(path.follow(item, budget), bound.truth(0), budget);
                        if (seen.add(Dict.hashed(key, budget))) {
                            return item;
                        }
                    }
                    return null;
                },
                budget);
    }

    private static Object groupBy(Object value, Arguments arguments, Budget budget) {
        var bound = arguments.bind("groupby", 1, "attribute", "default", "case_sensitive");
        var path = AttributePath.of(bound.get(0), budget);
        var keyed = keyed(
                Values.list(value, budget),
                item -> AttributePath.key(path.follow(item, bound.get(1), budget), bound.truth(2), budget),
                budget);
        keyed.sort(byKey(budget));
        List<Object> groups = new ArrayList<>();
        for (int start = 0; start < keyed.size(); ) {
            int end = start;
            budget.allocate(2 * Budget.OBJECT);
            List<Object> group = new ArrayList<>();
            while (end < keyed.size()
                    && Comparison.equal(keyed.get(start).key(), keyed.get(end).key(), budget)) {
                group.add(keyed.get(end).item());
                end++;
            }
            // The grouper is the attribute of the group's first item, not converted to lower case.
            var grouper = path.follow(group.getFirst(), bound.get(1), budget);
            groups.add(new Sequence.Tuple(List.of(grouper, new Sequence.ListValue(group)), GROUP_FIELDS));
            start = end;
        }
        return new Sequence.ListValue(groups);
    }

    private static Object extreme(String name, int sign, Object value, Arguments arguments, Budget budget) {
        var bound = arguments.bind(name, 0, "case_sensitive", "attribute");
        var path = AttributePath.of(bound.get(1), budget);
        var iterator = Values.iterate(value, budget);
        if (!iterator.hasNext()) {
            return Undefined.because("No aggregated item, sequence was empty.");
        }
        var best = iterator.next();
        var bestKey = AttributePath.key(path.follow(best, budget), bound.truth(0), budget);
        while (iterator.hasNext()) {
            var item = iterator.next();
            var key = AttributePath.key(path.follow(item, budget), bound.truth(0), budget);
            if (sign * Comparison.order(key, bestKey, budget) < 0) {
                best = item;
                bestKey = key;
            }
        }
        return best;
    }

    private static Object map(Object value, Arguments arguments, Budget budget) {
        if (!Values.truth(value)) {
            return Generator.over(List.of().iterator(), budget);
        }
        var function = mapping(arguments, budget);
        var iterator = Values.iterate(value, budget);
        return new Generator(() -> iterator.hasNext() ? function.apply(iterator.next()) : null, budget);
    }

    private static UnaryOperator<Object> mapping(Arguments arguments, Budget budget) {
        if (arguments.positional().isEmpty()) {
            var bound =
                    new Arguments(List.of(), attributeFirst(arguments.named())).bind("map", 1, "attribute", "default");
            var path = AttributePath.of(bound.get(0), budget);
            return item -> path.follow(item, bound.get(1), budget);
        }
        var name = nameOf(arguments.positional().getFirst(), "map");
        var filter = Filters.find(name);
        if (filter == null) {
            throw new EvaluationException(Filters.problem(name));
        }
        var rest = rest(arguments, 1);
        return item -> filter.apply(item, rest, budget);
    }

    private static Map<String, Object> attributeFirst(Map<String, Object> named) {
        if (!named.containsKey("attribute")) {
            throw new EvaluationException("map requires the name of a filter or the argument attribute");
        }
        return new LinkedHashMap<>(named);
    }

    private static String nameOf(Object value, String function) {
        if (value instanceof CharSequence name) {
            return name.toString();
        }
        throw new EvaluationException(function + ": expected a name, found " + Values.typeName(value));
    }

    private static Arguments rest(Arguments arguments, int used) {
        var positional = arguments.positional();
        return new Arguments(positional.subList(used, positional.size()), arguments.named());
    }

    private static Object select(
            String name, boolean ofAttribute, boolean expected, Object value, Arguments arguments, Budget budget) {
        if (!Values.truth(value)) {
            return Generator.over(List.of().iterator(), budget);
        }
        int used = 0;
        var path = AttributePath.of(None.NONE, budget);
        if (ofAttribute) {
            if (arguments.positional().isEmpty()) {
                throw new EvaluationException(name + " requires the name of an attribute");
            }
            path = AttributePath.of(arguments.positional().getFirst(), budget);
            used = 1;
        }
        var examined = path;
        var test = condition(name, rest(arguments, used), budget);
        var iterator = Values.iterate(value, budget);
        return new Generator(
                () -> {
                    while (iterator.hasNext()) {
                        budget.step();
                        var item = iterator.next();
                        if (test.test(examined.follow(item, budget)) == expected) {
                            return item;
                        }
                    }
                    return null;
                },
                budget);
    }

    private static Predicate<Object> condition(String filter, Arguments arguments, Budget budget) {
        if (arguments.positional().isEmpty()) {
            return Values::truth;
        }
        var name = nameOf(arguments.positional().getFirst(), filter);
        var test = Tests.find(name);
        if (test == null) {
            throw new EvaluationException("unknown test '" + name + "'");
        }
        var rest = rest(arguments, 1);
        return value -> test.passes(value, rest, budget);
    }

    private static Object batch(Object value, Arguments arguments, Budget budget) {
        var bound = arguments.bind("batch", 1, "linecount", "fill_with");
        long size = bound.integer(0, 0);
        var fill = bound.get(1);
        var iterator = Values.iterate(value, budget);
        return new Generator(
                () -> {
                    budget.allocate(Budget.OBJECT);
                    List<Object> row = new ArrayList<>();
                    while (iterator.hasNext() && (row.isEmpty() || row.size() != size)) {
                        budget.allocate(1);
                        row.add(iterator.next());
                    }
                    if (row.isEmpty()) {
                        return null;
                    }
                    while (fill != None.NONE && row.size() < size) {
                        budget.allocate(1);
                        row.add(fill);
                    }
                    return new Sequence.ListValue(row);
                },
                budget);
    }

    private static Object slice(Object value, Arguments arguments, Budget budget) {
        var bound = arguments.bind("slice", 1, "slices", "fill_with");
        long slices = bound.integer(0, 0);
        var items = Values.list(value, budget);
        if (slices == 0) {
            throw new EvaluationException("slice: the number of slices cannot be zero");
        }
        budget.allocate(Budget.OBJECT * Math.clamp(slices, 0L, 1L << 40));
        List<Object> columns = new ArrayList<>();
        int start = 0;
        for (long column = 0; column < slices; column++) {
            boolean longer = column < items.size() % slices;
            int end = start + (int) (items.size() / slices) + (longer ? 1 : 0);
            var part = Values.list(new Sequence.ListValue(items.subList(start, end)), budget);
            if (bound.get(1) != None.NONE && !longer) {
                part.add(bound.get(1));
            }
            columns.add(new Sequence.ListValue(part));
            start = end;
        }
        return Generator.over(columns.iterator(), budget);
    }
}
