package kawi.template;

/**
 * Something went wrong with values; {@link Evaluator} and {@link Renderer} add the place in the template and turn it
 * into a {@link TemplateException}.
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

    /** What {@code raise_exception(message)} throws. */
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
