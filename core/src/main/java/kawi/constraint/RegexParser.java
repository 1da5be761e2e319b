package kawi.constraint;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Parses the regular subset of regular expressions that Java and ECMAScript have in common: literals, {@code .},
 * classes, groups of all kinds that only group, alternatives, greedy and lazy quantifiers, anchors at the ends, a
 * leading {@code (?i)}, {@code \d \w \s} and their complements, {@code \p{L}} and the other general categories. Lazy
 * quantifiers match the same texts as greedy ones and are treated alike. Everything else (backreferences, lookaround,
 * word boundaries, possessive quantifiers, atomic groups, set operations in classes) is rejected with its column.
 *
 * <p>Where the two differ in the characters of {@code .} and {@code \s}, the smaller set is used (the larger one in a
 * negated class), so that an answer matches its pattern in either engine.
 */
final class RegexParser {

    private static final int MAX_DEPTH = 100;
    private static final int MAX_REPETITIONS = 10_000;
    private static final int MAX_LENGTH = 1 << 16;

    private static final CodePoints DIGITS = CodePoints.of('0', '9');
    private static final CodePoints WORD =
            CodePoints.of('a', 'z').union(CodePoints.of('A', 'Z')).union(DIGITS).union(CodePoints.of('_', '_'));
    private static final CodePoints SPACES = CodePoints.of(" \t\n\u000B\f\r");
    private static final CodePoints ALL_SPACES = SPACES.union(
            CodePoints.of("\u00A0\u1680\u2028\u2029\u202F\u205F\u3000\uFEFF").union(CodePoints.of(0x2000, 0x200A)));
    private static final CodePoints LINE_ENDS = CodePoints.of("\n\r\u0085\u2028\u2029");

    private final Budget budget = Budget.current();
    private final String regex;
    private int at;
    private boolean ignoreCase;
    private int depth;

    private RegexParser(String regex) {
        this.regex = regex;
        if (regex.length() > MAX_LENGTH) {
            throw refused(MAX_LENGTH, "patterns of more than %,d characters are not supported".formatted(MAX_LENGTH));
        }
    }

    /** The texts that match {@code regex} as a whole. */
    static Expression whole(String regex) {
        var parser = new RegexParser(regex);
        return parser.wrap(parser.parse(), Expression.empty());
    }

    /** The texts that contain a match of {@code regex}, as JSON Schema's {@code pattern} requires. */
    static Expression found(String regex) {
        var parser = new RegexParser(regex);
        return parser.wrap(parser.parse(), Expression.anyNumberOf(Expression.oneOf(CodePoints.ALL)));
    }

    /** A parsed item: an expression, an anchor, or a group or alternatives that may begin or end with an anchor. */
    private sealed interface Node {
        record Plain(Expression expression) implements Node {}

        record Anchor(boolean begin, int column) implements Node {}

        record Parts(List<Node> parts) implements Node {}

        record Options(List<Node> options) implements Node {}
    }

    private Node parse() {
        if (regex.startsWith("(?i)")) {
            ignoreCase = true;
            at = 4;
        }
        Node node = alternatives();
        if (at < regex.length()) {
            throw refused(at, "this ) closes nothing");
        }
        return node;
    }

    /** Adds {@code around} on each side without an anchor, in each alternative separately. */
    private Expression wrap(Node node, Expression around) {
        return switch (node) {
            case Node.Options(List<Node> options) ->
                new Expression.Choice(options.stream().map(o -> wrap(o, around)).toList());
            case Node.Parts(List<Node> parts)
            when parts.size() == 1 && !(parts.getFirst() instanceof Node.Anchor) -> wrap(parts.getFirst(), around);
            case Node.Parts(List<Node> parts) -> {
                int first = 0;
                int last = parts.size();
                while (first < last && parts.get(first) instanceof Node.Anchor(boolean begin, int _) && begin) {
                    first++;
                }
                while (last > first && parts.get(last - 1) instanceof Node.Anchor(boolean begin, int _) && !begin) {
                    last--;
                }
                List<Expression> all = new ArrayList<>();
                all.add(first == 0 ? around : Expression.empty());
                parts.subList(first, last).forEach(part -> all.add(plain(part)));
                all.add(last == parts.size() ? around : Expression.empty());
                yield new Expression.Sequence(all);
            }
            case Node.Plain _, Node.Anchor _ ->
                wrap(new Node.Parts(List.of(node, new Node.Plain(Expression.empty()))), around);
        };
    }

    private Expression plain(Node node) {
        return switch (node) {
            case Node.Plain(Expression expression) -> expression;
            case Node.Anchor(boolean begin, int column) ->
                throw refused(
                        column,
                        begin
                                ? "^ is supported only where the pattern or one of its alternatives begins"
                                : "$ is supported only where the pattern or one of its alternatives ends");
            case Node.Parts(List<Node> parts) ->
                new Expression.Sequence(parts.stream().map(this::plain).toList());
            case Node.Options(List<Node> options) ->
                new Expression.Choice(options.stream().map(this::plain).toList());
        };
    }

    private Node alternatives() {
        if (++depth > MAX_DEPTH) {
            throw refused(at, "groups are nested more than " + MAX_DEPTH + " deep");
        }
        List<Node> options = new ArrayList<>();
        options.add(parts());
        while (at < regex.length() && regex.charAt(at) == '|') {
            at++;
            options.add(parts());
        }
        depth--;
        return options.size() == 1 ? options.getFirst() : new Node.Options(options);
    }

    private Node parts() {
        List<Node> parts = new ArrayList<>();
        while (at < regex.length() && regex.charAt(at) != '|' && regex.charAt(at) != ')') {
            int column = at;
            Node atom = atom();
            Node repeated = quantified(atom, column);
            parts.add(repeated);
        }
        return new Node.Parts(parts);
    }

    private Node atom() {
        budget.spend(10);
        int column = at;
        int c = regex.codePointAt(at);
        at += Character.charCount(c);
        return switch (c) {
            case '^' -> new Node.Anchor(true, column);
            case '$' -> new Node.Anchor(false, column);
            case '.' -> new Node.Plain(Expression.oneOf(LINE_ENDS.complement()));
            case '(' -> group(column);
            case '[' -> new Node.Plain(Expression.oneOf(characterClass(column)));
            case '\\' -> new Node.Plain(Expression.oneOf(cased(escape(column, false))));
            case '*', '+', '?' -> throw refused(column, "this quantifier has nothing to repeat");
            case '{' -> throw refused(column, "{ stands for itself only as \\{");
            default -> new Node.Plain(Expression.oneOf(cased(character(c, column))));
        };
    }

    private CodePoints character(int c, int column) {
        if (Character.getType(c) == Character.SURROGATE) {
            throw refused(column, "an unpaired surrogate is not a character");
        }
        return CodePoints.of(c, c);
    }

    private CodePoints cased(CodePoints set) {
        budget.spend(ignoreCase ? 20 + 4L * set.ranges() : 1);
        return ignoreCase ? set.ignoringCase() : set;
    }

    private Node group(int column) {
        if (regex.startsWith("?", at)) {
            if (regex.startsWith("?:", at)) {
                at += 2;
            } else if (regex.startsWith("?<", at) && !regex.startsWith("?<=", at) && !regex.startsWith("?<!", at)) {
                int end = regex.indexOf('>', at);
                if (end < 0) {
                    throw refused(column, "the name of this group does not end");
                }
                at = end + 1;
            } else {
                boolean look = regex.startsWith("?=", at) || regex.startsWith("?!", at) || regex.startsWith("?<", at);
                throw refused(
                        column,
                        look
                                ? "lookahead and lookbehind are not supported"
                                : "of groups with (?, only (?:...) and (?<name>...), and (?i) in front of all,"
                                        + " are supported");
            }
        }
        Node inside = alternatives();
        if (at == regex.length()) {
            throw refused(column, "this ( is not closed");
        }
        at++;
        return inside;
    }

    private Node quantified(Node atom, int column) {
        if (at == regex.length()) {
            return atom;
        }
        int min;
        int max;
        switch (regex.charAt(at)) {
            case '*' -> {
                min = 0;
                max = Expression.UNBOUNDED;
                at++;
            }
            case '+' -> {
                min = 1;
                max = Expression.UNBOUNDED;
                at++;
            }
            case '?' -> {
                min = 0;
                max = 1;
                at++;
            }
            case '{' -> {
                int open = at++;
                min = count(open);
                if (at < regex.length() && regex.charAt(at) == ',') {
                    at++;
                    max = at < regex.length() && regex.charAt(at) == '}' ? Expression.UNBOUNDED : count(open);
                } else {
                    max = min;
                }
                if (at == regex.length() || regex.charAt(at) != '}') {
                    throw refused(open, "expected {n}, {n,} or {n,m}");
                }
                at++;
                if (max < min) {
                    throw refused(open, "at least " + min + " and at most " + max + " cannot both be");
                }
            }
            default -> {
                return atom;
            }
        }
        if (atom instanceof Node.Anchor) {
            throw refused(column, "an anchor cannot be repeated");
        }
        if (at < regex.length()) {
            switch (regex.charAt(at)) {
                case '?' -> at++;
                case '+' -> throw refused(at, "possessive quantifiers are not supported");
                case '*', '{' -> throw refused(at, "a quantifier follows another");
                default -> {}
            }
        }
        return new Node.Plain(new Expression.Repeat(plain(atom), min, max));
    }

    private int count(int open) {
        int from = at;
        int value = 0;
        while (at < regex.length() && regex.charAt(at) >= '0' && regex.charAt(at) <= '9') {
            value = value * 10 + regex.charAt(at++) - '0';
            if (value > MAX_REPETITIONS) {
                throw refused(open, "more than " + MAX_REPETITIONS + " repetitions are not supported");
            }
        }
        if (at == from) {
            throw refused(open, "expected {n}, {n,} or {n,m}");
        }
        return value;
    }

    private CodePoints characterClass(int open) {
        boolean negated = regex.startsWith("^", at);
        at += negated ? 1 : 0;
        List<CodePoints> items = new ArrayList<>();
        boolean first = true;
        while (true) {
            if (at == regex.length()) {
                throw refused(open, "this [ is not closed");
            }
            if (regex.charAt(at) == ']') {
                if (!first) {
                    at++;
                    break;
                }
                throw refused(at, "] as the first of a class stands for itself only as \\]");
            }
            first = false;
            CodePoints item = item(negated);
            budget.spend(2 + 2L * item.ranges());
            items.add(item);
        }
        CodePoints set = cased(CodePoints.union(items));
        return negated ? set.complement() : set;
    }

    /** One character, range or escape of a class. */
    private CodePoints item(boolean negated) {
        int column = at;
        CodePoints low = classCharacter(negated);
        if (!regex.startsWith("-", at) || regex.startsWith("-]", at)) {
            return low;
        }
        if (!isSingle(low)) {
            throw refused(column, "a range begins with a set");
        }
        at++;
        if (at == regex.length()) {
            throw refused(column, "this range does not end");
        }
        CodePoints high = classCharacter(negated);
        if (!isSingle(high) || high.first(0) < low.first(0)) {
            throw refused(column, "a range must end with a character that is not before its first");
        }
        return CodePoints.of(low.first(0), high.first(0));
    }

    private static boolean isSingle(CodePoints set) {
        return set.ranges() == 1 && set.first(0) == set.last(0);
    }

    private CodePoints classCharacter(boolean negated) {
        int column = at;
        int c = regex.codePointAt(at);
        at += Character.charCount(c);
        if (c == '\\') {
            return regex.startsWith("b", at) ? backspace() : escape(column, negated);
        }
        if (c == '[' || (c == '&' && regex.startsWith("&", at))) {
            throw refused(column, "sets inside classes are not supported; [ and & stand for themselves as \\[ and \\&");
        }
        return character(c, column);
    }

    private CodePoints backspace() {
        throw refused(at - 1, "\\b in a class means different things to different engines; write \\x08");
    }

    private CodePoints escape(int column, boolean inNegatedClass) {
        if (at == regex.length()) {
            throw refused(column, "\\ at the end escapes nothing");
        }
        char c = regex.charAt(at++);
        return switch (c) {
            case 'd' -> DIGITS;
            case 'D' -> DIGITS.complement();
            case 'w' -> WORD;
            case 'W' -> WORD.complement();
            case 's' -> inNegatedClass ? ALL_SPACES : SPACES;
            case 'S' -> (inNegatedClass ? SPACES : ALL_SPACES).complement();
            case 't' -> CodePoints.of("\t");
            case 'n' -> CodePoints.of("\n");
            case 'r' -> CodePoints.of("\r");
            case 'f' -> CodePoints.of("\f");
            case 'x' -> hexadecimal(column, 2);
            case 'u' -> regex.startsWith("{", at) ? braced(column) : hexadecimal(column, 4);
            case 'p' -> category(column);
            case 'P' -> category(column).complement();
            case 'b', 'B' -> throw refused(column, "word boundaries are not supported");
            default -> {
                if ((c >= '1' && c <= '9') || c == 'k') {
                    throw refused(column, "backreferences are not supported");
                }
                if (c < 0x80 && Character.isLetterOrDigit(c)) {
                    throw refused(column, "\\" + c + " is not supported");
                }
                int codePoint = regex.codePointAt(at - 1);
                at += Character.charCount(codePoint) - 1;
                yield character(codePoint, column);
            }
        };
    }

    private CodePoints hexadecimal(int column, int digits) {
        Integer value = at + digits <= regex.length() ? hex(regex.substring(at, at + digits)) : null;
        if (value == null) {
            throw refused(column, digits + " hexadecimal digits must follow");
        }
        at += digits;
        if (Character.isHighSurrogate((char) value.intValue())
                && regex.startsWith("\\u", at)
                && at + 6 <= regex.length()) {
            Integer low = hex(regex.substring(at + 2, at + 6));
            if (low != null && Character.isLowSurrogate((char) low.intValue())) {
                at += 6;
                value = Character.toCodePoint((char) value.intValue(), (char) low.intValue());
            }
        }
        return character(value, column);
    }

    private CodePoints braced(int column) {
        int close = regex.indexOf('}', at);
        Integer value = close > 0 && close - at <= 7 ? hex(regex.substring(at + 1, close)) : null;
        if (value == null || value > Character.MAX_CODE_POINT) {
            throw refused(column, "expected \\u{...} with the hexadecimal number of a character");
        }
        at = close + 1;
        return character(value, column);
    }

    private static @Nullable Integer hex(String digits) {
        if (digits.isEmpty() || !digits.chars().allMatch(c -> Character.digit(c, 16) >= 0 && c < 0x80)) {
            return null;
        }
        return Integer.parseInt(digits, 16);
    }

    /** {@code \p{L}}, {@code \p{Lu}}: a general category of Unicode, or all those that begin with a letter. */
    private CodePoints category(int column) {
        int close = regex.startsWith("{", at) ? regex.indexOf('}', at) : -1;
        String name = close < 0 ? "" : regex.substring(at + 1, close);
        CodePoints set = UnicodeCategories.named(name);
        if (set == null) {
            throw refused(column, "only general categories such as \\p{L} and \\p{Lu} are supported after \\p");
        }
        at = close + 1;
        return set;
    }

    private GrammarException refused(int index, String why) {
        return new GrammarException(
                "pattern %s, column %d: %s".formatted(GrammarException.quote(regex), index + 1, why));
    }
}
