package kawi.schema;

import java.util.concurrent.CancellationException;

/**
 * The limit on the work of converting one value to the types of a schema and of validating it. Both the value and the
 * schema may be untrusted, and nested alternatives multiply, so each step of either is counted, and so is each level of
 * recursion. A value that exceeds the limit is invalid. An interrupt ends the work immediately.
 */
final class Budget {

    /** More than the nesting limit of JSON documents, with a schema between every two levels. */
    private static final int MAX_DEPTH = 1_200;

    private static final long MAX_STEPS = 3_000_000;
    private static final int INTERRUPT_INTERVAL = 1 << 12;

    private long left = MAX_STEPS;
    private long untilCheck = INTERRUPT_INTERVAL;
    private int depth;

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
            throw new MismatchException("it or its schema is nested too deeply");
        }
    }

    void leave() {
        depth--;
    }

    /** A view of {@code text} for matching a pattern: each access to a character is counted. */
    CharSequence counted(String text) {
        return new Counted(text, 0, text.length());
    }

    private final class Counted implements CharSequence {

        private final String text;
        private final int from;
        private final int to;

        Counted(String text, int from, int to) {
            this.text = text;
            this.from = from;
            this.to = to;
        }

        @Override
        public int length() {
            return to - from;
        }

        @Override
        public char charAt(int index) {
            spend(1);
            return text.charAt(from + index);
        }

        @Override
        public CharSequence subSequence(int start, int end) {
            return new Counted(text, from + start, from + end);
        }

        @Override
        public String toString() {
            return text.substring(from, to);
        }
    }
}
