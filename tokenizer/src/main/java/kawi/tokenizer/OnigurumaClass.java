package kawi.tokenizer;

import kawi.tokenizer.OnigurumaSyntax.UnsupportedException;

/**
 * Translates a class such as {@code [^\s\p{L}0-9]}, see {@link OnigurumaSyntax}.
 *
 * <p>In both syntaxes, nested classes are added to the class that they are in, {@code &&} binds weaker than that, and
 * the negation of a class applies to all of it. Nested classes are merged into their class where possible, because
 * {@code Pattern} matches fewer and larger classes faster.
 */
final class OnigurumaClass {

    private static final int MAX_DEPTH = 8;

    private final OnigurumaSyntax in;
    private int depth;

    OnigurumaClass(OnigurumaSyntax in) {
        this.in = in;
    }

    /** Reads a class after its opening bracket. */
    String read(boolean ignoreCase) throws UnsupportedException {
        boolean negated = in.accept("^");
        String body = body(ignoreCase);
        check(negated, ignoreCase, body);
        return (negated ? "[^" : "[") + body + "]";
    }

    private void check(boolean negated, boolean ignoreCase, String body) throws UnsupportedException {
        if (negated && ignoreCase) {
            throw in.unsupported("a negated class in (?i:)");
        }
        // Oniguruma does not treat all of these as the complement of the intersection.
        if (negated && body.contains("]&&[")) {
            throw in.unsupported("a negated class with an intersection");
        }
    }

    /** Reads the items of a class and its closing bracket. */
    private String body(boolean ignoreCase) throws UnsupportedException {
        if (++depth > MAX_DEPTH) {
            throw in.unsupported("more than " + MAX_DEPTH + " nested classes");
        }
        var text = new StringBuilder();
        int begin = 0; // of the side of an intersection
        while (!in.accept("]")) {
            if (in.atEnd()) {
                throw in.unsupported("an unmatched bracket");
            }
            if (in.accept("&&")) {
                endSide(text, begin);
                text.append("&&");
                begin = text.length();
            } else {
                item(ignoreCase, text);
            }
        }
        if (begin > 0 || text.isEmpty()) {
            endSide(text, begin);
        }
        depth--;
        return text.toString();
    }

    private void endSide(StringBuilder text, int begin) throws UnsupportedException {
        if (begin == text.length()) {
            throw in.unsupported("an empty class");
        }
        text.insert(begin, '[').append(']');
    }

    private void item(boolean ignoreCase, StringBuilder text) throws UnsupportedException {
        if (in.accept("[")) {
            if (in.accept(":")) {
                throw in.unsupported("a POSIX bracket");
            }
            boolean negated = in.accept("^");
            String nested = body(ignoreCase);
            check(negated, ignoreCase, nested);
            if (!negated && !nested.contains("&&")) {
                text.append(nested);
            } else {
                text.append(negated ? "[^" : "[").append(nested).append(']');
            }
            return;
        }
        int low = character(ignoreCase, text);
        if (low < 0) {
            return;
        }
        // A hyphen is literal at the end of a class.
        boolean range = in.accept("-");
        if (range && !in.atEnd() && in.peek() == '[') {
            throw in.unsupported("a hyphen before a nested class");
        }
        if (range && !in.atEnd() && in.peek() != ']') {
            int high = character(ignoreCase, text);
            if (high < low) {
                throw in.unsupported("a range that is not from one character to a higher one");
            }
            range(low, high, ignoreCase, text);
            return;
        }
        range(low, low, ignoreCase, text);
        if (range) {
            text.append(OnigurumaSyntax.literal('-'));
        }
    }

    /** Reads a character and returns it, or appends an escape for a class of characters and returns -1. */
    private int character(boolean ignoreCase, StringBuilder text) throws UnsupportedException {
        int c = in.next();
        if (c != '\\') {
            return c;
        }
        var escape = in.escape(ignoreCase, true);
        if (escape.character() < 0) {
            text.append(escape.text());
        }
        return escape.character();
    }

    private void range(int low, int high, boolean ignoreCase, StringBuilder text) throws UnsupportedException {
        if (!ignoreCase) {
            text.append(OnigurumaSyntax.literal(low));
            if (low < high) {
                text.append('-').append(OnigurumaSyntax.literal(high));
            }
            return;
        }
        for (int c = low; c <= high; c++) {
            in.folded(c); // rejects what is not ASCII
            text.append(Character.isLetter(c) ? OnigurumaSyntax.variants(c) : OnigurumaSyntax.literal(c));
        }
    }
}
