package kawi.template;

/**
 * A string marked as safe HTML by {@code safe} or {@code escape}. It is equivalent to its string, except that other
 * strings are escaped when an operator or a method combines them with it, although autoescaping is off.
 */
record Markup(String text) implements CharSequence {

    /** Implements the {@code escape} filter; marked strings are returned unchanged. */
    static Markup escape(Object value, Budget budget) {
        if (value instanceof Markup marked) {
            return marked;
        }
        var plain = Display.text(value, budget);
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
        budget.allocate(escaped.length());
        return new Markup(escaped.toString());
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
        return text;
    }
}
