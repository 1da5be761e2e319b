package kawi.template;

import java.math.BigInteger;
import java.util.AbstractList;
import java.util.List;

/** The values that Python indexes by number, strings apart. Never modified once a template sees them. */
sealed interface Sequence permits Sequence.ListValue, Sequence.Tuple, Sequence.Range {

    List<Object> items();

    record ListValue(List<Object> items) implements Sequence {}

    record Tuple(List<Object> items) implements Sequence {

        static Tuple of(Object... items) {
            return new Tuple(List.of(items));
        }
    }

    /**
     * Python's {@code range}: {@code length} integers from {@code start} on, {@code step} apart. The sandbox's bound on
     * the length keeps every element within a {@code long}.
     */
    record Range(long start, long stop, long step, int length) implements Sequence {

        private static final int MAX_LENGTH = 100_000;

        static Range of(long start, long stop, long step) {
            if (step == 0) {
                throw new EvaluationException("range() arg 3 must not be zero");
            }
            var distance = BigInteger.valueOf(stop).subtract(BigInteger.valueOf(start));
            var stride = BigInteger.valueOf(step);
            var towards = BigInteger.valueOf(step > 0 ? 1 : -1);
            var length = distance.signum() != stride.signum()
                    ? BigInteger.ZERO
                    : distance.add(stride).subtract(towards).divide(stride);
            if (length.compareTo(BigInteger.valueOf(MAX_LENGTH)) > 0) {
                throw new EvaluationException("a range of more than " + MAX_LENGTH + " numbers is not allowed");
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
