package kawi.template;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import kawi.tokenizer.OriginText;
import org.jspecify.annotations.Nullable;

/** Filters whose result is a number. */
final class NumberFilters {

    private static final Pattern FLOAT =
            Pattern.compile("[+-]?(\\d+\\.?\\d*|\\.\\d+)(e[+-]?\\d+)?", Pattern.CASE_INSENSITIVE);

    /** Longer strings are not converted; the limit of Python is 4300 digits. */
    private static final int MAX_LENGTH = 4300;

    private NumberFilters() {}

    static @Nullable Filter find(String name) {
        return switch (name) {
            case "int" -> NumberFilters::toInteger;
            case "float" -> NumberFilters::toFloat;
            case "abs" ->
                (value, arguments, _) -> {
                    arguments.bind("abs", 0);
                    return Arithmetic.absolute(value);
                };
            case "round" -> NumberFilters::round;
            case "sum" -> NumberFilters::sum;
            case "filesizeformat" -> NumberFilters::fileSize;
            default -> null;
        };
    }

    private static Object toInteger(Object value, Arguments arguments, Budget budget) {
        var bound = arguments.bind("int", 0, "default", "base");
        var defaultValue = bound.get(0, 0L);
        return switch (value) {
            case Undefined undefined -> throw undefined.failure();
            case CharSequence text -> {
                budget.scan(text.length());
                var integer = parseInteger(CodePoints.strip(text.toString()), bound.integer(1, 10));
                if (integer != null) {
                    yield integer;
                }
                var number = parseFloat(text.toString());
                yield number == null || !Double.isFinite(number) ? defaultValue : truncated(number);
            }
            case Double number -> {
                if (number.isInfinite()) {
                    throw new EvaluationException("an infinite number cannot be converted to an integer");
                }
                yield number.isNaN() ? defaultValue : truncated(number);
            }
            default -> Values.isNumber(value) ? Arithmetic.plus(value) : defaultValue;
        };
    }

    private static Object truncated(double number) {
        return Arithmetic.normalized(new BigDecimal(number).toBigInteger());
    }

    /**
     * Equivalent to Python's {@code int(text, base)}, or null if that fails; for base 0 the prefix determines the base.
     */
    private static @Nullable Object parseInteger(String text, long base) {
        if (base != 0 && (base < 2 || base > 36)) {
            return null;
        }
        boolean signed = text.startsWith("-") || text.startsWith("+");
        var digits = signed ? text.substring(1) : text;
        long prefixBase = 10;
        if (digits.length() > 1 && digits.charAt(0) == '0') {
            prefixBase = switch (Character.toLowerCase(digits.charAt(1))) {
                case 'x' -> 16;
                case 'o' -> 8;
                case 'b' -> 2;
                default -> 10;
            };
        }
        long radix = base == 0 ? prefixBase : base;
        if (prefixBase != 10 && radix == prefixBase) {
            digits = digits.substring(digits.startsWith("_", 2) ? 3 : 2);
        } else if (base == 0 && digits.matches("0[0_]*[1-9].*")) {
            return null;
        }
        var plain = withoutSeparators(digits);
        if (plain == null || plain.isEmpty() || !plain.chars().allMatch(c -> Character.digit(c, (int) radix) >= 0)) {
            return null;
        }
        var magnitude = new BigInteger(plain, (int) radix);
        return Arithmetic.normalized(text.startsWith("-") ? magnitude.negate() : magnitude);
    }

    private static Object toFloat(Object value, Arguments arguments, Budget budget) {
        var defaultValue = arguments.bind("float", 0, "default").get(0, 0.0);
        return switch (value) {
            case Undefined undefined -> throw undefined.failure();
            case CharSequence text -> {
                budget.scan(text.length());
                var number = parseFloat(text.toString());
                yield number == null ? defaultValue : number;
            }
            default -> Values.isNumber(value) ? (Object) Arithmetic.approximate(value) : defaultValue;
        };
    }

    private static @Nullable Double parseFloat(String text) {
        var number = withoutSeparators(CodePoints.strip(text));
        if (number == null) {
            return null;
        }
        if (FLOAT.matcher(number).matches()) {
            return Double.parseDouble(number);
        }
        boolean negative = number.startsWith("-");
        boolean signed = negative || number.startsWith("+");
        return switch (number.substring(signed ? 1 : 0).toLowerCase(Locale.ROOT)) {
            case "inf", "infinity" -> negative ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
            case "nan" -> Double.NaN;
            default -> null;
        };
    }

    /** Removes the underscores that Python allows between two digits; returns {@code null} if there are any others. */
    private static @Nullable String withoutSeparators(String number) {
        if (number.length() > MAX_LENGTH) {
            return null;
        }
        for (int i = number.indexOf('_'); i >= 0; i = number.indexOf('_', i + 1)) {
            boolean between = i > 0
                    && i + 1 < number.length()
                    && Character.isLetterOrDigit(number.charAt(i - 1))
                    && Character.isLetterOrDigit(number.charAt(i + 1));
            if (!between) {
                return null;
            }
        }
        return number.replace("_", "");
    }

    private static Object fileSize(Object value, Arguments arguments, Budget budget) {
        boolean binary = arguments.bind("filesizeformat", 0, "binary").truth(0);
        if (!(toFloat(value, new Arguments(List.of(None.NONE), Map.of()), budget) instanceof Double bytes)
                || !Double.isFinite(bytes)) {
            throw new EvaluationException("filesizeformat: expected a number, found " + Values.typeName(value));
        }
        int base = binary ? 1024 : 1000;
        if (bytes == 1) {
            return OriginText.ofTemplate("1 Byte");
        }
        if (bytes < base) {
            return OriginText.ofTemplate(new BigDecimal(bytes).toBigInteger() + " Bytes");
        }
        var prefixes = binary ? "KMGTPEZY" : "kMGTPEZY";
        double unit = (double) base * base;
        int prefix = 0;
        while (bytes >= unit && prefix < prefixes.length() - 1) {
            unit *= base;
            prefix++;
        }
        return OriginText.ofTemplate("%s %s%sB"
                .formatted(
                        NumberText.of(base * bytes / unit, 'f', 1, false), prefixes.charAt(prefix), binary ? "i" : ""));
    }

    private static Object round(Object value, Arguments arguments, Budget budget) {
        var bound = arguments.bind("round", 0, "precision", "method");
        long precision = Math.clamp(bound.integer(0, 0), -400L, 400L);
        var method = bound.string(1, "common");
        if (value instanceof Undefined undefined) {
            throw undefined.failure();
        }
        if (!Values.isNumber(value)) {
            throw new EvaluationException("round: expected a number, found " + Values.typeName(value));
        }
        return switch (method) {
            case "common" ->
                value instanceof Double number
                        ? roundHalfEven(number, (int) precision)
                        : roundInteger(value, (int) precision);
            case "ceil", "floor" -> {
                var power = Arithmetic.binary("**", 10L, precision, budget);
                double scaled = Arithmetic.approximate(Arithmetic.binary("*", value, power, budget));
                if (!Double.isFinite(scaled)) {
                    throw new EvaluationException("round: the number is not finite");
                }
                var whole = truncated(method.equals("ceil") ? Math.ceil(scaled) : Math.floor(scaled));
                yield Arithmetic.binary("/", whole, power, budget);
            }
            default -> throw new EvaluationException("round: method must be common, ceil or floor");
        };
    }

    /** Rounds the exact value of the float to the nearest decimal, ties to even. */
    private static double roundHalfEven(double number, int precision) {
        if (!Double.isFinite(number)) {
            return number;
        }
        double rounded = new BigDecimal(number)
                .setScale(precision, RoundingMode.HALF_EVEN)
                .doubleValue();
        return rounded == 0 ? Math.copySign(0.0, number) : rounded;
    }

    private static Object roundInteger(Object value, int precision) {
        var integer = Arithmetic.integer(value);
        return precision >= 0
                ? Arithmetic.normalized(integer)
                : Arithmetic.normalized(new BigDecimal(integer)
                        .setScale(precision, RoundingMode.HALF_EVEN)
                        .toBigInteger());
    }

    private static Object sum(Object value, Arguments arguments, Budget budget) {
        var bound = arguments.bind("sum", 0, "attribute", "start");
        var sum = bound.get(1, 0L);
        if (sum instanceof CharSequence) {
            throw new EvaluationException("sum: strings cannot be added; use the join filter");
        }
        var path = AttributePath.of(bound.get(0), budget);
        var iterator = Values.iterate(value, budget);
        while (iterator.hasNext()) {
            budget.step();
            sum = Arithmetic.binary("+", sum, path.follow(iterator.next(), budget), budget);
        }
        return sum;
    }
}
