package kawi.vision;

/**
 * The right to compute with the threads of a model. It is passed on between passes of the text model and blocks of the
 * vision tower in the order of arrival, so that answers in progress go on, slower, while an image is encoded.
 */
public interface ComputeTurn {

    /**
     * Waits for the turn, and keeps the model's memory until {@link #end}.
     *
     * @throws kawi.ClosedException if the model is closed
     */
    void begin();

    /** Ends the turn. */
    void end();

    /** Whether the model is being closed, so that work in progress should end. */
    boolean closing();
}
