package kawi;

/**
 * A handle with which any thread can stop generations. Generations that use it end within one token, with
 * {@link FinishReason#CANCELLED}.
 */
public final class Cancellation {

    private volatile boolean cancelled;

    /** Creates a handle that is not cancelled. */
    public Cancellation() {}

    /** Stops all current and future generations that use this handle. Further calls have no effect. */
    public void cancel() {
        cancelled = true;
    }

    /** Returns whether {@link #cancel()} has been called. */
    public boolean isCancelled() {
        return cancelled;
    }
}
