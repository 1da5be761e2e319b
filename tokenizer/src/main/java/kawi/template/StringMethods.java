package kawi.template;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.IntPredicate;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import kawi.template.Methods.Method;
import kawi.tokenizer.OriginText;
import org.jspecify.annotations.Nullable;

/** The methods of {@code str}. Positions and lengths in templates are in code points. */
final class StringMethods {

    /** Methods with results that are not text. */
    private static final Set<String> RESULT_IS_NOT_TEXT =
            Set.of("count", "endswith", "find", "index", "rfind", "rindex", "startswith");

    /** Methods that split a string, the arguments of which are not escaped. */
    private static final Set<String> SPLITS = Set.of("partition", "rpartition", "split", "rsplit", "splitlines");

    private StringMethods() {}

    /** Returns a method, or null. There is no table of them, for the reason given in {@link Tests#find}. */
    static @Nullable Method<OriginText> find(String name) {
        return switch (name) {
            case "upper" -> plain("upper", text -> text.toUpperCase(Locale.ROOT));
            case "lower" -> plain("lower", text -> text.toLowerCase(Locale.ROOT));
            case "capitalize" -> plain("capitalize", LetterCase::capitalize);
            case "title" -> plain("title", LetterCase::title);
            case "swapcase" -> plain("swapcase", LetterCase::swapCase);
            case "strip" -> (text, arguments, budget) -> strip("strip", text, arguments, true, true, budget);
            case "lstrip" -> (text, arguments, budget) -> strip("lstrip", text, arguments, true, false, budget);
            case "rstrip" -> (text, arguments, budget) -> strip("rstrip", text, arguments, false, true, budget);
            case "removeprefix" ->
                (text, arguments, budget) -> {
                    budget.scan(text.length());
                    var prefix = string("removeprefix", arguments.onlyPositional("removeprefix", 1, 1), 0);
                    return text.toString().startsWith(prefix) ? text.substring(prefix.length()) : text;
                };
            case "removesuffix" ->
                (text, arguments, budget) -> {
                    budget.scan(text.length());
                    var suffix = string("removesuffix", arguments.onlyPositional("removesuffix", 1, 1), 0);
                    return text.toString().endsWith(suffix) ? text.substring(0, text.length() - suffix.length()) : text;
                };
            case "startswith" -> (text, arguments, budget) -> affix("startswith", text, arguments, budget);
            case "endswith" -> (text, arguments, budget) -> affix("endswith", text, arguments, budget);
            case "find" -> (text, arguments, budget) -> position("find", text, arguments, budget);
            case "rfind" -> (text, arguments, budget) -> position("rfind", text, arguments, budget);
            case "index" -> (text, arguments, budget) -> required("index", "find", text, arguments, budget);
            case "rindex" -> (text, arguments, budget) -> required("rindex", "rfind", text, arguments, budget);
            case "count" -> StringMethods::count;
            case "split" -> StringMethods::split;
            case "rsplit" -> StringMethods::rsplit;
            case "splitlines" ->
                (text, arguments, budget) -> {
                    boolean keepEnds =
                            arguments.bind("splitlines", 0, "keepends").truth(0);
                    return new Sequence.ListValue(List.copyOf(CodePoints.lines(text, keepEnds, budget)));
                };
            case "partition" -> (text, arguments, budget) -> partition("partition", text, arguments, budget);
            case "rpartition" -> (text, arguments, budget) -> partition("rpartition", text, arguments, budget);
            case "join" ->
                (text, arguments, budget) ->
                        join(text, arguments.onlyPositional("join", 1, 1).getFirst(), budget);
            case "replace" ->
                (text, arguments, budget) -> {
                    var given = arguments.onlyPositional("replace", 2, 3);
                    long count = given.size() == 3 ? Values.index(given.get(2), "the count of replace") : -1;
                    return replace(text, string("replace", given, 0), text("replace", given, 1), count, budget);
                };
            case "zfill" ->
                (text, arguments, budget) -> {
                    long width =
                            Values.index(arguments.onlyPositional("zfill", 1, 1).getFirst(), "the width of zfill");
                    int sign = !text.isEmpty() && "+-".indexOf(text.charAt(0)) >= 0 ? 1 : 0;
                    var zeros = padding(text, width, ZERO, budget);
                    return text.substring(0, sign).concat(zeros).concat(text.substring(sign));
                };
            case "ljust" -> (text, arguments, budget) -> text.concat(padding("ljust", text, arguments, budget));
            case "rjust" ->
                (text, arguments, budget) ->
                        padding("rjust", text, arguments, budget).concat(text);
            case "center" ->
                (text, arguments, budget) -> {
                    long width = Values.index(
                            arguments.onlyPositional("center", 1, 2).getFirst(), "the width of center");
                    return center(text, width, padding("center", text, arguments, budget));
                };
            case "expandtabs" -> StringMethods::expandTabs;
            case "format" -> BraceFormat::format;
            case "isascii" -> predicate("isascii", text -> text.chars().allMatch(c -> c < 128));
            case "isdigit" -> predicate("isdigit", all(LetterCase::isDigit));
            case "isalpha" -> predicate("isalpha", all(Character::isLetter));
            case "isalnum" -> predicate("isalnum", all(c -> Character.isLetter(c) || LetterCase.isNumeric(c)));
            case "isspace" -> predicate("isspace", all(CodePoints::isWhitespace));
            case "islower" -> predicate("islower", LetterCase::isLower);
            case "isupper" -> predicate("isupper", LetterCase::isUpper);
            case "istitle" -> predicate("istitle", LetterCase::isTitle);
            default -> null;
        };
    }

    /**
     * Binds a method to a marked string: strings in the arguments are escaped, and strings in the result are marked.
     */
    static Callable marked(String name, Method<OriginText> method, Markup self, Budget budget) {
        if (RESULT_IS_NOT_TEXT.contains(name) || name.startsWith("is")) {
            return arguments -> method.call(self.text(), arguments, budget);
        }
        return arguments -> {
            var escaped = SPLITS.contains(name) ? arguments : escaped(arguments, budget);
            return mark(method.call(self.text(), escaped, budget));
        };
    }

    private static Arguments escaped(Arguments arguments, Budget budget) {
        var named = new HashMap<>(arguments.named());
        named.replaceAll((_, value) -> escaped(value, budget));
        return new Arguments(
                arguments.positional().stream()
                        .map(value -> escaped(value, budget))
                        .toList(),
                named);
    }

    private static Object escaped(Object value, Budget budget) {
        return switch (value) {
            case CharSequence text -> Markup.escape(text, budget);
            case Sequence _, Generator _ -> {
                var items = Values.list(value, budget);
                items.replaceAll(item -> item instanceof CharSequence text ? Markup.escape(text, budget) : item);
                yield new Sequence.ListValue(items);
            }
            default -> value;
        };
    }

    private static Object mark(Object result) {
        return switch (result) {
            case OriginText text -> new Markup(text);
            case Sequence.ListValue list ->
                new Sequence.ListValue(
                        list.items().stream().map(StringMethods::mark).toList());
            case Sequence.Tuple tuple ->
                new Sequence.Tuple(
                        tuple.items().stream().map(StringMethods::mark).toList());
            default -> result;
        };
    }

    private static Method<OriginText> plain(String name, UnaryOperator<String> function) {
        return (text, arguments, budget) -> {
            arguments.onlyPositional(name, 0, 0);
            budget.allocate(2L * text.length());
            return text.map(function);
        };
    }

    private static Method<OriginText> predicate(String name, Predicate<String> predicate) {
        return (text, arguments, budget) -> {
            arguments.onlyPositional(name, 0, 0);
            budget.scan(text.length());
            return predicate.test(text.toString());
        };
    }

    private static Predicate<String> all(IntPredicate property) {
        return text -> !text.isEmpty() && text.codePoints().allMatch(property);
    }

    private static String string(String method, List<Object> arguments, int index) {
        return text(method, arguments, index).toString();
    }

    private static OriginText text(String method, List<Object> arguments, int index) {
        if (arguments.get(index) instanceof CharSequence text) {
            return Values.text(text);
        }
        throw new EvaluationException(
                "%s: expected a string, found %s".formatted(method, Values.typeName(arguments.get(index))));
    }

    private static OriginText strip(
            String method, OriginText text, Arguments arguments, boolean leading, boolean trailing, Budget budget) {
        var given = arguments.onlyPositional(method, 0, 1);
        return strip(method, text, given.isEmpty() ? None.NONE : given.getFirst(), leading, trailing, budget);
    }

    static OriginText strip(
            String method, OriginText text, Object set, boolean leading, boolean trailing, Budget budget) {
        budget.scan(text.length());
        if (set != None.NONE) {
            var characters = string(method, List.of(set), 0);
            budget.step(characters.length());
            return CodePoints.strip(text, characters, leading, trailing);
        }
        int start = leading ? CodePoints.skipWhitespace(text, 0) : 0;
        return text.substring(start, trailing ? CodePoints.endWithoutWhitespace(text, start) : text.length());
    }

    /** The range, in Java offsets, that the optional second and third arguments of a search select. */
    private record Window(int start, int end, boolean valid) {

        static Window of(String method, OriginText whole, List<Object> arguments, Budget budget) {
            var text = whole.toString();
            if (arguments.size() == 1) {
                return new Window(0, text.length(), true);
            }
            int length = CodePoints.length(text, budget);
            long start = bound(method, arguments.get(1), 0, length);
            long end = arguments.size() == 3 ? bound(method, arguments.get(2), length, length) : length;
            end = Math.min(end, length);
            if (start > end) {
                return new Window(0, 0, false);
            }
            int from = text.offsetByCodePoints(0, (int) start);
            return new Window(from, text.offsetByCodePoints(from, (int) (end - start)), true);
        }

        private static long bound(String method, Object value, int defaultValue, int length) {
            if (value == None.NONE) {
                return defaultValue;
            }
            long index = Values.index(value, "a bound of " + method);
            return index < 0 ? Math.max(0, index + length) : index;
        }
    }

    private static Object affix(String method, OriginText text, Arguments arguments, Budget budget) {
        var given = arguments.onlyPositional(method, 1, 3);
        var window = Window.of(method, text, given, budget);
        var part = text.toString().substring(window.start(), window.end());
        List<Object> affixes =
                given.getFirst() instanceof Sequence.Tuple tuple ? tuple.items() : List.of(given.getFirst());
        boolean found = false;
        for (int i = 0; i < affixes.size(); i++) {
            var affix = string(method, affixes, i);
            budget.scan(affix.length());
            budget.step();
            found |= window.valid() && (method.equals("startswith") ? part.startsWith(affix) : part.endsWith(affix));
        }
        return found;
    }

    private static Object position(String method, OriginText text, Arguments arguments, Budget budget) {
        var given = arguments.onlyPositional(method, 1, 3);
        var needle = string(method, given, 0);
        var window = Window.of(method, text, given, budget);
        if (!window.valid()) {
            return -1L;
        }
        var part = text.toString().substring(0, window.end());
        int found = method.equals("find")
                ? CodePoints.indexOf(part, needle, window.start(), budget)
                : CodePoints.lastIndexOf(part, needle, part.length(), budget);
        return found < window.start() ? -1L : (long) part.codePointCount(0, found);
    }

    private static Object required(String method, String search, OriginText text, Arguments arguments, Budget budget) {
        var found = position(search, text, arguments, budget);
        if (found.equals(-1L)) {
            throw new EvaluationException(method + ": substring not found");
        }
        return found;
    }

    private static Object count(OriginText text, Arguments arguments, Budget budget) {
        var given = arguments.onlyPositional("count", 1, 3);
        var needle = string("count", given, 0);
        var window = Window.of("count", text, given, budget);
        if (!window.valid()) {
            return 0L;
        }
        var part = text.toString().substring(window.start(), window.end());
        if (needle.isEmpty()) {
            return CodePoints.length(part, budget) + 1L;
        }
        long count = 0;
        int at = CodePoints.indexOf(part, needle, 0, budget);
        while (at >= 0) {
            count++;
            at = CodePoints.indexOf(part, needle, at + needle.length(), budget);
        }
        return count;
    }

    private static Object split(OriginText text, Arguments arguments, Budget budget) {
        var bound = arguments.bind("split", 0, "sep", "maxsplit");
        long max = limit(bound);
        List<Object> parts = new ArrayList<>();
        int start = 0;
        if (bound.get(0) == None.NONE) {
            start = CodePoints.skipWhitespace(text, 0);
            while (start < text.length() && parts.size() < max) {
                int end = start;
                while (end < text.length() && !CodePoints.isWhitespace(text.charAt(end))) {
                    end++;
                }
                addPart(parts, text.substring(start, end), budget);
                start = CodePoints.skipWhitespace(text, end);
            }
            if (start < text.length()) {
                addPart(parts, text.substring(start), budget);
            }
            return new Sequence.ListValue(parts);
        }
        var separator = separator(bound);
        while (parts.size() < max) {
            int end = CodePoints.indexOf(text.toString(), separator, start, budget);
            if (end < 0) {
                break;
            }
            addPart(parts, text.substring(start, end), budget);
            start = end + separator.length();
        }
        addPart(parts, text.substring(start), budget);
        return new Sequence.ListValue(parts);
    }

    private static Object rsplit(OriginText text, Arguments arguments, Budget budget) {
        var bound = arguments.bind("rsplit", 0, "sep", "maxsplit");
        long max = limit(bound);
        List<Object> parts = new ArrayList<>();
        int end = text.length();
        if (bound.get(0) == None.NONE) {
            end = CodePoints.endWithoutWhitespace(text, 0);
            while (end > 0 && parts.size() < max) {
                int start = end;
                while (start > 0 && !CodePoints.isWhitespace(text.charAt(start - 1))) {
                    start--;
                }
                addPart(parts, text.substring(start, end), budget);
                end = CodePoints.endWithoutWhitespace(text.toString().substring(0, start), 0);
            }
            if (end > 0) {
                addPart(parts, text.substring(0, end), budget);
            }
        } else {
            var separator = separator(bound);
            while (parts.size() < max) {
                int start = CodePoints.lastIndexOf(text.toString(), separator, end, budget);
                if (start < 0) {
                    break;
                }
                addPart(parts, text.substring(start + separator.length(), end), budget);
                end = start;
            }
            addPart(parts, text.substring(0, end), budget);
        }
        Collections.reverse(parts);
        return new Sequence.ListValue(parts);
    }

    private static void addPart(List<Object> parts, OriginText part, Budget budget) {
        budget.allocate(part.length() + (long) Budget.OBJECT);
        parts.add(part);
    }

    private static long limit(Arguments.Bound bound) {
        long max = bound.integer(1, -1);
        return max < 0 ? Long.MAX_VALUE : max;
    }

    private static String separator(Arguments.Bound bound) {
        var separator = bound.string(0, "");
        if (separator.isEmpty()) {
            throw new EvaluationException(bound.function() + ": empty separator");
        }
        return separator;
    }

    private static Object partition(String method, OriginText text, Arguments arguments, Budget budget) {
        var separator = string(method, arguments.onlyPositional(method, 1, 1), 0);
        if (separator.isEmpty()) {
            throw new EvaluationException(method + ": empty separator");
        }
        budget.allocate(text.length());
        boolean first = method.equals("partition");
        int at = first
                ? CodePoints.indexOf(text.toString(), separator, 0, budget)
                : CodePoints.lastIndexOf(text.toString(), separator, text.length(), budget);
        if (at < 0) {
            var empty = OriginText.EMPTY;
            return first ? Sequence.Tuple.of(text, empty, empty) : Sequence.Tuple.of(empty, empty, text);
        }
        int end = at + separator.length();
        return Sequence.Tuple.of(text.substring(0, at), text.substring(at, end), text.substring(end));
    }

    private static OriginText join(OriginText separator, Object items, Budget budget) {
        var joined = new OriginText.Builder();
        var iterator = Values.iterate(items, budget);
        for (int i = 0; iterator.hasNext(); i++) {
            if (!(iterator.next() instanceof CharSequence item)) {
                throw new EvaluationException("join: item %d is not a string".formatted(i));
            }
            budget.allocate((long) separator.length() + item.length() + 1);
            if (i > 0) {
                joined.append(separator);
            }
            joined.append(Values.text(item));
        }
        return joined.build();
    }

    /** @param count the maximum number of occurrences to replace; all of them if negative */
    static OriginText replace(OriginText whole, String old, OriginText replacement, long count, Budget budget) {
        long max = count < 0 ? Long.MAX_VALUE : count;
        var text = whole.toString();
        var replaced = new OriginText.Builder();
        int start = 0;
        for (long i = 0; i < max; i++) {
            int found =
                    old.isEmpty() ? betweenCharacters(text, start, i) : CodePoints.indexOf(text, old, start, budget);
            if (found < 0) {
                break;
            }
            budget.allocate(found - start + (long) replacement.length() + 1);
            replaced.append(whole, start, found).append(replacement);
            start = found + old.length();
        }
        budget.allocate(text.length() - (long) start);
        return replaced.append(whole, start, text.length()).build();
    }

    /** The empty string occurs before the first character and after each character. */
    private static int betweenCharacters(String text, int start, long round) {
        if (round == 0) {
            return 0;
        }
        return start < text.length() ? text.offsetByCodePoints(start, 1) : -1;
    }

    private static final OriginText ZERO = OriginText.outside("0");
    private static final OriginText SPACE = OriginText.outside(" ");

    private static OriginText padding(String method, OriginText text, Arguments arguments, Budget budget) {
        var given = arguments.onlyPositional(method, 1, 2);
        var fill = given.size() == 2 ? text(method, given, 1) : SPACE;
        if (fill.toString().codePointCount(0, fill.length()) != 1) {
            throw new EvaluationException(method + ": the fill character must be exactly one character long");
        }
        return padding(text, Values.index(given.getFirst(), "the width of " + method), fill, budget);
    }

    private static OriginText padding(OriginText text, long width, OriginText fill, Budget budget) {
        long missing = Math.clamp(width - CodePoints.length(text.toString(), budget), 0L, Integer.MAX_VALUE);
        return Arithmetic.repeat(fill, missing, budget);
    }

    static OriginText center(OriginText text, long width, Budget budget) {
        return center(text, width, padding(text, width, SPACE, budget));
    }

    private static OriginText center(OriginText text, long width, OriginText padding) {
        int missing = padding.toString().codePointCount(0, padding.length());
        int left = missing / 2 + (int) (missing & width & 1);
        int split = padding.toString().offsetByCodePoints(0, left);
        return padding.substring(0, split).concat(text).concat(padding.substring(split));
    }

    private static Object expandTabs(OriginText text, Arguments arguments, Budget budget) {
        long size = arguments.bind("expandtabs", 0, "tabsize").integer(0, 8);
        var expanded = new OriginText.Builder();
        long column = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '\t') {
                long blanks = size <= 0 ? 0 : size - column % size;
                expanded.append(Arithmetic.repeat(SPACE, Math.min(blanks, Integer.MAX_VALUE), budget));
                column += blanks;
            } else {
                budget.allocate(1);
                expanded.append(text, i, i + 1);
                column = c == '\n' || c == '\r' ? 0 : column + (Character.isLowSurrogate(c) ? 0 : 1);
            }
        }
        return expanded.build();
    }
}
