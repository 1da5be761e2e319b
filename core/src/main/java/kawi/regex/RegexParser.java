package kawi.regex;

import java.util.ArrayList;
import java.util.List;

/**
 * Parses patterns of ECMA-262 in Unicode mode, {@code new RegExp(pattern, "u")}. The package's documentation lists what
 * is accepted beyond them.
 */
final class RegexParser {

    private static final int MAX_DEPTH = 100;
    private static final int MAX_REPETITIONS = 10_000;
    private static final int MAX_LENGTH = 1 << 16;

    private static final CodePoints LINE_ENDS = CodePoints.of("\n\r\u2028\u2029");
    private static final String ENDLESS_CLASS =
            "this ] closes nothing; [] is an empty class and [^] any character, so a class with ] is written [\\]]";

    private final String regex;
    private final Steps steps;
    private final CharacterParser characters;
    private boolean emptyClass;
    private int depth;

    private RegexParser(String regex, Steps steps) {
        this.regex = regex;
        this.steps = steps;
        characters = new CharacterParser(regex);
        if (regex.length() > MAX_LENGTH) {
            throw unsupported(
                    MAX_LENGTH, "patterns of more than %,d characters are not supported".formatted(MAX_LENGTH));
        }
    }

    static Node parse(String regex, Steps steps) {
        var parser = new RegexParser(regex, steps);
        if (regex.startsWith("(?i)")) {
            parser.characters.ignoreCase = true;
            parser.characters.at = 4;
        }
        Node node = parser.alternatives();
        if (parser.hasMore()) {
            throw parser.wrong(parser.at(), "this ) closes nothing");
        }
        return node;
    }

    private int at() {
        return characters.at;
    }

    private boolean hasMore() {
        return at() < regex.length();
    }

    private boolean skip(String text) {
        return characters.skip(text);
    }

    private Node alternatives() {
        if (++depth > MAX_DEPTH) {
            throw unsupported(at(), "groups are nested more than " + MAX_DEPTH + " deep");
        }
        List<Node> options = new ArrayList<>();
        do {
            options.add(sequence());
        } while (skip("|"));
        depth--;
        return options.size() == 1 ? options.getFirst() : new Node.Choice(options);
    }

    private Node sequence() {
        List<Node> parts = new ArrayList<>();
        while (hasMore() && regex.charAt(at()) != '|' && regex.charAt(at()) != ')') {
            int column = at();
            parts.add(quantified(atom(), column));
        }
        return parts.size() == 1 ? parts.getFirst() : new Node.Sequence(parts);
    }

    private Node atom() {
        steps.spend(10);
        int column = at();
        int c = regex.codePointAt(column);
        characters.at += Character.charCount(c);
        return switch (c) {
            case '^' -> new Node.Begin();
            case '$' -> new Node.End();
            case '.' -> new Node.Characters(LINE_ENDS.complement());
            case '(' -> group(column);
            case '[' -> new Node.Characters(characterClass(column));
            case '\\' -> escape(column);
            case '*', '+', '?' -> throw wrong(column, "this quantifier has nothing to repeat");
            case '{' -> {
                if (regex.startsWith(",", at()) || isQuantifier(at())) {
                    throw wrong(column, "this quantifier has nothing to repeat; { stands for itself as \\{");
                }
                yield character(c);
            }
            case ']' -> {
                if (emptyClass) {
                    throw wrong(column, ENDLESS_CLASS);
                }
                yield character(c);
            }
            default -> character(c);
        };
    }

    private Node character(int c) {
        return new Node.Characters(cased(CodePoints.of(c, c)));
    }

    private CodePoints cased(CodePoints set) {
        steps.spend(characters.ignoreCase ? 20 + 4L * set.ranges() : 1);
        return characters.cased(set);
    }

    private Node escape(int column) {
        if (!hasMore()) {
            throw wrong(column, "\\ at the end escapes nothing");
        }
        char c = regex.charAt(at());
        if (c == 'k' || (c >= '1' && c <= '9')) {
            throw unsupported(column, "backreferences are not supported");
        }
        Node assertion = switch (c) {
            case 'b' -> boundary(true);
            case 'B' -> boundary(false);
            case 'A' -> new Node.Begin();
            case 'Z', 'z' -> new Node.End();
            default -> null;
        };
        if (assertion != null) {
            characters.at++;
            return assertion;
        }
        return new Node.Characters(cased(characters.escape(column)));
    }

    /** A place between a word character and another ({@code \b}), or between two of the same kind ({@code \B}). */
    private static Node boundary(boolean differ) {
        var word = new Node.Characters(CharacterParser.WORD);
        return new Node.Choice(List.of(
                new Node.Sequence(List.of(new Node.Look(false, false, word), new Node.Look(true, differ, word))),
                new Node.Sequence(List.of(new Node.Look(false, true, word), new Node.Look(true, !differ, word)))));
    }

    private Node group(int column) {
        boolean ahead = true;
        boolean look = false;
        boolean negative = false;
        if (skip("?=") || skip("?!")) {
            look = true;
            negative = regex.charAt(at() - 1) == '!';
        } else if (skip("?<=") || skip("?<!")) {
            look = true;
            ahead = false;
            negative = regex.charAt(at() - 1) == '!';
        } else if (skip("?<") || skip("?P<")) {
            int end = regex.indexOf('>', at());
            if (end < 0) {
                throw wrong(column, "the name of this group does not end");
            }
            characters.at = end + 1;
        } else if (skip("?P=")) {
            throw unsupported(column, "backreferences are not supported");
        } else if (regex.startsWith("?", at()) && !skip("?:")) {
            throw unsupported(
                    column,
                    "of groups with (?, only (?:...), (?<name>...), lookahead and lookbehind, and (?i) in front of"
                            + " all, are supported");
        }
        Node inside = alternatives();
        if (!hasMore()) {
            throw wrong(column, "this ( is not closed");
        }
        characters.at++;
        return look ? new Node.Look(ahead, negative, inside) : inside;
    }

    private Node quantified(Node atom, int column) {
        int min = 0;
        int max = Node.UNBOUNDED;
        int open = at();
        if (skip("+")) {
            min = 1;
        } else if (skip("?")) {
            max = 1;
        } else if (isQuantifier(open + 1) && skip("{")) {
            min = count(open);
            max = skip(",") ? (regex.startsWith("}", at()) ? Node.UNBOUNDED : count(open)) : min;
            characters.at++;
            if (max < min) {
                throw wrong(open, "at least " + min + " and at most " + max + " cannot both be");
            }
        } else if (regex.startsWith("{,", open)) {
            throw wrong(open, "expected {n}, {n,} or {n,m}; { stands for itself as \\{");
        } else if (!skip("*")) {
            return atom;
        }
        if (isPlace(column)) {
            throw wrong(column, "a place in the text cannot be repeated");
        }
        if (!skip("?") && hasMore()) {
            char next = regex.charAt(at());
            if (next == '+') {
                throw unsupported(at(), "possessive quantifiers are not supported");
            } else if (next == '*' || (next == '{' && isQuantifier(at() + 1))) {
                throw wrong(at(), "a quantifier follows another");
            }
        }
        return new Node.Repetition(atom, min, max);
    }

    /** Whether the atom at {@code column} is an assertion, and not a group that contains one. */
    private boolean isPlace(int column) {
        return List.of("^", "$", "\\b", "\\B", "\\A", "\\Z", "\\z", "(?=", "(?!", "(?<=", "(?<!").stream()
                .anyMatch(assertion -> regex.startsWith(assertion, column));
    }

    /** Whether a quantifier in braces goes on at {@code from}: a digit after the opening brace is enough. */
    private boolean isQuantifier(int from) {
        if (from < 1 || from > regex.length() || regex.charAt(from - 1) != '{') {
            return false;
        }
        int i = from;
        while (i < regex.length() && isDigit(regex.charAt(i))) {
            i++;
        }
        if (i > from && regex.startsWith(",", i)) {
            i++;
            while (i < regex.length() && isDigit(regex.charAt(i))) {
                i++;
            }
        }
        return i > from && regex.startsWith("}", i);
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    private int count(int open) {
        int value = 0;
        while (isDigit(regex.charAt(at()))) {
            value = value * 10 + regex.charAt(characters.at++) - '0';
            if (value > MAX_REPETITIONS) {
                throw unsupported(open, "more than " + MAX_REPETITIONS + " repetitions are not supported");
            }
        }
        return value;
    }

    private CodePoints characterClass(int open) {
        boolean negated = skip("^");
        List<CodePoints> items = new ArrayList<>();
        while (!skip("]")) {
            if (!hasMore()) {
                throw wrong(open, "this [ is not closed");
            }
            CodePoints item = item();
            steps.spend(2 + 2L * item.ranges());
            items.add(item);
        }
        emptyClass |= items.isEmpty();
        CodePoints set = cased(CodePoints.union(items));
        return negated ? set.complement() : set;
    }

    /** One character, range or escape of a class. */
    private CodePoints item() {
        int column = at();
        CodePoints low = classCharacter();
        if (!regex.startsWith("-", at()) || regex.startsWith("-]", at())) {
            return low;
        }
        if (!low.isSingle()) {
            throw wrong(column, "a range begins with a set");
        }
        characters.at++;
        if (!hasMore()) {
            throw wrong(column, "this range does not end");
        }
        CodePoints high = classCharacter();
        if (!high.isSingle() || high.first(0) < low.first(0)) {
            throw wrong(column, "a range must end with a character that is not before its first");
        }
        return CodePoints.of(low.first(0), high.first(0));
    }

    private CodePoints classCharacter() {
        int column = at();
        if (skip("\\b")) {
            return CodePoints.of("\b");
        }
        int c = regex.codePointAt(column);
        characters.at += Character.charCount(c);
        return c == '\\' ? characters.escape(column) : CodePoints.of(c, c);
    }

    private RegexException wrong(int index, String why) {
        return new RegexException(RegexException.message(regex, index, why));
    }

    private UnsupportedRegexException unsupported(int index, String why) {
        return new UnsupportedRegexException(RegexException.message(regex, index, why));
    }
}
