package kawi.cli;

import java.io.IOException;
import java.util.concurrent.CancellationException;

/** What answers the requests of {@link LoadRun}. Used by many threads at once. */
interface LoadTarget extends AutoCloseable {

    /** Says that the target has refused a request because it is busy. */
    final class BusyTargetException extends Exception {

        private static final long serialVersionUID = 1L;

        BusyTargetException(String message) {
            super(message);
        }
    }

    /**
     * Has a request answered.
     *
     * @param piece run whenever a piece of the answer has arrived
     * @return the number of tokens of the answer
     * @throws CancellationException if the answer was cancelled
     */
    int answer(LoadPlan.Request request, Runnable piece) throws IOException, InterruptedException, BusyTargetException;

    /** Returns what is being loaded, for the report. */
    String description();

    /** Ends all answers. */
    void abort();

    @Override
    void close();
}
