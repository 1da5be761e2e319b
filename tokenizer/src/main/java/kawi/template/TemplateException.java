package kawi.template;

/**
 * A chat template cannot be parsed or rendered. The message reads
 * {@code chat template NAME, line L, column C: problem}.
 */
public final class TemplateException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final String template;
    private final int line;
    private final int column;
    private final String problem;
    private final boolean raised;

    TemplateException(String template, int line, int column, String problem, boolean raised) {
        super("chat template %s, line %d, column %d: %s".formatted(template, line, column, problem));
        this.template = template;
        this.line = line;
        this.column = column;
        this.problem = problem;
        this.raised = raised;
    }

    /** The name the template was parsed under. */
    public String template() {
        return template;
    }

    /** The line of the offending piece, counted from 1. */
    public int line() {
        return line;
    }

    /** The column of the offending piece in characters (code points), counted from 1. */
    public int column() {
        return column;
    }

    /** The problem alone; for a {@linkplain #raised() raised} exception exactly the text the template gave. */
    public String problem() {
        return problem;
    }

    /**
     * Whether the template itself refused the conversation by calling {@code raise_exception}, as opposed to being
     * broken or exceeding its budget.
     */
    public boolean raised() {
        return raised;
    }
}
