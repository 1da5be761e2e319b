package kawi.template;

/**
 * The text of a template with its name, which converts offsets to lines and columns.
 *
 * @param text the text with {@code \n} as line terminators, of which one at the end is removed, as in Jinja
 */
record Source(String name, String text) {

    /** The maximum length of a template in chars, far more than that of any chat template. */
    private static final int MAX_LENGTH = 1 << 20;

    static Source of(String name, String original) {
        if (original.length() > MAX_LENGTH) {
            throw new TemplateException(
                    name,
                    1,
                    1,
                    "the template has %d characters; the maximum is %d".formatted(original.length(), MAX_LENGTH),
                    false);
        }
        var text = original.replace("\r\n", "\n").replace('\r', '\n');
        return new Source(name, text.endsWith("\n") ? text.substring(0, text.length() - 1) : text);
    }

    TemplateException error(int offset, String problem) {
        return error(offset, problem, false);
    }

    TemplateException error(int offset, EvaluationException cause) {
        return error(offset, cause.text(), cause.raised());
    }

    private TemplateException error(int offset, String problem, boolean raised) {
        int end = Math.min(offset, text.length());
        int line =
                1 + (int) text.substring(0, end).chars().filter(c -> c == '\n').count();
        int lineStart = text.lastIndexOf('\n', end - 1) + 1;
        return new TemplateException(name, line, 1 + text.codePointCount(lineStart, end), problem, raised);
    }
}
