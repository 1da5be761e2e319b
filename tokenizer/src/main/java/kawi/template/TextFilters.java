package kawi.template;

import java.util.Locale;
import java.util.function.UnaryOperator;
import kawi.tokenizer.OriginText;
import org.jspecify.annotations.Nullable;

/** Filters whose result is text, or a count of words. Values that are not strings are converted to strings. */
final class TextFilters {

    private static final OriginText SPACE = OriginText.outside(" ");
    private static final OriginText NEW_LINE = OriginText.outside("\n");
    private static final OriginText ELLIPSIS = OriginText.outside("...");

    private TextFilters() {}

    static @Nullable Filter find(String name) {
        return switch (name) {
            case "upper" -> plain("upper", text -> text.toUpperCase(Locale.ROOT));
            case "lower" -> plain("lower", text -> text.toLowerCase(Locale.ROOT));
            case "capitalize" -> plain("capitalize", LetterCase::capitalize);
            case "title" -> plain("title", TextFilters::title);
            case "trim" -> TextFilters::trim;
            case "replace" -> TextFilters::replace;
            case "indent" -> TextFilters::indent;
            case "center" -> TextFilters::center;
            case "truncate" -> TextFilters::truncate;
            case "wordcount" -> TextFilters::wordCount;
            case "format" -> TextFilters::format;
            case "wordwrap" -> WordWrap::filter;
            default -> null;
        };
    }

    private static Filter plain(String name, UnaryOperator<String> function) {
        return (value, arguments, budget) -> {
            arguments.bind(name, 0);
            var text = Display.text(value, budget);
            budget.allocate(2L * text.length());
            return Markup.like(value, text.map(function));
        };
    }

    /**
     * Converts to title case, where words start at the beginning and after whitespace, hyphens and opening brackets
     * only.
     */
    private static String title(String text) {
        var titled = new StringBuilder(text.length());
        int start = 0;
        while (start < text.length()) {
            boolean word = !isWordSeparator(text.charAt(start));
            int end = start;
            while (end < text.length() && isWordSeparator(text.charAt(end)) != word) {
                end++;
            }
            int first = text.offsetByCodePoints(start, 1);
            titled.append(text.substring(start, first).toUpperCase(Locale.ROOT));
            titled.append(text.substring(first, end).toLowerCase(Locale.ROOT));
            start = end;
        }
        return titled.toString();
    }

    private static boolean isWordSeparator(char before) {
        return "-({[<".indexOf(before) >= 0 || CodePoints.isWhitespace(before);
    }

    private static Object trim(Object value, Arguments arguments, Budget budget) {
        var set = arguments.bind("trim", 0, "chars").get(0);
        return Markup.like(value, StringMethods.strip("trim", Display.text(value, budget), set, true, true, budget));
    }

    private static Object replace(Object value, Arguments arguments, Budget budget) {
        var bound = arguments.bind("replace", 2, "old", "new", "count");
        long count = bound.get(2) == None.NONE ? -1 : bound.integer(2, -1);
        return StringMethods.replace(
                Display.text(value, budget),
                Display.text(bound.get(0), budget).toString(),
                Display.text(bound.get(1), budget),
                count,
                budget);
    }

    private static Object indent(Object value, Arguments arguments, Budget budget) {
        var bound = arguments.bind("indent", 0, "width", "first", "blank");
        if (value instanceof Undefined undefined) {
            throw undefined.failure();
        }
        if (!(value instanceof CharSequence text)) {
            throw new EvaluationException("indent: expected a string, found " + Values.typeName(value));
        }
        var indentation = bound.get(0, 4L) instanceof CharSequence given
                ? Values.text(given)
                : Arithmetic.repeat(SPACE, Math.clamp(bound.integer(0, 4), 0L, Integer.MAX_VALUE), budget);
        boolean blank = bound.truth(2);
        var indented = new OriginText.Builder();
        if (bound.truth(1)) {
            indented.append(indentation);
        }
        boolean first = true;
        for (var line : CodePoints.lines(Values.text(text).concat(NEW_LINE), false, budget)) {
            budget.allocate((long) indentation.length() + line.length() + 1);
            if (!first) {
                indented.append(NEW_LINE);
                if (blank || !line.isEmpty()) {
                    indented.append(indentation);
                }
            }
            first = false;
            indented.append(line);
        }
        return Markup.like(value, indented.build());
    }

    private static Object center(Object value, Arguments arguments, Budget budget) {
        long width = arguments.bind("center", 0, "width").integer(0, 80);
        return Markup.like(value, StringMethods.center(Display.text(value, budget), width, budget));
    }

    private static Object truncate(Object value, Arguments arguments, Budget budget) {
        var bound = arguments.bind("truncate", 0, "length", "killwords", "end", "leeway");
        long length = bound.integer(0, 255);
        var end = bound.text(2, ELLIPSIS);
        long leeway = bound.get(3) == None.NONE ? 5 : bound.integer(3, 5);
        long kept = length - CodePoints.length(end.toString(), budget);
        if (kept < 0 || leeway < 0) {
            throw new EvaluationException("truncate: length %d and leeway %d are too small".formatted(length, leeway));
        }
        long size = Values.length(value, budget);
        if (size <= length || size - length <= leeway) {
            return value;
        }
        if (!(value instanceof CharSequence given)) {
            throw new EvaluationException("truncate: expected a string, found " + Values.typeName(value));
        }
        var text = Values.text(given);
        var cut = text.substring(0, text.toString().offsetByCodePoints(0, (int) kept));
        int lastSpace = bound.truth(1) ? -1 : cut.toString().lastIndexOf(' ');
        budget.allocate(cut.length() + (long) end.length());
        return Markup.like(value, (lastSpace < 0 ? cut : cut.substring(0, lastSpace)).concat(end));
    }

    private static Object wordCount(Object value, Arguments arguments, Budget budget) {
        arguments.bind("wordcount", 0);
        var text = Display.text(value, budget).toString();
        budget.scan(text.length());
        long count = 0;
        boolean inWord = false;
        for (int i = 0; i < text.length(); ) {
            int c = text.codePointAt(i);
            boolean letter = c == '_' || Character.isLetter(c) || LetterCase.isNumeric(c);
            count += letter && !inWord ? 1 : 0;
            inWord = letter;
            i += Character.charCount(c);
        }
        return count;
    }

    private static Object format(Object value, Arguments arguments, Budget budget) {
        var format = value instanceof Markup marked ? marked : Display.text(value, budget);
        if (arguments.named().isEmpty()) {
            return PercentFormat.format(format, new Sequence.Tuple(arguments.positional()), budget);
        }
        if (!arguments.positional().isEmpty()) {
            throw new EvaluationException("format: positional and keyword arguments cannot be mixed");
        }
        var named = new Dict();
        arguments.named().forEach((name, argument) -> named.put(OriginText.ofTemplate(name), argument, budget));
        return PercentFormat.format(format, named, budget);
    }
}
