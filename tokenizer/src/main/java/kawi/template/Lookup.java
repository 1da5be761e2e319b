package kawi.template;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@code object.name}, {@code object[key]} and {@code object[start:stop:step]}.
 *
 * <p>In Jinja the dot looks for a Python attribute first and for an element second, brackets the other way round; so
 * {@code tool.items} is the method of dicts even if the tool has an entry of that name. What is found neither way is
 * {@link Undefined}, which is no error until something is done with it.
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
        return Undefined.element(object, Values.isNumber(key) ? Display.text(key, budget) : Values.typeName(key));
    }

    /** What Python's {@code getattr} finds, without looking at elements. */
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
            default -> Methods.find(object, name, budget);
        };
    }

    private static @Nullable Object element(Object object, Object key, Budget budget) {
        return switch (object) {
            case Dict dict -> key instanceof Sequence.ListValue || key instanceof Dict ? null : dict.get(key, budget);
            case Sequence sequence -> isIndex(key) ? at(sequence.items(), Values.index(key, "index")) : null;
            case CharSequence text ->
                isIndex(key) ? character(text.toString(), Values.index(key, "index"), budget) : null;
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

    private static @Nullable String character(String text, long index, Budget budget) {
        int length = CodePoints.length(text, budget);
        long position = index < 0 ? index + length : index;
        if (position < 0 || position >= length) {
            return null;
        }
        int offset = text.offsetByCodePoints(0, (int) position);
        return text.substring(offset, text.offsetByCodePoints(offset, 1));
    }

    /** {@code object[start:stop:step]}, {@link None} standing for a part left out. */
    static Object slice(Object object, Object start, Object stop, Object step, Budget budget) {
        return switch (object) {
            case Undefined undefined -> throw undefined.failure();
            case Markup text -> new Markup(slice(text.text(), start, stop, step, budget));
            case CharSequence text -> slice(text.toString(), start, stop, step, budget);
            case Sequence.ListValue list -> new Sequence.ListValue(slice(list.items(), start, stop, step, budget));
            case Sequence.Tuple tuple -> new Sequence.Tuple(slice(tuple.items(), start, stop, step, budget));
            case Sequence.Range range -> slice(range, start, stop, step);
            default -> throw new EvaluationException("a %s cannot be sliced".formatted(Values.typeName(object)));
        };
    }

    private static String slice(String text, Object start, Object stop, Object step, Budget budget) {
        int length = CodePoints.length(text, budget);
        var picks = Picks.of(start, stop, step, length);
        if (picks.count() == 0) {
            return "";
        }
        budget.allocate(picks.count());
        if (picks.step() == 1) {
            int from = text.offsetByCodePoints(0, (int) picks.first());
            return text.substring(from, text.offsetByCodePoints(from, picks.count()));
        }
        budget.allocate(length);
        var codePoints = text.codePoints().toArray();
        var picked = new StringBuilder(picks.count());
        for (int i = 0; i < picks.count(); i++) {
            picked.appendCodePoint(codePoints[picks.position(i)]);
        }
        return picked.toString();
    }

    private static List<Object> slice(List<Object> items, Object start, Object stop, Object step, Budget budget) {
        var picks = Picks.of(start, stop, step, items.size());
        budget.allocate(picks.count());
        var picked = new ArrayList<>(picks.count());
        for (int i = 0; i < picks.count(); i++) {
            picked.add(items.get(picks.position(i)));
        }
        return picked;
    }

    private static Object slice(Sequence.Range range, Object start, Object stop, Object step) {
        var picks = Picks.of(start, stop, step, range.length());
        long first = range.start() + picks.first() * range.step();
        long stride = picks.step() * range.step();
        return new Sequence.Range(first, range.start() + picks.end() * range.step(), stride, picks.count());
    }

    /**
     * The positions a slice picks: {@code count} of them, {@code first + i * step}.
     *
     * @param end where the slice stops, itself not picked; -1 is before the first element
     */
    private record Picks(long first, long end, long step, int count) {

        static Picks of(Object start, Object stop, Object step, int length) {
            long stride = step == None.NONE ? 1 : Values.index(step, "the step of a slice");
            if (stride == 0) {
                throw new EvaluationException("the step of a slice cannot be zero");
            }
            boolean forward = stride > 0;
            long lowest = forward ? 0 : -1;
            long highest = forward ? length : length - 1L;
            long first = bound(start, "the start of a slice", forward ? lowest : highest, lowest, highest, length);
            long end = bound(stop, "the end of a slice", forward ? highest : lowest, lowest, highest, length);
            long span = forward ? end - first : first - end;
            long pace = stride == Long.MIN_VALUE ? Long.MAX_VALUE : Math.abs(stride);
            return new Picks(first, end, stride, span <= 0 ? 0 : (int) ((span - 1) / pace + 1));
        }

        private static long bound(Object value, String what, long otherwise, long lowest, long highest, int length) {
            if (value == None.NONE) {
                return otherwise;
            }
            long index = Values.index(value, what);
            return Math.clamp(index < 0 ? index + length : index, lowest, highest);
        }

        int position(int i) {
            return (int) (first + i * step);
        }
    }
}
