package kawi.template;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import kawi.tokenizer.OriginText;

/**
 * The operators {@code + - * / // % **} and the signs. Integers are {@code long} or, if that overflows,
 * {@link BigInteger} with at most {@value #MAX_BITS} bits. Integer division rounds toward negative infinity.
 */
final class Arithmetic {

    /** The bits of an integer of 4300 digits, the longest that Python converts to a string. */
    static final int MAX_BITS = 14_284;

    private static final BigInteger MIN_LONG = BigInteger.valueOf(Long.MIN_VALUE);
    private static final BigInteger MAX_LONG = BigInteger.valueOf(Long.MAX_VALUE);

    private Arithmetic() {}

    static Object binary(String operator, Object left, Object right, Budget budget) {
        if (Values.isNumber(left) && Values.isNumber(right)) {
            return left instanceof Double || right instanceof Double
                    ? floats(operator, approximate(left), approximate(right))
                    : integers(operator, integer(left), integer(right), budget);
        }
        if (operator.equals("%") && left instanceof CharSequence format) {
            return PercentFormat.format(format, right, budget);
        }
        if (left instanceof Undefined undefined) {
            throw undefined.failure();
        }
        if (right instanceof Undefined undefined) {
            throw undefined.failure();
        }
        return switch (operator) {
            case "+" -> concatenate(left, right, budget);
            case "*" -> repeat(left, right, budget);
            default -> throw unsupported(operator, left, right);
        };
    }

    private static EvaluationException unsupported(String operator, Object left, Object right) {
        return new EvaluationException("'%s' is not supported between %s and %s"
                .formatted(operator, Values.typeName(left), Values.typeName(right)));
    }

    private static Object concatenate(Object left, Object right, Budget budget) {
        if (left instanceof CharSequence a && right instanceof CharSequence b) {
            if (left instanceof Markup || right instanceof Markup) {
                return new Markup(join(Markup.escape(a, budget), Markup.escape(b, budget), budget));
            }
            return join(a, b, budget);
        }
        if (left instanceof Sequence.ListValue a && right instanceof Sequence.ListValue b) {
            return new Sequence.ListValue(join(a.items(), b.items(), budget));
        }
        if (left instanceof Sequence.Tuple a && right instanceof Sequence.Tuple b) {
            return new Sequence.Tuple(join(a.items(), b.items(), budget));
        }
        throw unsupported("+", left, right);
    }

    private static OriginText join(CharSequence left, CharSequence right, Budget budget) {
        var first = Values.text(left);
        var second = Values.text(right);
        budget.allocate((long) first.length() + second.length() + first.spans() + second.spans());
        return first.concat(second);
    }

    private static List<Object> join(List<Object> left, List<Object> right, Budget budget) {
        budget.allocate((long) left.size() + right.size());
        var items = new ArrayList<>(left.size() + right.size());
        items.addAll(left);
        items.addAll(right);
        return items;
    }

    private static Object repeat(Object left, Object right, Budget budget) {
        boolean countFirst = Values.isInteger(left) || left instanceof Boolean;
        var repeated = countFirst ? right : left;
        var factor = countFirst ? left : right;
        if (!Values.isInteger(factor) && !(factor instanceof Boolean)) {
            throw unsupported("*", left, right);
        }
        long count = Math.clamp(Values.index(factor, "factor"), 0, Integer.MAX_VALUE);
        return switch (repeated) {
            case CharSequence text -> Markup.like(text, repeat(Values.text(text), count, budget));
            case Sequence.ListValue list -> new Sequence.ListValue(repeat(list.items(), count, budget));
            case Sequence.Tuple tuple -> new Sequence.Tuple(repeat(tuple.items(), count, budget));
            default -> throw unsupported("*", left, right);
        };
    }

    static OriginText repeat(OriginText text, long count, Budget budget) {
        budget.allocate(text.length() * count);
        return text.isEmpty() ? text : text.repeat((int) count);
    }

    static String repeat(String text, long count, Budget budget) {
        budget.allocate(text.length() * count);
        return text.isEmpty() ? text : text.repeat((int) count);
    }

    private static List<Object> repeat(List<Object> items, long count, Budget budget) {
        budget.allocate(items.size() * count);
        var repeated = new ArrayList<>();
        if (!items.isEmpty()) {
            Collections.nCopies((int) count, items).forEach(repeated::addAll);
        }
        return repeated;
    }

    private static Object integers(String operator, BigInteger left, BigInteger right, Budget budget) {
        budget.step((left.bitLength() + right.bitLength()) >> 5);
        boolean byZero = right.signum() == 0;
        return switch (operator) {
            case "+" -> normalized(left.add(right));
            case "-" -> normalized(left.subtract(right));
            case "*" -> normalized(left.multiply(right));
            case "/" -> {
                if (byZero) {
                    throw new EvaluationException("division by zero");
                }
                yield quotient(left, right);
            }
            case "//", "%" -> {
                if (byZero) {
                    throw new EvaluationException("integer division or modulo by zero");
                }
                var parts = left.divideAndRemainder(right);
                boolean roundedUp = parts[1].signum() * right.signum() < 0;
                yield operator.equals("%")
                        ? normalized(roundedUp ? parts[1].add(right) : parts[1])
                        : normalized(roundedUp ? parts[0].subtract(BigInteger.ONE) : parts[0]);
            }
            default -> power(left, right);
        };
    }

    /** The float that is nearest to the exact quotient. */
    private static Object quotient(BigInteger left, BigInteger right) {
        double a = left.doubleValue();
        double b = right.doubleValue();
        boolean exactOperands = left.bitLength() <= 53 && right.bitLength() <= 53;
        double quotient = exactOperands ? a / b : roundedQuotient(left, right);
        if (Double.isInfinite(quotient)) {
            throw new EvaluationException("integer division result too large for a float");
        }
        return quotient;
    }

    private static double roundedQuotient(BigInteger left, BigInteger right) {
        // 800 digits are sufficient to decide ties between adjacent doubles.
        var digits = new MathContext(800, RoundingMode.HALF_EVEN);
        return new BigDecimal(left).divide(new BigDecimal(right), digits).doubleValue();
    }

    private static Object power(BigInteger base, BigInteger exponent) {
        if (exponent.signum() < 0) {
            return floats("**", base.doubleValue(), exponent.doubleValue());
        }
        if (base.abs().bitLength() <= 1) {
            return normalized(base.pow(exponent.signum() == 0 ? 0 : exponent.testBit(0) ? 1 : 2));
        }
        if (exponent.bitLength() > 31 || base.bitLength() * exponent.longValue() > 2L * MAX_BITS) {
            throw tooLarge();
        }
        return normalized(base.pow(exponent.intValue()));
    }

    private static Object floats(String operator, double left, double right) {
        if (right == 0) {
            switch (operator) {
                case "/", "//", "%" -> throw new EvaluationException("float division by zero");
                default -> {}
            }
        }
        return switch (operator) {
            case "+" -> left + right;
            case "-" -> left - right;
            case "*" -> left * right;
            case "/" -> left / right;
            case "//" -> floorQuotient(left, right);
            case "%" -> modulo(left, right);
            default -> power(left, right);
        };
    }

    /** The remainder has the sign of the divisor. */
    private static double modulo(double left, double right) {
        double remainder = left % right;
        if (remainder == 0) {
            return Math.copySign(0.0, right);
        }
        return remainder < 0 == right < 0 ? remainder : remainder + right;
    }

    private static double floorQuotient(double left, double right) {
        double remainder = left % right;
        double quotient = (left - remainder) / right;
        if (remainder != 0 && remainder < 0 != right < 0) {
            quotient -= 1;
        }
        if (quotient == 0) {
            return Math.copySign(0.0, left / right);
        }
        double floor = Math.floor(quotient);
        return quotient - floor > 0.5 ? floor + 1 : floor;
    }

    private static double power(double base, double exponent) {
        if (base == 0 && exponent < 0) {
            throw new EvaluationException("0.0 cannot be raised to a negative power");
        }
        if (base < 0 && Double.isFinite(base) && Double.isFinite(exponent) && exponent != Math.rint(exponent)) {
            throw new EvaluationException(
                    "a negative number raised to a fractional power is complex, which is not supported");
        }
        double power = base == 1 || exponent == 0 ? 1 : Math.pow(base, exponent);
        if (Double.isInfinite(power) && Double.isFinite(base) && Double.isFinite(exponent)) {
            throw new EvaluationException("numerical result out of range");
        }
        return power;
    }

    static Object negate(Object value) {
        return switch (value) {
            case Double number -> -number;
            case Undefined undefined -> throw undefined.failure();
            default -> normalized(integerOperand("-", value).negate());
        };
    }

    static Object plus(Object value) {
        return switch (value) {
            case Double number -> number;
            case Undefined undefined -> throw undefined.failure();
            default -> normalized(integerOperand("+", value));
        };
    }

    static Object absolute(Object value) {
        return switch (value) {
            case Double number -> Math.abs(number);
            default -> normalized(integerOperand("abs", value).abs());
        };
    }

    private static BigInteger integerOperand(String operator, Object value) {
        if (Values.isInteger(value) || value instanceof Boolean) {
            return integer(value);
        }
        throw new EvaluationException("'%s' is not supported for %s".formatted(operator, Values.typeName(value)));
    }

    /** An integer or boolean as {@link BigInteger}. */
    static BigInteger integer(Object value) {
        return value instanceof BigInteger big ? big : BigInteger.valueOf(Values.index(value, "number"));
    }

    /** Converts {@code value} to {@link Long} if it fits. */
    static Object normalized(BigInteger value) {
        if (value.bitLength() > MAX_BITS) {
            throw tooLarge();
        }
        return value.compareTo(MIN_LONG) >= 0 && value.compareTo(MAX_LONG) <= 0 ? (Object) value.longValue() : value;
    }

    private static EvaluationException tooLarge() {
        return new EvaluationException("the integer result has more than 4300 digits");
    }

    /** Converts a number to the nearest float. */
    static double approximate(Object number) {
        return switch (number) {
            case Double value -> value;
            case BigInteger value -> {
                double rounded = value.doubleValue();
                if (Double.isInfinite(rounded)) {
                    throw new EvaluationException("the integer is too large to convert to float");
                }
                yield rounded;
            }
            default -> Values.index(number, "number");
        };
    }
}
