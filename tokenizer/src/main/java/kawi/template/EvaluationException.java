package kawi.template;

/**
 * Thrown when an operation on values fails. {@link Evaluator} and {@link Renderer} convert it to a
 * {@link TemplateException} with the position in the template.
 */
final class EvaluationException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final boolean raised;

    EvaluationException(String message) {
        this(message, false);
    }

    private EvaluationException(String message, boolean raised) {
        super(message, null, false, false);
        this.raised = raised;
    }

    /** The exception that {@code raise_exception(message)} throws. */
    static EvaluationException raisedByTemplate(String message) {
        return new EvaluationException(message, true);
    }

    boolean raised() {
        return raised;
    }

    String text() {
        var message = getMessage();
        return message == null ? "" : message;
    }
}
