package kawi.template;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.util.Collection;
import kawi.tokenizer.OriginText;

/**
 * Implements {@code str(value)} and {@code repr(value)}. Values that Python prints with a memory address (functions,
 * generators) are rejected, because their representation differs between runs.
 *
 * <p>A printed number or constant is text of the template, wherever it was computed; in a printed list or dict only the
 * strings have an origin of their own, and everything else is from outside.
 */
final class Display {

    private Display() {}

    /** {@code str(value)}. */
    static OriginText text(Object value, Budget budget) {
        return switch (value) {
            case CharSequence text -> Values.text(text);
            case Undefined _ -> OriginText.EMPTY;
            case None _ -> NONE;
            case Long number -> OriginText.ofTemplate(number.toString());
            default -> repr(value, budget);
        };
    }

    private static final OriginText NONE = OriginText.ofTemplate("None");

    /** {@code repr(value)}. */
    static OriginText repr(Object value, Budget budget) {
        return switch (value) {
            case None _, Boolean _, BigInteger _, Double _, Long _ -> OriginText.ofTemplate(scalar(value, budget));
            default -> {
                var out = new OriginText.Builder();
                repr(value, out, budget, 0);
                yield out.build();
            }
        };
    }

    private static String scalar(Object value, Budget budget) {
        return switch (value) {
            case None _ -> "None";
            case Boolean truth -> truth ? "True" : "False";
            case BigInteger number -> {
                budget.allocate(number.bitLength());
                yield number.toString();
            }
            case Double number -> number(number);
            default -> value.toString();
        };
    }

    private static void repr(Object value, OriginText.Builder out, Budget budget, int level) {
        Budget.checkValueDepth(level);
        switch (value) {
            case Markup marked -> {
                budget.allocate(marked.length());
                out.appendOutside("Markup(");
                quote(marked.text(), out);
                out.appendOutside(")");
            }
            case CharSequence text -> {
                budget.allocate(text.length());
                quote(Values.text(text), out);
            }
            case None _, Boolean _, Long _, BigInteger _, Double _ -> out.appendOutside(scalar(value, budget));
            case Undefined _ -> out.appendOutside("Undefined");
            case Sequence.Range range -> {
                out.appendOutside("range(%d, %d%s)"
                        .formatted(range.start(), range.stop(), range.step() == 1 ? "" : ", " + range.step()));
            }
            case Sequence.Tuple tuple -> {
                reprItems(tuple.items(), "(", tuple.items().size() == 1 ? ",)" : ")", out, budget, level);
            }
            case Sequence.ListValue list -> reprItems(list.items(), "[", "]", out, budget, level);
            case Dict dict -> reprDict(dict, out, budget, level);
            case DictView view -> {
                out.appendOutside(view.part().typeName());
                reprItems(view.items(budget), "([", "])", out, budget, level);
            }
            case Namespace namespace -> {
                out.appendOutside("<Namespace ");
                var attributes = new Dict();
                namespace.attributes.forEach((name, attribute) -> attributes.put(name, attribute, budget));
                repr(attributes, out, budget, level + 1);
                out.appendOutside(">");
            }
            case Macro macro -> out.appendOutside("<Macro '" + macro.name() + "'>");
            case Loop loop -> {
                out.appendOutside("<LoopContext " + loop.index() + "/" + loop.length() + ">");
            }
            default ->
                throw new EvaluationException("a value of type %s cannot be printed%s"
                        .formatted(
                                Values.typeName(value),
                                value instanceof Generator ? "; apply the list or join filter first" : ""));
        }
    }

    private static void reprItems(
            Collection<Object> items, String open, String close, OriginText.Builder out, Budget budget, int level) {
        out.appendOutside(open);
        boolean first = true;
        for (var item : items) {
            budget.allocate(8);
            if (!first) {
                out.appendOutside(", ");
            }
            first = false;
            repr(item, out, budget, level + 1);
        }
        out.appendOutside(close);
    }

    private static void reprDict(Dict dict, OriginText.Builder out, Budget budget, int level) {
        out.appendOutside("{");
        boolean first = true;
        for (var entry : dict.entries()) {
            budget.allocate(8);
            if (!first) {
                out.appendOutside(", ");
            }
            first = false;
            repr(entry.key(), out, budget, level + 1);
            out.appendOutside(": ");
            repr(entry.value(), out, budget, level + 1);
        }
        out.appendOutside("}");
    }

    /**
     * Quotes with single quotes, or with double quotes if the text has single but no double quotes, and escapes
     * characters that are not printable.
     */
    private static void quote(OriginText text, OriginText.Builder out) {
        boolean single = text.toString().indexOf('\'') >= 0 && text.toString().indexOf('"') < 0;
        char quote = single ? '"' : '\'';
        out.appendOutside(String.valueOf(quote));
        out.append(text.mapSpans(span -> escaped(span, quote)));
        out.appendOutside(String.valueOf(quote));
    }

    private static String escaped(String text, char quote) {
        var out = new StringBuilder(text.length() + 8);
        text.codePoints().forEach(c -> {
            switch (c) {
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                default -> {
                    if (c == quote) {
                        out.append('\\').append(quote);
                    } else if (isPrintable(c)) {
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
        return out.toString();
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
