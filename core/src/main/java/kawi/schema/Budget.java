package kawi.schema;

import java.util.concurrent.CancellationException;

/**
 * How much work it may take to bring one value into the types of a schema and to compare it with it. Both the value and
 * the schema may come from outside, and alternatives within alternatives multiply, so each step of either pays for
 * itself and each level of recursion is counted. What takes more does not fit; an interrupt ends the work at once.
 */
final class Budget {

    /** Deeper than any JSON that is read, with a schema between each two levels. */
    private static final int MAX_DEPTH = 1_200;

    private static final long MAX_STEPS = 3_000_000;
    private static final int INTERRUPT_INTERVAL = 1 << 12;

    private long left = MAX_STEPS;
    private long untilCheck = INTERRUPT_INTERVAL;
    private int depth;

    /**
     * Pays for work.
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

    /** Goes one level deeper; every call is paired with {@link #leave}, unless it fails. */
    void enter() {
        spend(1);
        if (++depth > MAX_DEPTH) {
            throw new MismatchException("it or its schema is nested too deeply");
        }
    }

    void leave() {
        depth--;
    }

    /** {@code text} as a pattern is matched against it: each character that is looked at is paid for. */
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
