package kawi.template;

/**
 * Thrown when a chat template cannot be parsed or rendered. The message has the form
 * {@code chat template NAME, line L, column C: PROBLEM}.
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

    /** The name of the template, as given to {@link ChatTemplate#parse}. */
    public String template() {
        return template;
    }

    /** The line of the error, starting at 1. */
    public int line() {
        return line;
    }

    /** The column of the error in code points, starting at 1. */
    public int column() {
        return column;
    }

    /**
     * The problem without its position; for a {@linkplain #raised() raised} exception exactly the template's message.
     */
    public String problem() {
        return problem;
    }

    /** Whether the template called {@code raise_exception} to reject the conversation. */
    public boolean raised() {
        return raised;
    }
}
