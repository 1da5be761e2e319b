package kawi.schema;

import java.util.concurrent.CancellationException;
import java.util.function.Supplier;

/**
 * The limit on the work of converting one value to the types of a schema and of validating it. Both the value and the
 * schema may be untrusted, and nested alternatives multiply, so each step of either is counted, and so is each level of
 * recursion. A value that exceeds the limit is invalid. An interrupt ends the work immediately.
 */
final class Budget {

    /** More than the nesting limit of JSON documents, with a schema between every two levels. */
    private static final int MAX_DEPTH = 1_200;

    private static final String TOO_DEEP = "it or its schema is nested too deeply";

    private static final long MAX_STEPS = 3_000_000;
    private static final int INTERRUPT_INTERVAL = 1 << 12;

    private long left;
    private long untilCheck = INTERRUPT_INTERVAL;
    private int depth;

    Budget() {
        this(MAX_STEPS);
    }

    Budget(long steps) {
        left = steps;
    }

    /**
     * Spends steps.
     *
     * @throws MismatchException if the budget is used up
     * @throws CancellationException if the thread has been interrupted
     */
    void spend(long steps) {
        left -= steps;
        untilCheck -= steps;
        if (left < 0) {
            throw new MismatchException("it takes too much work to compare it with the schema");
        }
        if (untilCheck < 0) {
            untilCheck = INTERRUPT_INTERVAL;
            if (Thread.currentThread().isInterrupted()) {
                throw new CancellationException("the thread was interrupted while a value was compared with a schema");
            }
        }
    }

    /** Enters a level of recursion; every call is paired with {@link #leave}, unless it fails. */
    void enter() {
        spend(1);
        if (++depth > MAX_DEPTH) {
            throw new MismatchException(TOO_DEEP);
        }
    }

    void leave() {
        depth--;
    }

    /**
     * The result of work that recurses over a value and a schema. The stack that is left to it is the caller's, and may
     * end before the limit on levels is reached.
     *
     * @throws MismatchException if the stack ends
     */
    static <R> R withinStack(Supplier<R> work) {
        try {
            return work.get();
        } catch (StackOverflowError _) {
            throw new MismatchException(TOO_DEEP);
        }
    }
}
