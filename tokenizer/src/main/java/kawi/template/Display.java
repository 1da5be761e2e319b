package kawi.template;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.util.Collection;

/**
 * Implements {@code str(value)} and {@code repr(value)}. Values that Python prints with a memory address (functions,
 * generators) are rejected, because their representation differs between runs.
 */
final class Display {

    private Display() {}

    /** {@code str(value)}. */
    static String text(Object value, Budget budget) {
        return switch (value) {
            case CharSequence text -> text.toString();
            case Undefined _ -> "";
            case None _ -> "None";
            case Long number -> number.toString();
            default -> {
                var out = new StringBuilder();
                repr(value, out, budget, 0);
                yield out.toString();
            }
        };
    }

    /** {@code repr(value)}. */
    static String repr(Object value, Budget budget) {
        var out = new StringBuilder();
        repr(value, out, budget, 0);
        return out.toString();
    }

    private static void repr(Object value, StringBuilder out, Budget budget, int level) {
        Budget.checkValueDepth(level);
        switch (value) {
            case Markup marked -> {
                budget.allocate(marked.length());
                out.append("Markup(");
                quote(marked.text(), out);
                out.append(')');
            }
            case CharSequence text -> {
                budget.allocate(text.length());
                quote(text.toString(), out);
            }
            case None _ -> out.append("None");
            case Boolean truth -> out.append(truth ? "True" : "False");
            case Long number -> out.append((long) number);
            case BigInteger number -> {
                budget.allocate(number.bitLength());
                out.append(number);
            }
            case Double number -> out.append(number(number));
            case Undefined _ -> out.append("Undefined");
            case Sequence.Range range -> {
                out.append("range(").append(range.start()).append(", ").append(range.stop());
                out.append(range.step() == 1 ? ")" : ", " + range.step() + ")");
            }
            case Sequence.Tuple tuple -> {
                reprItems(tuple.items(), "(", tuple.items().size() == 1 ? ",)" : ")", out, budget, level);
            }
            case Sequence.ListValue list -> reprItems(list.items(), "[", "]", out, budget, level);
            case Dict dict -> reprDict(dict, out, budget, level);
            case DictView view -> {
                out.append(view.part().typeName());
                reprItems(view.items(budget), "([", "])", out, budget, level);
            }
            case Namespace namespace -> {
                out.append("<Namespace ");
                var attributes = new Dict();
                namespace.attributes.forEach((name, attribute) -> attributes.put(name, attribute, budget));
                repr(attributes, out, budget, level + 1);
                out.append('>');
            }
            case Macro macro -> out.append("<Macro '").append(macro.name()).append("'>");
            case Loop loop -> {
                out.append("<LoopContext ").append(loop.index()).append('/').append(loop.length());
                out.append('>');
            }
            default ->
                throw new EvaluationException("a value of type %s cannot be printed%s"
                        .formatted(
                                Values.typeName(value),
                                value instanceof Generator ? "; apply the list or join filter first" : ""));
        }
    }

    private static void reprItems(
            Collection<Object> items, String open, String close, StringBuilder out, Budget budget, int level) {
        out.append(open);
        boolean first = true;
        for (var item : items) {
            budget.allocate(8);
            if (!first) {
                out.append(", ");
            }
            first = false;
            repr(item, out, budget, level + 1);
        }
        out.append(close);
    }

    private static void reprDict(Dict dict, StringBuilder out, Budget budget, int level) {
        out.append('{');
        boolean first = true;
        for (var entry : dict.entries()) {
            budget.allocate(8);
            if (!first) {
                out.append(", ");
            }
            first = false;
            repr(entry.key(), out, budget, level + 1);
            out.append(": ");
            repr(entry.value(), out, budget, level + 1);
        }
        out.append('}');
    }

    /**
     * The mark that a tokenizer puts into text before the text is passed to a template, so that no control token is
     * found in it. It must not be escaped.
     */
    static final char MARK = '\uFDD1';

    /**
     * Quotes with single quotes, or with double quotes if the text has single but no double quotes, and escapes
     * characters that are not printable.
     */
    private static void quote(String text, StringBuilder out) {
        char quote = text.indexOf('\'') >= 0 && text.indexOf('"') < 0 ? '"' : '\'';
        out.append(quote);
        text.codePoints().forEach(c -> {
            switch (c) {
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                default -> {
                    if (c == quote) {
                        out.append('\\').append(quote);
                    } else if (c == MARK || isPrintable(c)) {
                        out.appendCodePoint(c);
                    } else if (c <= 0xFF) {
                        out.append("\\x%02x".formatted(c));
                    } else if (c <= 0xFFFF) {
                        out.append("\\u%04x".formatted(c));
                    } else {
                        out.append("\\U%08x".formatted(c));
                    }
                }
            }
        });
        out.append(quote);
    }

    private static boolean isPrintable(int codePoint) {
        return codePoint == ' '
                || switch (Character.getType(codePoint)) {
                    case Character.CONTROL,
                            Character.FORMAT,
                            Character.SURROGATE,
                            Character.PRIVATE_USE,
                            Character.UNASSIGNED,
                            Character.LINE_SEPARATOR,
                            Character.PARAGRAPH_SEPARATOR,
                            Character.SPACE_SEPARATOR -> false;
                    default -> true;
                };
    }

    /** {@code repr} of a float: the shortest decimal that rounds to the same float, in Python's notation. */
    static String number(double number) {
        if (Double.isNaN(number)) {
            return "nan";
        }
        if (Double.isInfinite(number)) {
            return number > 0 ? "inf" : "-inf";
        }
        if (number == 0) {
            return NumberText.isNegative(number) ? "-0.0" : "0.0";
        }
        var shortest = shortest(number);
        var digits = shortest.unscaledValue().abs().toString();
        int exponent = digits.length() - shortest.scale() - 1;
        var sign = number < 0 ? "-" : "";
        if (exponent < -4 || exponent >= 16) {
            var fraction = digits.length() > 1 ? "." + digits.substring(1) : "";
            return "%s%c%se%c%02d"
                    .formatted(sign, digits.charAt(0), fraction, exponent < 0 ? '-' : '+', Math.abs(exponent));
        }
        var plain = shortest.abs().toPlainString();
        return sign + plain + (shortest.scale() <= 0 ? ".0" : "");
    }

    /**
     * The shortest decimal that rounds to {@code number}. {@link Double#toString} returns at least two digits
     * (4.9E-324), Python one if possible (5e-324).
     */
    private static BigDecimal shortest(double number) {
        var digits = new BigDecimal(Double.toString(number)).stripTrailingZeros();
        if (digits.precision() == 2) {
            var single = digits.round(new MathContext(1));
            if (single.doubleValue() == number) {
                return single;
            }
        }
        return digits;
    }
}
