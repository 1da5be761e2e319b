package kawi.template;

import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The lazy result of {@code map}, {@code select} and their like. As in Python it is always true, has no length, and can
 * be walked through once: a second walk finds nothing.
 */
final class Generator implements Iterator<Object> {

    private final Supplier<@Nullable Object> source;
    private final Budget budget;
    private @Nullable Object ahead;
    private boolean exhausted;

    /** @param source gives the next value at each call, and {@code null} at the end */
    Generator(Supplier<@Nullable Object> source, Budget budget) {
        budget.allocate(2 * Budget.OBJECT);
        this.source = source;
        this.budget = budget;
    }

    static Generator over(Iterator<Object> items, Budget budget) {
        return new Generator(() -> items.hasNext() ? items.next() : null, budget);
    }

    @Override
    public boolean hasNext() {
        if (ahead == null && !exhausted) {
            // A generator may draw from a generator that draws from a generator ...
            budget.enter();
            try {
                budget.step();
                ahead = source.get();
            } finally {
                budget.leave();
            }
            exhausted = ahead == null;
        }
        return ahead != null;
    }

    @Override
    public Object next() {
        if (!hasNext() || ahead == null) {
            throw new NoSuchElementException();
        }
        var next = ahead;
        ahead = null;
        return next;
    }
}
