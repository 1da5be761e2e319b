package kawi;

/** A handle that stops generations from any thread; those using it end within one token with {@link FinishReason#CANCELLED}. */
public final class Cancellation {

    private volatile boolean cancelled;

    /** A handle that has not been used. */
    public Cancellation() {}

    /** Stops every generation that uses this handle, now and in future. */
    public void cancel() {
        cancelled = true;
    }

    /** Whether {@link #cancel()} has been called. */
    public boolean isCancelled() {
        return cancelled;
    }
}
