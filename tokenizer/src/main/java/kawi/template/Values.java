package kawi.template;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import kawi.tokenizer.OriginText;

/**
 * The Python semantics of template values: type, truth value, length, iteration and containment.
 *
 * <p>A template value is one of: {@link OriginText} or {@link Markup} ({@code str}), {@link Boolean}, {@link Long} or,
 * if that is too small, {@link BigInteger} ({@code int}), {@link Double} ({@code float}), {@link None}, a
 * {@link Sequence} ({@code list}, {@code tuple}, {@code range}), {@link Dict}, {@link DictView}, {@link Generator},
 * {@link Undefined}, {@link Namespace}, {@link Loop} or a {@link Callable}.
 */
final class Values {

    private Values() {}

    static String typeName(Object value) {
        return switch (value) {
            case Markup _ -> "Markup";
            case CharSequence _ -> "str";
            case Boolean _ -> "bool";
            case Long _, BigInteger _ -> "int";
            case Double _ -> "float";
            case None _ -> "NoneType";
            case Sequence.ListValue _ -> "list";
            case Sequence.Tuple _ -> "tuple";
            case Sequence.Range _ -> "range";
            case Dict _ -> "dict";
            case DictView view -> view.part().typeName();
            case Generator _ -> "generator";
            case Undefined _ -> "Undefined";
            case Namespace _ -> "Namespace";
            case Loop _ -> "LoopContext";
            case Macro _ -> "Macro";
            default -> "function";
        };
    }

    /** The description of an object in messages of Jinja2: {@code dict object}, but {@code None}. */
    static String describeType(Object value) {
        return value == None.NONE ? "None" : typeName(value) + " object";
    }

    static boolean truth(Object value) {
        return switch (value) {
            case Boolean truth -> truth;
            case None _, Undefined _ -> false;
            case CharSequence text -> !text.isEmpty();
            case Long number -> number != 0;
            case BigInteger number -> number.signum() != 0;
            case Double number -> number != 0;
            case Sequence sequence -> !sequence.items().isEmpty();
            case Dict dict -> dict.size() > 0;
            case DictView view -> view.dict().size() > 0;
            default -> true;
        };
    }

    /** The characters of a string with their origin. A Java string is from outside. */
    static OriginText text(CharSequence string) {
        return switch (string) {
            case OriginText text -> text;
            case Markup marked -> marked.text();
            default -> OriginText.outside(string.toString());
        };
    }

    static boolean isString(Object value) {
        return value instanceof CharSequence;
    }

    static boolean isInteger(Object value) {
        return value instanceof Long || value instanceof BigInteger;
    }

    static boolean isNumber(Object value) {
        return isInteger(value) || value instanceof Double || value instanceof Boolean;
    }

    /** Whether {@code len(value)} works. */
    static boolean isSized(Object value) {
        return switch (value) {
            case CharSequence _, Sequence _, Dict _, DictView _, Undefined _, Loop _ -> true;
            default -> false;
        };
    }

    static long length(Object value, Budget budget) {
        return switch (value) {
            case CharSequence text -> CodePoints.length(text.toString(), budget);
            case Sequence sequence -> sequence.items().size();
            case Dict dict -> dict.size();
            case DictView view -> view.dict().size();
            case Undefined _ -> 0;
            case Loop loop -> loop.length();
            default -> throw new EvaluationException("object of type '%s' has no len()".formatted(typeName(value)));
        };
    }

    static boolean isIterable(Object value) {
        return isSized(value) || value instanceof Generator;
    }

    /**
     * Iterates as Python's {@code for}: strings by character, dicts by key. The caller must charge the steps to the
     * budget.
     */
    static Iterator<Object> iterate(Object value, Budget budget) {
        return switch (value) {
            case CharSequence text -> characters(text(text));
            case Sequence sequence -> sequence.items().iterator();
            case Dict dict -> dict.keyIterator();
            case DictView view -> view.items(budget).iterator();
            case Generator generator -> generator;
            case Undefined _ -> List.of().iterator();
            case Loop loop -> loop.remaining();
            default -> throw new EvaluationException("'%s' object is not iterable".formatted(typeName(value)));
        };
    }

    private static Iterator<Object> characters(OriginText text) {
        return new Iterator<>() {
            private int position;

            @Override
            public boolean hasNext() {
                return position < text.length();
            }

            @Override
            public Object next() {
                if (!hasNext()) {
                    throw new NoSuchElementException();
                }
                int start = position;
                position = text.toString().offsetByCodePoints(start, 1);
                return text.substring(start, position);
            }
        };
    }

    /** Equivalent to {@code list(value)}; returns a new modifiable list. */
    static List<Object> list(Object value, Budget budget) {
        if (value instanceof Sequence sequence) {
            budget.allocate(sequence.items().size());
            return new ArrayList<>(sequence.items());
        }
        var items = new ArrayList<>();
        var iterator = iterate(value, budget);
        int elementUnits = value instanceof CharSequence ? Budget.OBJECT : 1;
        while (iterator.hasNext()) {
            budget.allocate(elementUnits);
            budget.step();
            items.add(iterator.next());
        }
        return items;
    }

    /** {@code item in container}. */
    static boolean contains(Object container, Object item, Budget budget) {
        return switch (container) {
            case CharSequence text -> {
                if (item instanceof CharSequence part) {
                    yield CodePoints.indexOf(text.toString(), part.toString(), 0, budget) >= 0;
                }
                throw new EvaluationException(
                        "'in <string>' requires string as left operand, not %s".formatted(typeName(item)));
            }
            case Dict dict -> dict.get(item, budget) != null;
            default -> containsAmongItems(iterate(container, budget), item, budget);
        };
    }

    private static boolean containsAmongItems(Iterator<Object> items, Object item, Budget budget) {
        while (items.hasNext()) {
            budget.step();
            if (Comparison.equal(items.next(), item, budget)) {
                return true;
            }
        }
        return false;
    }

    /**
     * Converts an integer or boolean to {@code long}, for indices, counts and widths.
     *
     * @param what the name of the value for messages
     * @return the value, clamped to the range of {@code long}
     */
    static long index(Object value, String what) {
        return switch (value) {
            case Long number -> number;
            case Boolean truth -> truth ? 1 : 0;
            case BigInteger number -> number.signum() < 0 ? Long.MIN_VALUE : Long.MAX_VALUE;
            default -> throw new EvaluationException("%s must be an integer, not %s".formatted(what, typeName(value)));
        };
    }
}
