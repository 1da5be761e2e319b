package kawi.template;

import kawi.tokenizer.OriginText;

/**
 * A string marked as safe HTML by {@code safe} or {@code escape}. It is equivalent to its string, except that other
 * strings are escaped when an operator or a method combines them with it, although autoescaping is off.
 */
record Markup(OriginText text) implements CharSequence {

    /** Implements the {@code escape} filter; marked strings are returned unchanged. */
    static Markup escape(Object value, Budget budget) {
        return value instanceof Markup marked ? marked : forceEscape(value, budget);
    }

    /** Implements the {@code forceescape} filter, which escapes marked strings again. */
    static Markup forceEscape(Object value, Budget budget) {
        var escaped = Display.text(value, budget).mapSpans(Markup::escaped);
        budget.allocate(escaped.length());
        return new Markup(escaped);
    }

    private static String escaped(String plain) {
        var escaped = new StringBuilder(plain.length() + 16);
        for (int i = 0; i < plain.length(); i++) {
            char c = plain.charAt(i);
            switch (c) {
                case '&' -> escaped.append("&amp;");
                case '<' -> escaped.append("&lt;");
                case '>' -> escaped.append("&gt;");
                case '"' -> escaped.append("&#34;");
                case '\'' -> escaped.append("&#39;");
                default -> escaped.append(c);
            }
        }
        return escaped.toString();
    }

    /** Returns {@code text}, marked if {@code original} is marked. */
    static CharSequence like(Object original, OriginText text) {
        return original instanceof Markup ? new Markup(text) : text;
    }

    @Override
    public int length() {
        return text.length();
    }

    @Override
    public char charAt(int index) {
        return text.charAt(index);
    }

    @Override
    public CharSequence subSequence(int start, int end) {
        return text.subSequence(start, end);
    }

    @Override
    public String toString() {
        return text.toString();
    }
}
