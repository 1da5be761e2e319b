package kawi.template;

import java.util.List;
import java.util.Set;
import kawi.tokenizer.OriginText;
import org.jspecify.annotations.Nullable;

/**
 * The filters by name. Those for text, numbers and sequences are in {@link TextFilters}, {@link NumberFilters} and
 * {@link SequenceFilters}, those for web pages in {@link WebFilters}. All filters of Jinja2 are supported except
 * {@code pprint}, {@code random} and {@code urlize}.
 */
final class Filters {

    private static final Set<String> UNSUPPORTED = Set.of("pprint", "random", "urlize");

    private Filters() {}

    /** Returns a filter, or null. There is no table of them, for the reason given in {@link Tests#find}. */
    static @Nullable Filter find(String name) {
        Filter filter = ofAnyValue(name);
        filter = filter == null ? TextFilters.find(name) : filter;
        filter = filter == null ? NumberFilters.find(name) : filter;
        filter = filter == null ? SequenceFilters.find(name) : filter;
        return filter == null ? WebFilters.find(name) : filter;
    }

    /** The problem of a name with which {@link #find} finds no filter. */
    static String problem(String name) {
        return UNSUPPORTED.contains(name)
                ? "the filter '" + name + "' is not supported in chat templates"
                : "unknown filter '" + name + "'";
    }

    private static @Nullable Filter ofAnyValue(String name) {
        return switch (name) {
            case "default", "d" -> Filters::defaulted;
            case "length", "count" -> Filters::length;
            case "escape", "e" -> Filters::escape;
            case "safe" ->
                (value, arguments, budget) -> {
                    arguments.bind("safe", 0);
                    return value instanceof Markup ? value : new Markup(Display.text(value, budget));
                };
            case "string" ->
                (value, arguments, budget) -> {
                    arguments.bind("string", 0);
                    return value instanceof Markup ? value : Display.text(value, budget);
                };
            case "attr" -> Filters::attribute;
            case "tojson" -> Filters::toJson;
            default -> null;
        };
    }

    private static Object defaulted(Object value, Arguments arguments, Budget budget) {
        var bound = arguments.bind("default", 0, "default_value", "boolean");
        boolean missing = value instanceof Undefined || (bound.truth(1) && !Values.truth(value));
        return missing ? bound.get(0, OriginText.EMPTY) : value;
    }

    private static Object attribute(Object value, Arguments arguments, Budget budget) {
        var name = arguments.bind("attr", 1, "name").string(0, "");
        if (value instanceof Undefined undefined) {
            throw undefined.failure();
        }
        var attribute = Lookup.ownAttribute(value, name, budget);
        return attribute == null ? Undefined.attribute(value, name) : attribute;
    }

    private static Object length(Object value, Arguments arguments, Budget budget) {
        arguments.bind("length", 0);
        return Values.length(value, budget);
    }

    private static Object escape(Object value, Arguments arguments, Budget budget) {
        arguments.bind("escape", 0);
        return Markup.escape(value, budget);
    }

    private static Object toJson(Object value, Arguments arguments, Budget budget) {
        var bound = arguments.bind("tojson", 0, "ensure_ascii", "indent", "separators", "sort_keys");
        var indent = bound.get(1);
        String indentation = null;
        if (indent instanceof CharSequence text) {
            indentation = text.toString();
        } else if (indent != None.NONE) {
            long width = Math.clamp(Values.index(indent, "tojson: indent"), 0, Integer.MAX_VALUE);
            indentation = Arithmetic.repeat(" ", width, budget);
        }
        var itemSeparator = indentation == null ? ", " : ",";
        var keySeparator = ": ";
        if (bound.get(2) instanceof Sequence separators) {
            List<Object> given = separators.items();
            if (given.size() != 2
                    || !(given.get(0) instanceof CharSequence item)
                    || !(given.get(1) instanceof CharSequence key)) {
                throw new EvaluationException("tojson: separators must be two strings");
            }
            itemSeparator = item.toString();
            keySeparator = key.toString();
        }
        return new Json(indentation, itemSeparator, keySeparator, bound.truth(0), bound.truth(3), budget).write(value);
    }
}
