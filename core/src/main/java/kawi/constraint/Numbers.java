package kawi.constraint;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Automata for numbers within exact bounds.
 *
 * <p>Digits are written most significant first, so a number can be compared with a bound while it is written: the
 * comparison is undecided as long as all digits equal those of the bound, and is decided by the first different digit
 * or, at the decimal point, by the number of digits before it. A state consists of the sign, the number of digits on
 * the current side of the point, the result of the comparison with each bound, and, for {@code multipleOf}, the
 * remainder. {@link Automaton} removes states that cannot end within the bounds.
 *
 * <p>Numbers are written in decimal notation, without leading zeros and without {@code -0}: integers with up to {@value
 * #INTEGER_DIGITS} digits, which fit a {@code long}; others with up to {@value #WHOLE_DIGITS} digits before and {@value
 * #FRACTION_DIGITS} after the point, or more if a bound has more. Only numbers without any bound may have an exponent,
 * of up to two digits, so that all are finite as a {@code double}.
 */
final class Numbers {

    static final int INTEGER_DIGITS = 18;
    static final int WHOLE_DIGITS = 15;
    static final int FRACTION_DIGITS = 16;

    private static final int MAX_BOUND_DIGITS = 60;
    private static final int MAX_REMAINDER_STATES = 3_000;

    private static final byte[] LETTERS = "-.0123456789".getBytes(StandardCharsets.US_ASCII);

    private Numbers() {}

    /** A lower or upper limit. */
    record Bound(BigDecimal value, boolean inclusive) {

        Bound {
            value = value.stripTrailingZeros();
            if (value.scale() > MAX_BOUND_DIGITS || value.precision() - value.scale() > MAX_BOUND_DIGITS) {
                throw new GrammarException("a number with more than " + MAX_BOUND_DIGITS
                        + " digits before or after the point is not supported as a bound");
            }
        }
    }

    /** Any number, with or without an exponent. */
    static Expression any() {
        Expression exponent = PatternLanguage.whole("(?:[eE][+-]?[0-9]{1,2})?");
        return Expression.sequence(new Expression.Recognized(between(false, null, null, null)), exponent);
    }

    /** Integers with or without a fraction of zeros, without an exponent. */
    static Automaton integersWithFraction() {
        return Nfa.automaton(PatternLanguage.whole("-?[0-9]+(?:\\.0+)?"));
    }

    /**
     * Multiples of a number, or the numbers that are none.
     *
     * @param of positive
     */
    record Multiple(BigDecimal of, boolean holds) {}

    /** Numbers within bounds. */
    static Automaton between(boolean integer, @Nullable Bound low, @Nullable Bound high, @Nullable Multiple multiple) {
        var writing = new Writing(integer, low, high, multiple);
        return Automaton.explore(
                new Written(false, Place.START, 0, 0, 0, false, 0), LETTERS, writing::next, writing::accepts);
    }

    private enum Place {
        START,
        SIGN,
        WHOLE,
        ZERO,
        POINT,
        FRACTION
    }

    /**
     * A prefix of a number.
     *
     * @param digits the number of digits before the point, or after it once it has been written
     * @param low the comparison with the absolute value of the lower bound so far: -1, 0 or 1
     * @param remainder of the digits written, as an integer
     */
    private record Written(
            boolean negative, Place place, int digits, int low, int high, boolean nonZero, int remainder) {}

    /** Digits of the absolute value of a bound. */
    private record Digits(String whole, String fraction, int sign, boolean inclusive) {

        static Digits of(Bound bound) {
            String[] parts = bound.value.abs().toPlainString().split("\\.", 2);
            return new Digits(parts[0], parts.length == 2 ? parts[1] : "", bound.value.signum(), bound.inclusive);
        }

        /** The state after the {@code n}-th digit before the point. */
        int compareWhole(int soFar, int n, int digit) {
            if (n >= whole.length()) {
                return 1;
            }
            return soFar != 0 ? soFar : Integer.signum(digit - (whole.charAt(n) - '0'));
        }

        /** The state at the end of {@code n} digits before the point. */
        int compareLength(int soFar, int n) {
            return n == whole.length() ? soFar : Integer.compare(n, whole.length());
        }

        int compareFraction(int soFar, int n, int digit) {
            return soFar != 0 ? soFar : Integer.signum(digit - (n < fraction.length() ? fraction.charAt(n) - '0' : 0));
        }

        int compareEnd(int soFar, int n) {
            return soFar == 0 && n < fraction.length() ? -1 : soFar;
        }
    }

    private static final class Writing {

        private final boolean integer;
        private final @Nullable Digits low;
        private final @Nullable Digits high;
        private final int wholeDigits;
        private final int fractionDigits;
        private final int divisor;
        private final boolean divisible;

        Writing(boolean integer, @Nullable Bound low, @Nullable Bound high, @Nullable Multiple multiple) {
            this.integer = integer;
            divisible = multiple == null || multiple.holds;
            this.low = low == null ? null : Digits.of(low);
            this.high = high == null ? null : Digits.of(high);
            int needed = Math.max(
                    this.low == null ? 0 : this.low.whole.length(), this.high == null ? 0 : this.high.whole.length());
            int fraction = Math.max(
                    this.low == null ? 0 : this.low.fraction.length(),
                    this.high == null ? 0 : this.high.fraction.length());
            int most = integer ? INTEGER_DIGITS : WHOLE_DIGITS;
            if (multiple == null) {
                divisor = 1;
                fractionDigits = integer ? 0 : Math.max(FRACTION_DIGITS, fraction + 1);
                wholeDigits = Math.max(most, needed + 1);
            } else {
                int scale = Math.max(0, multiple.of.stripTrailingZeros().scale());
                fractionDigits = integer ? 0 : divisible ? scale : scale + 1;
                divisor = divisor(multiple.of, integer);
                wholeDigits = Math.max(Math.min(most, Math.max(3, 8 * MAX_REMAINDER_STATES / divisor)), needed + 1);
            }
        }

        /** The integer that the digits, as an integer, must be a multiple of. */
        private int divisor(BigDecimal multipleOf, boolean integer) {
            BigDecimal stripped = multipleOf.stripTrailingZeros();
            if (stripped.scale() > FRACTION_DIGITS || stripped.precision() - stripped.scale() > 10) {
                throw new GrammarException("multipleOf " + stripped + " is not supported");
            }
            // for coprime p and q, k * p/q is an integer if and only if k is a multiple of q
            BigInteger scaled = stripped.scaleByPowerOfTen(integer ? Math.max(0, stripped.scale()) : fractionDigits)
                    .toBigIntegerExact();
            BigInteger denominator = integer ? BigInteger.TEN.pow(Math.max(0, stripped.scale())) : BigInteger.ONE;
            BigInteger divisor = scaled.divide(scaled.gcd(denominator));
            if (divisor.bitLength() > 31 || divisor.intValue() > MAX_REMAINDER_STATES) {
                throw new GrammarException("multipleOf %s is not supported: remainders are followed up to %,d"
                        .formatted(stripped.toPlainString(), MAX_REMAINDER_STATES));
            }
            return divisor.intValue();
        }

        @Nullable Written next(Written at, int b) {
            if (b == '-') {
                return at.place == Place.START ? new Written(true, Place.SIGN, 0, 0, 0, false, 0) : null;
            }
            if (b == '.') {
                return !integer && fractionDigits > 0 && (at.place == Place.WHOLE || at.place == Place.ZERO)
                        ? point(at)
                        : null;
            }
            if (b < '0' || b > '9') {
                return null;
            }
            int digit = b - '0';
            return switch (at.place) {
                case START, SIGN, WHOLE -> at.digits == wholeDigits ? null : whole(at, digit);
                case ZERO -> null;
                case POINT, FRACTION -> at.digits == fractionDigits ? null : fraction(at, digit);
            };
        }

        private Written whole(Written at, int digit) {
            return new Written(
                    at.negative,
                    at.place != Place.WHOLE && digit == 0 ? Place.ZERO : Place.WHOLE,
                    at.digits + 1,
                    low == null ? 0 : low.compareWhole(at.low, at.digits, digit),
                    high == null ? 0 : high.compareWhole(at.high, at.digits, digit),
                    at.nonZero || digit != 0,
                    (at.remainder * 10 + digit) % divisor);
        }

        private Written point(Written at) {
            return new Written(
                    at.negative,
                    Place.POINT,
                    0,
                    low == null ? 0 : low.compareLength(at.low, at.digits),
                    high == null ? 0 : high.compareLength(at.high, at.digits),
                    at.nonZero,
                    at.remainder);
        }

        private Written fraction(Written at, int digit) {
            return new Written(
                    at.negative,
                    Place.FRACTION,
                    at.digits + 1,
                    low == null ? 0 : low.compareFraction(at.low, at.digits, digit),
                    high == null ? 0 : high.compareFraction(at.high, at.digits, digit),
                    at.nonZero || digit != 0,
                    (at.remainder * 10 + digit) % divisor);
        }

        boolean accepts(Written at) {
            boolean whole = at.place == Place.WHOLE || at.place == Place.ZERO;
            if ((!whole && at.place != Place.FRACTION) || (at.negative && !at.nonZero)) {
                return false;
            }
            int missing = whole ? fractionDigits : fractionDigits - at.digits;
            long remainder = at.remainder;
            for (int i = 0; i < missing && divisor > 1; i++) {
                remainder = remainder * 10 % divisor;
            }
            return (remainder % divisor == 0) == divisible
                    && (low == null || isOnSide(at, low, at.low, whole, 1))
                    && (high == null || isOnSide(at, high, at.high, whole, -1));
        }

        /** Whether the number is on the {@code side} of the bound: 1 above, -1 below. */
        private static boolean isOnSide(Written at, Digits bound, int soFar, boolean whole, int side) {
            int sign = at.negative ? -1 : 1;
            int order;
            if (bound.sign != 0 && bound.sign != sign) {
                order = sign;
            } else {
                int length = whole ? bound.compareLength(soFar, at.digits) : soFar;
                order = sign * bound.compareEnd(length, whole ? 0 : at.digits);
            }
            return order == 0 ? bound.inclusive : order == side;
        }
    }
}
