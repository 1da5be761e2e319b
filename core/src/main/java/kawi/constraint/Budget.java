package kawi.constraint;

import java.util.concurrent.CancellationException;
import java.util.function.Supplier;

/**
 * How much work the compilation of one grammar may take. Schemas and patterns come from outside and may be hostile, so
 * everything that loops or recurses over them pays a step for each piece of work of some ten nanoseconds, before it
 * does it, and each level of recursion is counted too. What takes more is refused in a sentence, the same on every
 * machine; an interrupt ends it at once. Memory is bounded with it: nothing that is kept costs less than a step for
 * each 100 bytes.
 *
 * <p>All parts of one compilation share one budget. It is bound to the thread's scope by {@link #run} rather than
 * handed on, because it concerns every method here, most of which build a part of an automaton and nothing else.
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

    /** Runs {@code work} with a new budget, or with that of the compilation that it is a part of. */
    static <T> T run(Supplier<T> work) {
        return CURRENT.isBound() ? work.get() : run(MAX_STEPS, work);
    }

    static <T> T run(long steps, Supplier<T> work) {
        return ScopedValue.where(CURRENT, new Budget(steps)).call(work::get);
    }

    /** That of the compilation under way; what is built once and for all has no limit. */
    static Budget current() {
        return CURRENT.isBound() ? CURRENT.get() : new Budget(Long.MAX_VALUE);
    }

    /**
     * Pays for work.
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

    /** What is left, to measure with. */
    long left() {
        return left;
    }
}
