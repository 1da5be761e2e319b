package kawi.template;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The methods and attributes of Python's built-in types. The result of a lookup is the method, an {@link Undefined} if
 * the method would modify the object, which the immutable sandbox prohibits, or null if Python has no such method.
 * Methods that exist in Python but are not supported are an error, because a template could otherwise be rendered
 * incorrectly without notice.
 */
final class Methods {

    private static final Set<String> MUTATES_DICT = Set.of("clear", "pop", "popitem", "setdefault", "update");

    private static final Set<String> MUTATES_LIST =
            Set.of("append", "clear", "extend", "insert", "pop", "remove", "reverse", "sort");

    private static final Set<String> UNSUPPORTED_FOR_STRING = Set.of(
            "casefold",
            "encode",
            "format_map",
            "isdecimal",
            "isidentifier",
            "isnumeric",
            "isprintable",
            "maketrans",
            "translate");

    private static final Set<String> UNSUPPORTED_FOR_NUMBERS = Set.of(
            "as_integer_ratio",
            "bit_count",
            "bit_length",
            "conjugate",
            "denominator",
            "from_bytes",
            "fromhex",
            "hex",
            "imag",
            "numerator",
            "real",
            "to_bytes");

    private Methods() {}

    /** A method of values of type {@code T}. */
    @FunctionalInterface
    interface Method<T> {

        Object call(T self, Arguments arguments, Budget budget);
    }

    private static @Nullable Method<Dict> ofDict(String name) {
        return switch (name) {
            case "get" -> Methods::get;
            case "keys" -> (dict, arguments, _) -> view(dict, DictView.Part.KEYS, arguments);
            case "values" -> (dict, arguments, _) -> view(dict, DictView.Part.VALUES, arguments);
            case "items" -> (dict, arguments, _) -> view(dict, DictView.Part.ITEMS, arguments);
            case "copy" -> Methods::copy;
            default -> null;
        };
    }

    private static @Nullable Method<Sequence> ofSequence(String name) {
        return switch (name) {
            case "index" -> Methods::index;
            case "count" -> Methods::count;
            default -> null;
        };
    }

    private static Dict copy(Dict dict, Arguments arguments, Budget budget) {
        arguments.onlyPositional("dict.copy", 0, 0);
        var copy = new Dict();
        copy.putAll(dict, budget);
        return copy;
    }

    /** Returns the method or built-in attribute {@code object.name}, or {@code null}. */
    static @Nullable Object find(Object object, String name, Budget budget) {
        return switch (object) {
            case Markup text -> {
                var method = StringMethods.find(name);
                yield method == null
                        ? unsupported(object, name, UNSUPPORTED_FOR_STRING)
                        : StringMethods.marked(name, method, text, budget);
            }
            case CharSequence text -> {
                var method = StringMethods.find(name);
                yield method == null
                        ? unsupported(object, name, UNSUPPORTED_FOR_STRING)
                        : bind(method, Values.text(text), budget);
            }
            case Dict dict -> {
                if (MUTATES_DICT.contains(name)) {
                    yield Undefined.unsafe(dict, name);
                }
                var method = ofDict(name);
                yield method == null ? unsupported(object, name, Set.of("fromkeys")) : bind(method, dict, budget);
            }
            case Sequence sequence -> sequenceAttribute(sequence, name, budget);
            case Long _, BigInteger _, Boolean _ -> unsupported(object, name, UNSUPPORTED_FOR_NUMBERS);
            case Double number ->
                name.equals("is_integer")
                        ? bind(
                                (self, arguments, _) -> {
                                    arguments.onlyPositional("float.is_integer", 0, 0);
                                    return Double.isFinite(self) && self == Math.rint(self);
                                },
                                number,
                                budget)
                        : unsupported(object, name, UNSUPPORTED_FOR_NUMBERS);
            case DictView _ -> unsupported(object, name, Set.of("isdisjoint", "mapping"));
            case Generator _ -> unsupported(object, name, Set.of("close", "send", "throw"));
            default -> null;
        };
    }

    private static @Nullable Object unsupported(Object object, String name, Set<String> unsupported) {
        if (unsupported.contains(name)) {
            throw new EvaluationException(
                    "the method '%s' of %s is not supported".formatted(name, Values.typeName(object)));
        }
        return null;
    }

    private static <T> Callable bind(Method<T> method, T self, Budget budget) {
        return arguments -> method.call(self, arguments, budget);
    }

    private static @Nullable Object sequenceAttribute(Sequence sequence, String name, Budget budget) {
        if (sequence instanceof Sequence.ListValue list) {
            if (MUTATES_LIST.contains(name)) {
                return Undefined.unsafe(list, name);
            }
            if (name.equals("copy")) {
                return (Callable) arguments -> {
                    arguments.onlyPositional("list.copy", 0, 0);
                    return new Sequence.ListValue(Values.list(list, budget));
                };
            }
        }
        if (sequence instanceof Sequence.Tuple tuple && tuple.names().contains(name)) {
            return tuple.items().get(tuple.names().indexOf(name));
        }
        if (sequence instanceof Sequence.Range range) {
            var bound = switch (name) {
                case "start" -> range.start();
                case "stop" -> range.stop();
                case "step" -> range.step();
                default -> null;
            };
            if (bound != null) {
                return bound;
            }
        }
        var method = ofSequence(name);
        return method == null ? null : bind(method, sequence, budget);
    }

    private static Object get(Dict dict, Arguments arguments, Budget budget) {
        var keyAndDefault = arguments.onlyPositional("dict.get", 1, 2);
        var value = dict.get(keyAndDefault.getFirst(), budget);
        if (value != null) {
            return value;
        }
        return keyAndDefault.size() == 2 ? keyAndDefault.get(1) : None.NONE;
    }

    private static DictView view(Dict dict, DictView.Part part, Arguments arguments) {
        arguments.onlyPositional(part.typeName().replace('_', '.'), 0, 0);
        return new DictView(dict, part);
    }

    private static Object index(Sequence sequence, Arguments arguments, Budget budget) {
        var values = new ArrayList<>(arguments.onlyPositional("index", 1, 3));
        List<Object> items = sequence.items();
        long from = values.size() > 1 ? Values.index(values.get(1), "the start of index") : 0;
        long to = values.size() > 2 ? Values.index(values.get(2), "the end of index") : items.size();
        int first = Math.clamp(from < 0 ? from + items.size() : from, 0, items.size());
        int last = Math.clamp(to < 0 ? to + items.size() : to, 0, items.size());
        for (int i = first; i < last; i++) {
            if (Comparison.equal(items.get(i), values.getFirst(), budget)) {
                return (long) i;
            }
        }
        throw new EvaluationException("index: the value is not in the " + Values.typeName(sequence));
    }

    private static Object count(Sequence sequence, Arguments arguments, Budget budget) {
        var counted = arguments.onlyPositional("count", 1, 1).getFirst();
        long count = 0;
        for (var item : sequence.items()) {
            count += Comparison.equal(item, counted, budget) ? 1 : 0;
        }
        return count;
    }
}
