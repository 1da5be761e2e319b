package kawi.template;

import java.math.BigInteger;
import java.util.AbstractList;
import java.util.List;

/** A Python sequence other than a string. It is not modified after it becomes accessible to a template. */
sealed interface Sequence permits Sequence.ListValue, Sequence.Tuple, Sequence.Range {

    List<Object> items();

    record ListValue(List<Object> items) implements Sequence {}

    /** A tuple. Its elements can have names, by which they are attributes of the tuple. */
    record Tuple(List<Object> items, List<String> names) implements Sequence {

        Tuple(List<Object> items) {
            this(items, List.of());
        }

        static Tuple of(Object... items) {
            return new Tuple(List.of(items));
        }
    }

    /**
     * Python's {@code range}: the {@code length} integers {@code start + i * step}. Because of the sandbox's limit on
     * the length, every element fits into a {@code long}.
     */
    record Range(long start, long stop, long step, int length) implements Sequence {

        private static final int MAX_LENGTH = 100_000;

        static Range of(long start, long stop, long step) {
            if (step == 0) {
                throw new EvaluationException("range() arg 3 must not be zero");
            }
            var distance = BigInteger.valueOf(stop).subtract(BigInteger.valueOf(start));
            var bigStep = BigInteger.valueOf(step);
            var sign = BigInteger.valueOf(step > 0 ? 1 : -1);
            var length = distance.signum() != bigStep.signum()
                    ? BigInteger.ZERO
                    : distance.add(bigStep).subtract(sign).divide(bigStep);
            if (length.compareTo(BigInteger.valueOf(MAX_LENGTH)) > 0) {
                throw new EvaluationException("the length of a range exceeds " + MAX_LENGTH);
            }
            return new Range(start, stop, step, length.intValue());
        }

        @Override
        public List<Object> items() {
            return new AbstractList<>() {
                @Override
                public Object get(int index) {
                    return start + index * step;
                }

                @Override
                public int size() {
                    return length;
                }
            };
        }
    }
}
