package kawi.template;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;

/**
 * Formats floats with a given precision, for {@code "%.2f" % x} and {@code "{:.2f}".format(x)}. The exact value of the
 * float is rounded, ties to even, as in C. Numbers are not negative; callers add the sign.
 */
final class NumberText {

    /** Far more than the number of significant digits of any double. */
    private static final long MAX_PRECISION = 10_000;

    private NumberText() {}

    /** Whether the number has a minus sign, including negative zero. */
    static boolean isNegative(double number) {
        return number < 0 || (number == 0 && 1 / number < 0);
    }

    static int precision(long precision) {
        if (precision > MAX_PRECISION) {
            throw new EvaluationException("a precision of more than " + MAX_PRECISION + " digits is not supported");
        }
        return (int) precision;
    }

    /**
     * @param type {@code e}, {@code f}, {@code g} or one of them in upper case
     * @param alternate whether the decimal point and, for {@code g}, trailing zeros are always included
     */
    static String of(double number, char type, int precision, boolean alternate) {
        String text;
        if (Double.isNaN(number)) {
            text = "nan";
        } else if (Double.isInfinite(number)) {
            text = "inf";
        } else {
            text = switch (Character.toLowerCase(type)) {
                case 'f' -> fixed(number, precision, alternate);
                case 'e' -> scientific(number, precision, alternate);
                default -> general(number, precision, alternate);
            };
        }
        return Character.isUpperCase(type) ? text.toUpperCase(java.util.Locale.ROOT) : text;
    }

    private static String fixed(double number, int precision, boolean alternate) {
        var text = new BigDecimal(number)
                .setScale(precision, RoundingMode.HALF_EVEN)
                .toPlainString();
        return precision == 0 && alternate ? text + "." : text;
    }

    private static String scientific(double number, int precision, boolean alternate) {
        var digits = digits(number, precision + 1);
        var point = precision > 0 || alternate ? "." : "";
        return digits.text().charAt(0) + point + digits.text().substring(1) + exponent(digits.exponent());
    }

    private static String general(double number, int precision, boolean alternate) {
        int significant = Math.max(precision, 1);
        var digits = digits(number, significant);
        int exponent = digits.exponent();
        boolean scientific = exponent < -4 || exponent >= significant;
        var text = scientific
                ? digits.text().charAt(0) + "." + digits.text().substring(1)
                : fixed(number, Math.max(significant - 1 - exponent, 0), true);
        if (!alternate) {
            int end = text.length();
            while (text.charAt(end - 1) == '0' && text.indexOf('.') < end - 1 && text.indexOf('.') >= 0) {
                end--;
            }
            text = text.substring(0, text.charAt(end - 1) == '.' ? end - 1 : end);
        }
        return scientific ? text + exponent(exponent) : text;
    }

    /** The significant digits of a number, and the power of ten of the first one. */
    private record Digits(String text, int exponent) {}

    private static Digits digits(double number, int count) {
        if (number == 0) {
            return new Digits("0".repeat(count), 0);
        }
        var rounded = new BigDecimal(number).round(new MathContext(count, RoundingMode.HALF_EVEN));
        var text = rounded.unscaledValue().toString();
        int exponent = text.length() - 1 - rounded.scale();
        return new Digits(text + "0".repeat(Math.max(count - text.length(), 0)), exponent);
    }

    private static String exponent(int exponent) {
        return "e%c%02d".formatted(exponent < 0 ? '-' : '+', Math.abs(exponent));
    }
}
