package kawi.template;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The {@code loop} variable of one {@code for} loop. Items are fetched one by one, with a lookahead of at most one,
 * because the condition of {@code for … if …} is evaluated when an item is fetched and may depend on the effects of the
 * loop's body.
 */
final class Loop implements Callable {

    private final Budget budget;
    private final int knownLength;
    private final int depth;
    private final @Nullable Callable recursion;
    private Iterator<Object> items;
    private int index0 = -1;
    private int length = -1;
    private @Nullable Object before;
    private @Nullable Object current;
    private @Nullable Object after;
    private @Nullable Object lastChecked;

    /**
     * @param knownLength the number of items, or -1 if it is not known before iterating
     * @param depth the number of loops that called this one
     * @param recursion repeats the loop with other items, or null if the loop is not recursive
     */
    Loop(Iterator<Object> items, int knownLength, int depth, @Nullable Callable recursion, Budget budget) {
        this.items = items;
        this.knownLength = knownLength;
        this.depth = depth;
        this.recursion = recursion;
        this.budget = budget;
    }

    /** Moves to the next item and returns it, or returns {@code null} at the end. */
    @Nullable Object advance() {
        budget.step();
        var next = peek();
        if (next != null) {
            after = null;
            index0++;
            before = current;
            current = next;
        }
        return next;
    }

    private @Nullable Object peek() {
        if (after == null && items.hasNext()) {
            after = items.next();
        }
        return after;
    }

    int index() {
        return index0 + 1;
    }

    int length() {
        if (knownLength >= 0) {
            return knownLength;
        }
        if (length < 0) {
            var rest = new ArrayList<>();
            while (items.hasNext()) {
                budget.allocate(1);
                rest.add(items.next());
            }
            length = index() + (after == null ? 0 : 1) + rest.size();
            items = rest.iterator();
        }
        return length;
    }

    /** The result of iterating over {@code loop} itself: the remaining items, each paired with the loop. */
    Iterator<Object> remaining() {
        return new Generator(
                () -> {
                    var next = advance();
                    return next == null ? null : Sequence.Tuple.of(next, this);
                },
                budget);
    }

    @Nullable Object attribute(String name) {
        return switch (name) {
            case "index" -> (long) index();
            case "index0" -> (long) index0;
            case "revindex" -> (long) length() - index0;
            case "revindex0" -> (long) length() - index();
            case "length" -> (long) length();
            case "first" -> index0 == 0;
            case "last" -> peek() == null;
            case "previtem" -> before == null ? Undefined.because("there is no previous item") : before;
            case "nextitem" -> {
                var next = peek();
                yield next == null ? Undefined.because("there is no next item") : next;
            }
            case "depth" -> depth + 1L;
            case "depth0" -> (long) depth;
            case "cycle" -> (Callable) this::cycle;
            case "changed" -> (Callable) this::changed;
            default -> null;
        };
    }

    @Override
    public Object call(Arguments arguments) {
        if (recursion == null) {
            throw new EvaluationException("the loop must be marked as recursive to be called");
        }
        return recursion.call(arguments);
    }

    private Object cycle(Arguments arguments) {
        var items = arguments.onlyPositional("loop.cycle", 1, Integer.MAX_VALUE);
        return items.get(index0 % items.size());
    }

    private Object changed(Arguments arguments) {
        var checked = new Sequence.Tuple(List.copyOf(arguments.onlyPositional("loop.changed", 0, Integer.MAX_VALUE)));
        boolean changed = lastChecked == null || !Comparison.equal(lastChecked, checked, budget);
        if (changed) {
            lastChecked = checked;
        }
        return changed;
    }
}
