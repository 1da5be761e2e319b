package kawi.template;

import java.math.BigInteger;
import java.util.Locale;
import kawi.tokenizer.OriginText;

/**
 * Python's {@code str.format}: <code>{field!conversion:[[fill]align][sign][#][0][width][,][.precision][type]}</code>,
 * where {@code field} is empty, a number or a name, followed by attributes and subscripts.
 */
final class BraceFormat {

    private static final int MAX_NESTING = 2;

    private final Arguments arguments;
    private final Budget budget;
    private int automatic;

    private BraceFormat(Arguments arguments, Budget budget) {
        this.arguments = arguments;
        this.budget = budget;
    }

    static OriginText format(OriginText format, Arguments arguments, Budget budget) {
        return new BraceFormat(arguments, budget).expand(format, MAX_NESTING);
    }

    private OriginText expand(OriginText text, int nesting) {
        var format = text.toString();
        if (nesting == 0) {
            throw new EvaluationException("format: fields are nested too deeply");
        }
        var out = new OriginText.Builder();
        int i = 0;
        while (i < format.length()) {
            char c = format.charAt(i);
            budget.allocate(1);
            if (c != '{' && c != '}') {
                out.append(text, i, i + 1);
                i++;
            } else if (i + 1 < format.length() && format.charAt(i + 1) == c) {
                out.append(text, i, i + 1);
                i += 2;
            } else if (c == '}') {
                throw new EvaluationException("format: single '}' in the format string");
            } else {
                int end = endOfField(format, i + 1);
                out.append(field(text.substring(i + 1, end), nesting));
                i = end + 1;
            }
        }
        return out.build();
    }

    private static int endOfField(String format, int start) {
        int depth = 1;
        for (int i = start; i < format.length(); i++) {
            depth += format.charAt(i) == '{' ? 1 : format.charAt(i) == '}' ? -1 : 0;
            if (depth == 0) {
                return i;
            }
        }
        throw new EvaluationException("format: expected '}' after '{'");
    }

    private OriginText field(OriginText text, int nesting) {
        var field = text.toString();
        int end = 0;
        boolean subscript = false;
        while (end < field.length() && (subscript || !isFieldEnd(field.charAt(end)))) {
            subscript = field.charAt(end) == '[' || (subscript && field.charAt(end) != ']');
            end++;
        }
        var value = value(field.substring(0, end));
        int spec = end;
        if (field.startsWith("!", end)) {
            spec = Math.min(end + 2, field.length());
            value = converted(value, field.substring(end + 1, spec));
        }
        if (spec < field.length() && field.charAt(spec) != ':') {
            throw new EvaluationException("format: expected ':' after the conversion");
        }
        var written = spec < field.length() ? text.substring(spec + 1) : OriginText.EMPTY;
        boolean nested = written.toString().indexOf('{') >= 0;
        return formatted(value, (nested ? expand(written, nesting - 1) : written).toString());
    }

    private static boolean isFieldEnd(char c) {
        return c == '!' || c == ':';
    }

    private Object converted(Object value, String conversion) {
        return switch (conversion) {
            case "s" -> Display.text(value, budget);
            case "r", "a" -> Display.repr(value, budget);
            default -> throw new EvaluationException("format: unknown conversion '!" + conversion + "'");
        };
    }

    private Object value(String path) {
        int end = 0;
        while (end < path.length() && path.charAt(end) != '.' && path.charAt(end) != '[') {
            end++;
        }
        var value = argument(path.substring(0, end));
        while (end < path.length()) {
            boolean attribute = path.charAt(end) == '.';
            int start = end + 1;
            end = start;
            while (end < path.length()
                    && (attribute ? path.charAt(end) != '.' && path.charAt(end) != '[' : path.charAt(end) != ']')) {
                end++;
            }
            var name = path.substring(start, end);
            if (name.isEmpty()) {
                throw new EvaluationException("format: a field has an empty attribute");
            }
            if (attribute) {
                value = Lookup.attribute(value, name, budget);
            } else {
                boolean index = name.length() < 18 && name.chars().allMatch(c -> c >= '0' && c <= '9');
                value = Lookup.item(value, index ? (Object) Long.parseLong(name) : name, budget);
                end++;
            }
        }
        return value;
    }

    private Object argument(String name) {
        boolean numbered = name.length() < 9 && name.chars().allMatch(c -> c >= '0' && c <= '9');
        if (!numbered) {
            var value = arguments.named().get(name);
            if (value == null) {
                throw new EvaluationException("format: there is no argument '" + name + "'");
            }
            return value;
        }
        if (name.isEmpty() ? automatic < 0 : automatic > 0) {
            throw new EvaluationException("format: numbered and automatic fields cannot be mixed");
        }
        int index;
        if (name.isEmpty()) {
            index = automatic++;
        } else {
            index = Integer.parseInt(name);
            automatic = -1;
        }
        if (index >= arguments.positional().size()) {
            throw new EvaluationException("format: there is no argument " + index);
        }
        return arguments.positional().get(index);
    }

    private OriginText formatted(Object value, String spec) {
        if (spec.isEmpty()) {
            return Display.text(value, budget);
        }
        return switch (value) {
            case CharSequence text -> text(Values.text(text), FormatSpec.parse(spec));
            case Long _, BigInteger _, Boolean _ -> OriginText.ofTemplate(integer(value, FormatSpec.parse(spec)));
            case Double number -> OriginText.ofTemplate(decimal(number, FormatSpec.parse(spec)));
            default ->
                throw new EvaluationException("format: unsupported format specification for a value of type %s"
                        .formatted(Values.typeName(value)));
        };
    }

    private OriginText text(OriginText text, FormatSpec spec) {
        if ((spec.type() != 0 && spec.type() != 's') || spec.sign() != '-' || spec.grouping() != 0) {
            throw new EvaluationException("format: the format specification is not valid for strings");
        }
        long length = CodePoints.length(text.toString(), budget);
        boolean truncated = spec.precision() >= 0 && spec.precision() < length;
        var shown = truncated ? text.substring(0, text.toString().offsetByCodePoints(0, (int) spec.precision())) : text;
        long missing = Math.clamp(spec.width() - (truncated ? spec.precision() : length), 0L, Integer.MAX_VALUE);
        long before = before(missing, spec, '<');
        var left = OriginText.outside(Arithmetic.repeat(spec.fill(), before, budget));
        var right = OriginText.outside(Arithmetic.repeat(spec.fill(), missing - before, budget));
        budget.allocate(shown.length());
        return left.concat(shown).concat(right);
    }

    private String integer(Object value, FormatSpec spec) {
        var number = Arithmetic.integer(value);
        var magnitude = number.abs();
        var digits = switch (spec.type()) {
            case 0, 'd', 'n' -> magnitude.toString();
            case 'x' -> magnitude.toString(16);
            case 'X' -> magnitude.toString(16).toUpperCase(Locale.ROOT);
            case 'o' -> magnitude.toString(8);
            case 'b' -> magnitude.toString(2);
            case 'c' ->
                Character.toString(
                        (int) Math.clamp(Values.index(value, "a character code"), 0L, Character.MAX_CODE_POINT));
            default -> "";
        };
        if (digits.isEmpty()) {
            return decimal(Arithmetic.approximate(value), spec);
        }
        boolean prefixed = spec.alternate() && "xXob".indexOf(spec.type()) >= 0;
        var sign = sign(number.signum() < 0, spec) + (prefixed ? "0" + spec.type() : "");
        return pad(sign, digits, spec);
    }

    private String decimal(double number, FormatSpec spec) {
        boolean negative = NumberText.isNegative(number);
        double magnitude = Math.abs(number);
        int precision = NumberText.precision(spec.precision() < 0 ? 6 : spec.precision());
        budget.allocate(precision);
        var digits = switch (spec.type()) {
            case 0 ->
                spec.precision() < 0
                        ? Display.number(magnitude)
                        : withPoint(NumberText.of(magnitude, 'g', Math.max(precision, 1), spec.alternate()));
            case 'n' -> NumberText.of(magnitude, 'g', precision, spec.alternate());
            case 'e', 'E', 'f', 'F', 'g', 'G' -> NumberText.of(magnitude, spec.type(), precision, spec.alternate());
            case '%' -> NumberText.of(magnitude * 100, 'f', precision, spec.alternate()) + "%";
            default -> throw new EvaluationException("format: unknown type '" + spec.type() + "' for a number");
        };
        return pad(sign(negative, spec), digits, spec);
    }

    /** Appends {@code .0} to an integer, because a float without a format type has a fraction. */
    private static String withPoint(String digits) {
        return digits.chars().allMatch(Character::isDigit) ? digits + ".0" : digits;
    }

    private static String sign(boolean negative, FormatSpec spec) {
        return negative ? "-" : spec.sign() == '-' ? "" : String.valueOf(spec.sign());
    }

    private static long before(long missing, FormatSpec spec, char defaultAlignment) {
        return switch (spec.alignment() == 0 ? defaultAlignment : spec.alignment()) {
            case '<' -> 0;
            case '^' -> missing / 2;
            default -> missing;
        };
    }

    private String pad(String sign, String body, FormatSpec spec) {
        boolean afterSign = spec.alignment() == '=';
        var grouped = grouped(body, spec, afterSign ? spec.width() - sign.length() : 0);
        int length = CodePoints.length(sign, budget) + CodePoints.length(grouped, budget);
        long missing = Math.clamp(spec.width() - length, 0L, Integer.MAX_VALUE);
        budget.allocate((long) sign.length() + grouped.length());
        long before = before(missing, spec, '>');
        var left = Arithmetic.repeat(spec.fill(), before, budget);
        var right = Arithmetic.repeat(spec.fill(), missing - before, budget);
        return afterSign ? sign + left + grouped : left + sign + grouped + right;
    }

    /** @param width the width to fill with grouped zeros, if the fill character is zero */
    private String grouped(String body, FormatSpec spec, long width) {
        if (spec.grouping() == 0) {
            return body;
        }
        int whole = 0;
        while (whole < body.length() && Character.digit(body.charAt(whole), 16) >= 0 && body.charAt(whole) != 'e') {
            whole++;
        }
        var digits = body.substring(0, whole);
        var rest = body.substring(whole);
        int group = spec.type() != 0 && "xXob".indexOf(spec.type()) >= 0 ? 4 : 3;
        if (spec.fill().equals("0")) {
            long available = Math.clamp(width - rest.length(), 0L, Integer.MAX_VALUE);
            long wanted = available - available / (group + 1);
            if (wanted + (wanted - 1) / group < available) {
                wanted++; // the first character is never a separator
            }
            digits = Arithmetic.repeat("0", Math.max(wanted - digits.length(), 0), budget) + digits;
        }
        var out = new StringBuilder();
        for (int i = 0; i < digits.length(); i++) {
            budget.allocate(2);
            if (i > 0 && (digits.length() - i) % group == 0) {
                out.append(spec.grouping());
            }
            out.append(digits.charAt(i));
        }
        return out.append(rest).toString();
    }
}
