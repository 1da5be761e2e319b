package kawi.template;

import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The lazy result of filters such as {@code map} and {@code select}. As in Python it is always true, has no length, and
 * can be iterated once: a second iteration is empty.
 */
final class Generator implements Iterator<Object> {

    private final Supplier<@Nullable Object> source;
    private final Budget budget;
    private @Nullable Object lookahead;
    private boolean exhausted;

    /** @param source returns the next value at each call, and {@code null} at the end */
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
        if (lookahead == null && !exhausted) {
            // Generators may be nested to any depth.
            budget.enter();
            try {
                budget.step();
                lookahead = source.get();
            } finally {
                budget.leave();
            }
            exhausted = lookahead == null;
        }
        return lookahead != null;
    }

    @Override
    public Object next() {
        if (!hasNext() || lookahead == null) {
            throw new NoSuchElementException();
        }
        var next = lookahead;
        lookahead = null;
        return next;
    }
}
