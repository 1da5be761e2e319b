package kawi.template;

import java.util.ArrayList;
import java.util.List;
import kawi.tokenizer.OriginText;
import org.jspecify.annotations.Nullable;

/**
 * {@code object.name}, {@code object[key]} and {@code object[start:stop:step]}.
 *
 * <p>In Jinja, a dot looks up a Python attribute first and an element second; brackets do the opposite. Therefore
 * {@code tool.items} is the method of dicts even if the dict has an entry of that name. If both fail, the result is
 * {@link Undefined}, which is an error only when it is used.
 */
final class Lookup {

    private Lookup() {}

    /** {@code object.name}. */
    static Object attribute(Object object, String name, Budget budget) {
        if (object instanceof Undefined undefined) {
            throw undefined.failure();
        }
        var attribute = ownAttribute(object, name, budget);
        if (attribute != null) {
            return attribute;
        }
        if (object instanceof Dict dict) {
            var element = dict.get(name, budget);
            if (element != null) {
                return element;
            }
        }
        return Undefined.attribute(object, name);
    }

    /** {@code object[key]}. */
    static Object item(Object object, Object key, Budget budget) {
        if (object instanceof Undefined undefined) {
            throw undefined.failure();
        }
        var element = element(object, key, budget);
        if (element != null) {
            return element;
        }
        if (key instanceof CharSequence name) {
            var attribute = ownAttribute(object, name.toString(), budget);
            return attribute != null ? attribute : Undefined.attribute(object, name.toString());
        }
        return Undefined.element(
                object, Values.isNumber(key) ? Display.text(key, budget).toString() : Values.typeName(key));
    }

    /** The attribute that Python's {@code getattr} returns, or null; elements are not considered. */
    static @Nullable Object ownAttribute(Object object, String name, Budget budget) {
        if (name.startsWith("__") && name.endsWith("__")) {
            return Undefined.unsafe(object, name);
        }
        return switch (object) {
            case Namespace namespace -> {
                var value = namespace.attributes.get(name);
                yield value != null && name.startsWith("_") ? Undefined.unsafe(object, name) : value;
            }
            case Loop loop -> loop.attribute(name);
            case Macro macro -> macro.attribute(name);
            case Cycler cycler -> cycler.attribute(name);
            default -> Methods.find(object, name, budget);
        };
    }

    private static @Nullable Object element(Object object, Object key, Budget budget) {
        return switch (object) {
            case Dict dict -> key instanceof Sequence.ListValue || key instanceof Dict ? null : dict.get(key, budget);
            case Sequence sequence -> isIndex(key) ? at(sequence.items(), Values.index(key, "index")) : null;
            case CharSequence text ->
                isIndex(key) ? character(Values.text(text), Values.index(key, "index"), budget) : null;
            default -> null;
        };
    }

    private static boolean isIndex(Object key) {
        return Values.isInteger(key) || key instanceof Boolean;
    }

    private static @Nullable Object at(List<Object> items, long index) {
        long position = index < 0 ? index + items.size() : index;
        return position < 0 || position >= items.size() ? null : items.get((int) position);
    }

    private static @Nullable OriginText character(OriginText whole, long index, Budget budget) {
        var text = whole.toString();
        int length = CodePoints.length(text, budget);
        long position = index < 0 ? index + length : index;
        if (position < 0 || position >= length) {
            return null;
        }
        int offset = text.offsetByCodePoints(0, (int) position);
        return whole.substring(offset, text.offsetByCodePoints(offset, 1));
    }

    /** {@code object[start:stop:step]}; an absent part is {@link None}. */
    static Object slice(Object object, Object start, Object stop, Object step, Budget budget) {
        return switch (object) {
            case Undefined undefined -> throw undefined.failure();
            case CharSequence text -> Markup.like(text, slice(Values.text(text), start, stop, step, budget));
            case Sequence.ListValue list -> new Sequence.ListValue(slice(list.items(), start, stop, step, budget));
            case Sequence.Tuple tuple -> new Sequence.Tuple(slice(tuple.items(), start, stop, step, budget));
            case Sequence.Range range -> slice(range, start, stop, step);
            default ->
                throw new EvaluationException("a value of type %s cannot be sliced".formatted(Values.typeName(object)));
        };
    }

    private static OriginText slice(OriginText whole, Object start, Object stop, Object step, Budget budget) {
        var text = whole.toString();
        int length = CodePoints.length(text, budget);
        var positions = Positions.of(start, stop, step, length);
        if (positions.count() == 0) {
            return OriginText.EMPTY;
        }
        budget.allocate(positions.count());
        if (positions.step() == 1) {
            int from = text.offsetByCodePoints(0, (int) positions.first());
            return whole.substring(from, text.offsetByCodePoints(from, positions.count()));
        }
        budget.allocate(length);
        var offsets = CodePoints.offsets(text);
        var picked = new OriginText.Builder();
        for (int i = 0; i < positions.count(); i++) {
            int position = positions.position(i);
            picked.append(whole, offsets[position], offsets[position + 1]);
        }
        return picked.build();
    }

    private static List<Object> slice(List<Object> items, Object start, Object stop, Object step, Budget budget) {
        var positions = Positions.of(start, stop, step, items.size());
        budget.allocate(positions.count());
        var picked = new ArrayList<>(positions.count());
        for (int i = 0; i < positions.count(); i++) {
            picked.add(items.get(positions.position(i)));
        }
        return picked;
    }

    private static Object slice(Sequence.Range range, Object start, Object stop, Object step) {
        var positions = Positions.of(start, stop, step, range.length());
        long first = range.start() + positions.first() * range.step();
        long rangeStep = positions.step() * range.step();
        return new Sequence.Range(first, range.start() + positions.end() * range.step(), rangeStep, positions.count());
    }

    /**
     * The positions of a slice: {@code first + i * step} for {@code i < count}.
     *
     * @param end the exclusive end of the slice; -1 is the position before the first element
     */
    private record Positions(long first, long end, long step, int count) {

        static Positions of(Object start, Object stop, Object step, int length) {
            long stepValue = step == None.NONE ? 1 : Values.index(step, "the step of a slice");
            if (stepValue == 0) {
                throw new EvaluationException("the step of a slice cannot be zero");
            }
            boolean forward = stepValue > 0;
            long lowest = forward ? 0 : -1;
            long highest = forward ? length : length - 1L;
            long first = bound(start, "the start of a slice", forward ? lowest : highest, lowest, highest, length);
            long end = bound(stop, "the end of a slice", forward ? highest : lowest, lowest, highest, length);
            long span = forward ? end - first : first - end;
            long absoluteStep = stepValue == Long.MIN_VALUE ? Long.MAX_VALUE : Math.abs(stepValue);
            return new Positions(first, end, stepValue, span <= 0 ? 0 : (int) ((span - 1) / absoluteStep + 1));
        }

        private static long bound(Object value, String what, long defaultValue, long lowest, long highest, int length) {
            if (value == None.NONE) {
                return defaultValue;
            }
            long index = Values.index(value, what);
            return Math.clamp(index < 0 ? index + length : index, lowest, highest);
        }

        int position(int i) {
            return (int) (first + i * step);
        }
    }
}
