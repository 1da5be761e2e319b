package kawi.tokenizer;

import static kawi.tokenizer.TokenizerException.quote;

import java.util.Set;

/**
 * Translates regular expressions from the syntax of Oniguruma, in which {@code tokenizer.json} has them, to that of
 * {@link java.util.regex.Pattern} with the flag {@link java.util.regex.Pattern#UNICODE_CHARACTER_CLASS}.
 *
 * <p>Only the part of the syntax is accepted whose matches are known to be the same; everything else is rejected by
 * name. Accepted are alternatives, groups, lookahead and lookbehind, atomic groups, classes with ranges, nested classes
 * and intersections, the escapes {@code \s \d \w} and their complements, general categories and the scripts of
 * {@link #SCRIPTS}, {@code ^ $ \A \z}, greedy, reluctant and possessive quantifiers, and {@code (?i:...)} around ASCII
 * text.
 *
 * <p>Differences that the translation removes: {@code ^}, {@code $} and {@code .} treat only {@code \n} as the end of a
 * line; {@code \w} excludes joiners and, outside classes, includes superscript digits and fractions of Latin-1; letters
 * in {@code (?i:)} are replaced by classes of all letters that fold to them, such as {@code [sSſ]}.
 *
 * <p>Quantifiers other than {@code ?} are accepted only after an expression for one character: {@code Pattern} matches
 * these in a loop, so the depth of the stack does not depend on the text. An expression that matches the empty string
 * is rejected. How the two libraries agree was determined with version 0.23.2 of <i>tokenizers</i> for every code
 * point.
 */
final class OnigurumaSyntax {

    private static final int MAX_LENGTH = 1 << 13;
    private static final int MAX_DEPTH = 32;
    private static final int MAX_REPETITIONS = 1000;

    private static final Set<String> CATEGORIES = Set.of(
            "L", "Lu", "Ll", "Lt", "Lm", "Lo", "M", "Mn", "Mc", "Me", "N", "Nd", "Nl", "No", "P", "Pc", "Pd", "Ps",
            "Pe", "Pi", "Pf", "Po", "S", "Sm", "Sc", "Sk", "So", "Z", "Zs", "Zl", "Zp", "Cc", "Cf");

    private static final Set<String> SCRIPTS = Set.of("Han", "Hiragana", "Katakana", "Hangul");

    /** Pairs of letters that a single character folds to, such as the ligature U+FB01. */
    private static final Set<String> LIGATURES = Set.of("ss", "ff", "fi", "fl", "st");

    private static final String WORD_IN_CLASS = "[\\w&&[^\u200C\u200D]]";
    private static final String LATIN_1_WORDS = "\u00B2\u00B3\u00B9\u00BC-\u00BE";

    private final String source;
    private int at;
    private int depth;
    private int quantifiers;

    private OnigurumaSyntax(String source) {
        this.source = source;
    }

    /**
     * @param text in the syntax of {@code Pattern}
     * @param single whether it matches exactly one character
     * @param empty whether it may match the empty string
     */
    private record Part(String text, boolean single, boolean empty) {}

    /** Thrown with the reason why an expression is rejected. */
    static final class UnsupportedException extends Exception {

        private static final long serialVersionUID = 1L;

        UnsupportedException(String reason) {
            super(reason);
        }
    }

    /** Returns the expression in the syntax of {@code Pattern}. */
    static String translate(String expression) throws UnsupportedException {
        if (expression.length() > MAX_LENGTH) {
            throw new UnsupportedException("it has more than " + MAX_LENGTH + " characters");
        }
        var parser = new OnigurumaSyntax(expression);
        Part all = parser.alternatives(false);
        if (parser.at < expression.length()) {
            throw parser.unsupported("an unmatched parenthesis");
        }
        if (all.empty()) {
            throw new UnsupportedException("it matches the empty string");
        }
        return all.text();
    }

    private Part alternatives(boolean ignoreCase) throws UnsupportedException {
        if (++depth > MAX_DEPTH) {
            throw unsupported("more than " + MAX_DEPTH + " nested groups");
        }
        Part first = sequence(ignoreCase);
        if (!accept("|")) {
            depth--;
            return first;
        }
        var text = new StringBuilder(first.text());
        boolean empty = first.empty();
        do {
            Part next = sequence(ignoreCase);
            text.append('|').append(next.text());
            empty |= next.empty();
        } while (accept("|"));
        depth--;
        return new Part(text.toString(), false, empty);
    }

    private Part sequence(boolean ignoreCase) throws UnsupportedException {
        var text = new StringBuilder();
        boolean single = false;
        boolean empty = true;
        int parts = 0;
        while (at < source.length() && peek() != '|' && peek() != ')') {
            int from = at;
            Part atom = atom(ignoreCase);
            if (ignoreCase && at == from + 1 && LIGATURES.contains(lowerCase(from, from + 2))) {
                throw unsupported("letters in (?i:) that a single character folds to");
            }
            Part repeated = quantified(atom);
            single = ++parts == 1 && repeated.single();
            empty &= repeated.empty();
            text.append(repeated.text());
        }
        return new Part(text.toString(), single, empty);
    }

    private String lowerCase(int from, int to) {
        var text = new StringBuilder();
        for (int i = from; i < Math.min(to, source.length()); i++) {
            char c = source.charAt(i);
            text.append(c >= 'A' && c <= 'Z' ? (char) (c + 0x20) : c);
        }
        return text.toString();
    }

    private Part atom(boolean ignoreCase) throws UnsupportedException {
        int c = next();
        return switch (c) {
            case '(' -> group(ignoreCase);
            case '[' -> new Part(new OnigurumaClass(this).read(ignoreCase), true, false);
            case '.' -> new Part("[^\\n]", true, false);
            case '^' -> new Part("(?:\\A|(?<=\\n)(?!\\z))", false, true);
            case '$' -> new Part("(?=\\n|\\z)", false, true);
            case '*', '+', '?' -> throw unsupported("a quantifier without an expression before it");
            case '\\' -> {
                if (accept("A")) {
                    yield new Part("\\A", false, true);
                }
                if (accept("z")) {
                    yield new Part("\\z", false, true);
                }
                yield new Part(escape(ignoreCase, false).text(), true, false);
            }
            default -> new Part(ignoreCase ? folded(c) : literal(c), true, false);
        };
    }

    private Part group(boolean ignoreCase) throws UnsupportedException {
        if (!accept("?")) {
            return group("(?:", ignoreCase);
        }
        for (String opening : new String[] {":", "=", "!", ">", "<=", "<!"}) {
            if (accept(opening)) {
                Part group = group("(?" + opening, ignoreCase);
                boolean assertion = !opening.equals(":") && !opening.equals(">");
                return assertion ? new Part(group.text(), false, true) : group;
            }
        }
        if (accept("i:")) {
            return group("(?:", true);
        }
        throw unsupported("a group that begins with (?" + (at < source.length() ? Character.toString(peek()) : ""));
    }

    private Part group(String opening, boolean ignoreCase) throws UnsupportedException {
        int before = quantifiers;
        Part body = alternatives(ignoreCase);
        if (!accept(")")) {
            throw unsupported("an unmatched parenthesis");
        }
        if (opening.startsWith("(?<") && quantifiers > before) {
            throw unsupported("a quantifier in a lookbehind");
        }
        return new Part(opening + body.text() + ")", false, body.empty());
    }

    private Part quantified(Part atom) throws UnsupportedException {
        if (at == source.length()) {
            return atom;
        }
        String quantifier;
        boolean empty;
        char c = source.charAt(at);
        if (c == '?' || c == '*' || c == '+') {
            at++;
            quantifier = Character.toString(c);
            empty = c != '+';
            if (accept("?")) {
                quantifier += "?";
            } else if (accept("+")) {
                quantifier += "+";
            }
        } else if (c == '{') {
            int[] bounds = interval();
            quantifier =
                    bounds[1] == Integer.MAX_VALUE ? "{" + bounds[0] + ",}" : "{" + bounds[0] + "," + bounds[1] + "}";
            empty = bounds[0] == 0;
            // Oniguruma reads {2}? as an optional {2}.
            if (bounds[0] < bounds[1] && accept("?")) {
                quantifier += "?";
            }
        } else {
            return atom;
        }
        quantifiers++;
        if (at < source.length() && (peek() == '*' || peek() == '+' || peek() == '?' || peek() == '{')) {
            throw unsupported("a quantifier after a quantifier");
        }
        if (!atom.single() && (c != '?' || atom.empty())) {
            throw unsupported("a repeated group");
        }
        return new Part(atom.text() + quantifier, false, empty || atom.empty());
    }

    private int[] interval() throws UnsupportedException {
        int close = source.indexOf('}', at);
        String text = close < 0 ? "" : source.substring(at + 1, close);
        if (!text.matches("\\d{1,4}(,\\d{0,4})?|,\\d{1,4}")) {
            throw unsupported("a brace that is not a quantifier");
        }
        at = close + 1;
        int comma = text.indexOf(',');
        int low = comma == 0 ? 0 : Integer.parseInt(comma < 0 ? text : text.substring(0, comma));
        int high = comma < 0
                ? low
                : comma == text.length() - 1 ? Integer.MAX_VALUE : Integer.parseInt(text.substring(comma + 1));
        if (low > high || low > MAX_REPETITIONS || (high > MAX_REPETITIONS && high != Integer.MAX_VALUE)) {
            throw unsupported("the quantifier {" + text + "}");
        }
        return new int[] {low, high};
    }

    /**
     * An escape for a character or a class of characters.
     *
     * @param character the character, or -1
     * @param text the escape in the syntax of {@code Pattern}
     */
    record Escape(int character, String text) {}

    /** Reads an escape after the backslash. */
    Escape escape(boolean ignoreCase, boolean inClass) throws UnsupportedException {
        if (atEnd()) {
            throw unsupported("a backslash at the end");
        }
        int c = next();
        if (ignoreCase && "pPwWxu".indexOf(c) >= 0) {
            throw unsupported("the escape \\" + (char) c + " in (?i:)");
        }
        return switch (c) {
            case 's' -> new Escape(-1, "\\s");
            case 'S' -> new Escape(-1, "\\S");
            case 'd' -> new Escape(-1, "\\d");
            case 'D' -> new Escape(-1, "\\D");
            case 'w' -> new Escape(-1, inClass ? WORD_IN_CLASS : "[" + WORD_IN_CLASS + LATIN_1_WORDS + "]");
            case 'W' ->
                new Escape(-1, inClass ? "[^" + WORD_IN_CLASS + "]" : "[^" + WORD_IN_CLASS + LATIN_1_WORDS + "]");
            case 'p', 'P' -> new Escape(-1, property(c == 'P'));
            case 'n' -> character('\n');
            case 'r' -> character('\r');
            case 't' -> character('\t');
            case 'f' -> character('\f');
            case 'v' -> character(0x0B);
            case 'x', 'u' -> character(codePoint(c));
            default -> {
                if (c > 0x7F || Character.isLetterOrDigit(c)) {
                    throw unsupported("the escape \\" + Character.toString(c));
                }
                yield character(c);
            }
        };
    }

    private static Escape character(int c) {
        return new Escape(c, literal(c));
    }

    private int codePoint(int kind) throws UnsupportedException {
        int from = at;
        int to;
        boolean isByte = kind == 'x';
        if (kind == 'x' && accept("{")) {
            isByte = false;
            from = at;
            to = source.indexOf('}', at);
            at = to + 1;
        } else {
            to = from + (kind == 'x' ? 2 : 4);
            at = to;
        }
        String digits = to < from || to > source.length() ? "" : source.substring(from, to);
        // A byte above 7F would be a part of a character.
        if (!digits.matches("[0-9A-Fa-f]{1,6}") || (isByte && digits.charAt(0) > '7')) {
            throw unsupported("the escape \\" + (char) kind);
        }
        int c = Integer.parseInt(digits, 16);
        if (!Character.isValidCodePoint(c) || Character.getType(c) == Character.SURROGATE) {
            throw unsupported("the escape \\" + (char) kind + " of " + digits);
        }
        return c;
    }

    private String property(boolean negated) throws UnsupportedException {
        int close = source.indexOf('}', at);
        if (!accept("{") || close < 0) {
            throw unsupported("the escape \\p without a name in braces");
        }
        if (accept("^")) {
            negated = !negated;
        }
        String name = source.substring(at, close);
        at = close + 1;
        String known = CATEGORIES.contains(name) ? name : SCRIPTS.contains(name) ? "Is" + name : null;
        if (known == null) {
            throw unsupported("the property " + quote(name));
        }
        return (negated ? "\\P{" : "\\p{") + known + "}";
    }

    /** A class of the characters that fold to {@code c}. */
    String folded(int c) throws UnsupportedException {
        if (c > 0x7F) {
            throw unsupported("characters beyond ASCII in (?i:)");
        }
        return Character.isLetter(c) ? "[" + variants(c) + "]" : literal(c);
    }

    /** The characters that fold to the ASCII letter {@code c}. */
    static String variants(int c) {
        char lower = (char) (c | 0x20);
        String both = lower + Character.toString(c & ~0x20);
        return lower == 's' ? both + "\u017F" : lower == 'k' ? both + "\u212A" : both;
    }

    static String literal(int c) {
        boolean plain = c < 0x80 && Character.isLetterOrDigit(c);
        return plain ? Character.toString(c) : String.format("\\x{%X}", c);
    }

    boolean accept(String text) {
        boolean found = source.startsWith(text, at);
        at += found ? text.length() : 0;
        return found;
    }

    boolean atEnd() {
        return at == source.length();
    }

    int peek() {
        return source.codePointAt(at);
    }

    int next() {
        int c = source.codePointAt(at);
        at += Character.charCount(c);
        return c;
    }

    UnsupportedException unsupported(String what) {
        return new UnsupportedException("it has " + what + " before or at offset " + Math.min(at, source.length()));
    }
}
