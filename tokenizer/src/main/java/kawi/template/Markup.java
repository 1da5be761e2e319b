package kawi.template;

/**
 * A string marked as safe HTML by {@code safe} or {@code escape}. It behaves like the string it holds, except that
 * strings joined to it by an operator or a method are escaped first, even where the environment escapes nothing by
 * itself.
 */
record Markup(String text) implements CharSequence {

    /** What the {@code escape} filter makes of {@code value}: marked strings stay as they are. */
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
