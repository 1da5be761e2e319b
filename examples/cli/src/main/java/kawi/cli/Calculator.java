package kawi.cli;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;

/**
 * Evaluates {@code + - * / ^} and parentheses with exact fractions. A result that is not a finite decimal fraction is
 * rounded to 34 digits and marked as rounded.
 *
 * <pre>
 *    sum     = product { ("+" | "-") product }
 *    product = factor { ("*" | "/") factor }
 *    factor  = ("+" | "-") factor | power
 *    power   = atom [ "^" factor ]
 *    atom    = number | "(" sum ")"
 * </pre>
 */
final class Calculator {

    private static final int MAX_EXPRESSION = 1000;
    private static final int MAX_NESTING = 100;
    private static final int MAX_BITS = 4096;

    private final String text;
    private int at;
    private int depth;

    private Calculator(String text) {
        this.text = text;
    }

    /** A fraction; the denominator is positive, and the two have no common factor. */
    private record Fraction(BigInteger numerator, BigInteger denominator) {

        static final Fraction ONE = new Fraction(BigInteger.ONE, BigInteger.ONE);

        static Fraction of(BigInteger numerator, BigInteger denominator) {
            BigInteger common = numerator.gcd(denominator);
            BigInteger divisor = denominator.signum() < 0 ? common.negate() : common;
            Fraction fraction = new Fraction(numerator.divide(divisor), denominator.divide(divisor));
            if (Math.max(fraction.numerator.bitLength(), fraction.denominator.bitLength()) > MAX_BITS) {
                throw new IllegalArgumentException("an intermediate result is too large");
            }
            return fraction;
        }

        Fraction plus(Fraction other) {
            return of(
                    numerator.multiply(other.denominator).add(other.numerator.multiply(denominator)),
                    denominator.multiply(other.denominator));
        }

        Fraction times(Fraction other) {
            return of(numerator.multiply(other.numerator), denominator.multiply(other.denominator));
        }

        Fraction negated() {
            return new Fraction(numerator.negate(), denominator);
        }

        Fraction inverted() {
            if (numerator.signum() == 0) {
                throw new IllegalArgumentException("division by zero");
            }
            return of(/* numerator= */ denominator, /* denominator= */ numerator);
        }

        Fraction power(Fraction exponent) {
            if (!exponent.denominator.equals(BigInteger.ONE)) {
                throw new IllegalArgumentException("the exponent must be a whole number");
            }
            if (exponent.numerator.bitLength() > 16) {
                throw new IllegalArgumentException("the exponent is too large");
            }
            int times = Math.abs(exponent.numerator.intValue());
            Fraction base = exponent.numerator.signum() < 0 ? inverted() : this;
            Fraction result = ONE;
            for (int i = 0; i < times; i++) {
                result = result.times(base);
            }
            return result;
        }

        @Override
        public String toString() {
            BigDecimal exact = new BigDecimal(numerator);
            try {
                BigDecimal decimal = exact.divide(new BigDecimal(denominator)).stripTrailingZeros();
                return decimal.signum() == 0 ? "0" : decimal.toPlainString();
            } catch (ArithmeticException e) { // its digits never end
                return exact.divide(new BigDecimal(denominator), MathContext.DECIMAL128) + " (rounded)";
            }
        }
    }

    /**
     * The value of an expression.
     *
     * @throws IllegalArgumentException if it has none; the message says why
     */
    static String evaluate(String expression) {
        if (expression.length() > MAX_EXPRESSION) {
            throw new IllegalArgumentException(
                    "the expression has %d characters, more than %d".formatted(expression.length(), MAX_EXPRESSION));
        }
        Calculator calculator = new Calculator(expression);
        Fraction value = calculator.sum();
        if (calculator.peek() != '\0') {
            throw calculator.unexpected("an operator");
        }
        return value.toString();
    }

    private Fraction sum() {
        Fraction value = product();
        while (true) {
            if (accept('+')) {
                value = value.plus(product());
            } else if (accept('-')) {
                value = value.plus(product().negated());
            } else {
                return value;
            }
        }
    }

    private Fraction product() {
        Fraction value = factor();
        while (true) {
            if (accept('*')) {
                value = value.times(factor());
            } else if (accept('/')) {
                value = value.times(factor().inverted());
            } else {
                return value;
            }
        }
    }

    private Fraction factor() {
        if (++depth > MAX_NESTING) {
            throw new IllegalArgumentException("the expression is nested too deeply");
        }
        Fraction value = accept('-') ? factor().negated() : accept('+') ? factor() : power();
        depth--;
        return value;
    }

    private Fraction power() {
        Fraction base = atom();
        return accept('^') ? base.power(factor()) : base;
    }

    private Fraction atom() {
        if (accept('(')) {
            Fraction value = sum();
            if (!accept(')')) {
                throw unexpected("\")\"");
            }
            return value;
        }
        peek();
        int start = at;
        while (at < text.length() && isDigitOrPoint(text.charAt(at))) {
            at++;
        }
        try {
            BigDecimal number = new BigDecimal(text.substring(start, at));
            return Fraction.of(number.unscaledValue(), BigInteger.TEN.pow(number.scale()));
        } catch (NumberFormatException e) {
            at = start;
            throw unexpected("a number");
        }
    }

    private static boolean isDigitOrPoint(char c) {
        return (c >= '0' && c <= '9') || c == '.';
    }

    /** The next character that is not blank; NUL at the end. */
    private char peek() {
        while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
            at++;
        }
        return at < text.length() ? text.charAt(at) : '\0';
    }

    private boolean accept(char c) {
        boolean there = peek() == c;
        if (there) {
            at++;
        }
        return there;
    }

    private IllegalArgumentException unexpected(String expected) {
        return new IllegalArgumentException("expected %s at character %d, found %s"
                .formatted(expected, at + 1, at < text.length() ? "\"" + text.charAt(at) + "\"" : "the end"));
    }
}
