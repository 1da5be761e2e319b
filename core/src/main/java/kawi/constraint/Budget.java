package kawi.constraint;

import java.util.concurrent.CancellationException;
import java.util.function.Supplier;

/**
 * The limit on the work of compiling one grammar. Schemas and patterns are untrusted input, so every loop and recursion
 * over them spends steps, of about ten nanoseconds each, before it does the work, and each level of recursion is
 * counted. A compilation that exceeds the limit is rejected with the same message on every machine. An interrupt ends
 * it immediately. Memory is bounded as well: at least one step is spent for each 100 bytes that are retained.
 *
 * <p>All parts of a compilation share one budget. It is bound to a scope of the thread by {@link #run} and not passed
 * as a parameter, because almost every method in this package would need it.
 */
final class Budget {

    private static final ScopedValue<Budget> CURRENT = ScopedValue.newInstance();

    private static final long MAX_STEPS = 10_000_000;
    private static final int INTERRUPT_INTERVAL = 1 << 14;

    private long left;
    private long untilCheck = INTERRUPT_INTERVAL;

    private Budget(long steps) {
        left = steps;
    }

    /** Runs {@code work} with a new budget, or with that of the enclosing compilation. */
    static <T> T run(Supplier<T> work) {
        return CURRENT.isBound() ? work.get() : run(MAX_STEPS, work);
    }

    static <T> T run(long steps, Supplier<T> work) {
        return ScopedValue.where(CURRENT, new Budget(steps)).call(work::get);
    }

    /** The budget of the current compilation. Constants that are computed once have no limit. */
    static Budget current() {
        return CURRENT.isBound() ? CURRENT.get() : new Budget(Long.MAX_VALUE);
    }

    /**
     * Spends steps.
     *
     * @throws GrammarException if the budget is used up
     * @throws CancellationException if the thread has been interrupted
     */
    void spend(long steps) {
        left -= steps;
        if (left < 0) {
            throw new GrammarException("too complex: it takes too much work to compile");
        }
        untilCheck -= steps;
        if (untilCheck < 0) {
            untilCheck = INTERRUPT_INTERVAL;
            if (Thread.currentThread().isInterrupted()) {
                throw new CancellationException("the thread was interrupted while a grammar was compiled");
            }
        }
    }

    /** The number of steps left, for measurements. */
    long left() {
        return left;
    }
}
