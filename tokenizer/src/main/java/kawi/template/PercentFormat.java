package kawi.template;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.List;
import java.util.Locale;
import kawi.tokenizer.OriginText;

/**
 * Python's {@code format % values}: {@code %[(key)][flags][width][.precision]type}, where a width or precision of
 * {@code *} is taken from the values.
 */
final class PercentFormat {

    private final OriginText text;
    private final String format;
    private final Object values;
    private final List<Object> positional;
    private final boolean escaping;
    private final Budget budget;
    private final OriginText.Builder out = new OriginText.Builder();
    private int position;
    private int used;

    private PercentFormat(OriginText text, Object values, boolean escaping, Budget budget) {
        this.text = text;
        this.format = text.toString();
        this.values = values;
        this.escaping = escaping;
        this.budget = budget;
        positional = values instanceof Sequence.Tuple tuple ? tuple.items() : List.of(values);
    }

    static CharSequence format(CharSequence format, Object values, Budget budget) {
        boolean escaping = format instanceof Markup;
        var text = new PercentFormat(Values.text(format), values, escaping, budget).run();
        return escaping ? new Markup(text) : text;
    }

    private OriginText run() {
        while (position < format.length()) {
            int percent = format.indexOf('%', position);
            int end = percent < 0 ? format.length() : percent;
            budget.allocate(end - (long) position);
            out.append(text, position, end);
            position = end;
            if (percent >= 0) {
                position++;
                conversion();
            }
        }
        if (used < positional.size()
                && !(values instanceof Dict)
                && (values instanceof Sequence.Tuple || mustBeUsed())) {
            throw new EvaluationException("not all values were converted by the format");
        }
        return out.build();
    }

    /** Whether an unused single value is an error; it is not if the value supports lookup by key in Python. */
    private boolean mustBeUsed() {
        return !(values instanceof Sequence) && !(values instanceof Undefined);
    }

    private record Flags(boolean left, boolean plus, boolean space, boolean alternate, boolean zero) {}

    private void conversion() {
        Object keyed = null;
        if (at('(')) {
            keyed = keyedValue();
        }
        int flagsStart = position;
        while (position < format.length() && "-+ #0".indexOf(format.charAt(position)) >= 0) {
            position++;
        }
        var letters = format.substring(flagsStart, position);
        var flags = new Flags(
                letters.contains("-"),
                letters.contains("+"),
                letters.contains(" "),
                letters.contains("#"),
                letters.contains("0"));
        long width = number();
        if (width < 0 && width != UNSET) {
            flags = new Flags(true, flags.plus(), flags.space(), flags.alternate(), flags.zero());
            width = width == Long.MIN_VALUE + 1 ? Long.MAX_VALUE : -width;
        }
        long precision = UNSET;
        if (at('.')) {
            position++;
            precision = Math.max(number(), 0);
        }
        while (position < format.length() && "hlL".indexOf(format.charAt(position)) >= 0) {
            position++;
        }
        if (position >= format.length()) {
            throw new EvaluationException("the format ends within a conversion");
        }
        char type = format.charAt(position++);
        if (type == '%') {
            append("", text.substring(position - 1, position), flags, UNSET);
        } else {
            convert(type, keyed == null ? nextValue() : keyed, flags, width, precision);
        }
    }

    private static final long UNSET = Long.MIN_VALUE;

    private boolean at(char c) {
        return position < format.length() && format.charAt(position) == c;
    }

    private Object keyedValue() {
        int depth = 1;
        int end = position + 1;
        while (end < format.length() && depth > 0) {
            depth += format.charAt(end) == '(' ? 1 : format.charAt(end) == ')' ? -1 : 0;
            end++;
        }
        if (depth > 0) {
            throw new EvaluationException("the format key is not closed by ')'");
        }
        var key = format.substring(position + 1, end - 1);
        position = end;
        if (!(values instanceof Dict dict)) {
            throw new EvaluationException("the format requires a mapping for key '" + key + "'");
        }
        var value = dict.get(key, budget);
        if (value == null) {
            throw new EvaluationException("the format's key '" + key + "' is not in the mapping");
        }
        return value;
    }

    private Object nextValue() {
        if (used == positional.size()) {
            throw new EvaluationException("not enough values for the format");
        }
        return positional.get(used++);
    }

    /** A width or precision, or {@link #UNSET}. */
    private long number() {
        if (at('*')) {
            position++;
            return Math.max(Values.index(nextValue(), "a width or precision given by '*'"), Long.MIN_VALUE + 1);
        }
        int start = position;
        while (position < format.length() && Character.digit(format.charAt(position), 10) >= 0) {
            position++;
        }
        if (position - start > 18) {
            throw new EvaluationException("a width or precision of the format is too large");
        }
        return position == start ? UNSET : Long.parseLong(format.substring(start, position));
    }

    private void convert(char type, Object value, Flags flags, long width, long precision) {
        switch (type) {
            case 's', 'r', 'a' -> {
                var shown = type == 's' ? Display.text(value, budget) : Display.repr(value, budget);
                if (escaping && !(value instanceof Markup)) {
                    shown = Markup.escape(shown, budget).text();
                }
                append("", truncated(shown, precision), new Flags(flags.left(), false, false, false, false), width);
            }
            case 'c' -> append("", character(value), new Flags(flags.left(), false, false, false, false), width);
            case 'd', 'i', 'u' -> {
                var number = wholeNumber(value);
                append(sign(number.signum() < 0, flags), digits(number.abs().toString(), precision), flags, width);
            }
            case 'x', 'X', 'o' -> radix(type, value, flags, width, precision);
            case 'e', 'E', 'f', 'F', 'g', 'G' -> {
                if (!Values.isNumber(value)) {
                    throw requiresNumber(type, value);
                }
                double number = Arithmetic.approximate(value);
                int digits = NumberText.precision(precision == UNSET ? 6 : precision);
                budget.allocate(digits);
                boolean negative = NumberText.isNegative(number);
                append(
                        sign(negative, flags),
                        NumberText.of(Math.abs(number), type, digits, flags.alternate()),
                        flags,
                        width);
            }
            default -> throw new EvaluationException("the format has an unknown conversion '%" + type + "'");
        }
    }

    private static EvaluationException requiresNumber(char type, Object value) {
        return new EvaluationException("%%%c requires a number, not %s".formatted(type, Values.typeName(value)));
    }

    private OriginText truncated(OriginText shown, long precision) {
        return precision == UNSET || precision >= CodePoints.length(shown.toString(), budget)
                ? shown
                : shown.substring(0, shown.toString().offsetByCodePoints(0, (int) precision));
    }

    private static OriginText character(Object value) {
        if (value instanceof CharSequence single && single.toString().codePointCount(0, single.length()) == 1) {
            return Values.text(single);
        }
        if (value instanceof Long code && code >= 0 && code <= Character.MAX_CODE_POINT) {
            return OriginText.outside(Character.toString(code.intValue()));
        }
        throw new EvaluationException("the conversion 'c' requires a single character");
    }

    private static BigInteger wholeNumber(Object value) {
        if (value instanceof Double number && Double.isFinite(number)) {
            return new BigDecimal(number).toBigInteger();
        }
        if (!Values.isNumber(value) || value instanceof Double) {
            throw requiresNumber('d', value);
        }
        return Arithmetic.integer(value);
    }

    private void radix(char type, Object value, Flags flags, long width, long precision) {
        if (!Values.isInteger(value) && !(value instanceof Boolean)) {
            throw requiresNumber(type, value);
        }
        var number = Arithmetic.integer(value);
        var digits = digits(number.abs().toString(type == 'o' ? 8 : 16), precision);
        var prefix = flags.alternate() ? type == 'o' ? "0o" : "0x" : "";
        var sign = sign(number.signum() < 0, flags) + prefix;
        boolean upper = type == 'X';
        append(
                upper ? sign.toUpperCase(Locale.ROOT) : sign,
                upper ? digits.toUpperCase(Locale.ROOT) : digits,
                flags,
                width);
    }

    private String digits(String digits, long precision) {
        long missing = precision == UNSET ? 0 : Math.clamp(precision - digits.length(), 0L, Integer.MAX_VALUE);
        return Arithmetic.repeat("0", missing, budget) + digits;
    }

    private static String sign(boolean negative, Flags flags) {
        return negative ? "-" : flags.plus() ? "+" : flags.space() ? " " : "";
    }

    private void append(String sign, String digits, Flags flags, long width) {
        append(sign, OriginText.ofTemplate(digits), flags, width);
    }

    /** Appends sign and body, padded to {@code width} with zeros between them or with spaces before or after them. */
    private void append(String sign, OriginText body, Flags flags, long width) {
        int length = CodePoints.length(sign, budget) + CodePoints.length(body.toString(), budget);
        long missing = width == UNSET ? 0 : Math.clamp(width - length, 0L, Integer.MAX_VALUE);
        var padding = Arithmetic.repeat(flags.zero() && !flags.left() ? "0" : " ", missing, budget);
        budget.allocate((long) sign.length() + body.length());
        if (flags.left()) {
            out.appendOfTemplate(sign).append(body).appendOutside(padding);
        } else if (flags.zero()) {
            out.appendOfTemplate(sign).appendOfTemplate(padding).append(body);
        } else {
            out.appendOutside(padding).appendOfTemplate(sign).append(body);
        }
    }
}
