package kawi.cli;

/**
 * What became of a request. Times are those of {@link System#nanoTime}.
 *
 * @param intended the time at which the request should have been sent. All latencies are measured from it: a request
 *     that is sent late because of others has waited, too
 * @param end the time at which the answer was complete, or was given up
 * @param pieces the times at which pieces of the answer arrived
 * @param tokens the number of tokens of the answer
 * @param problem why there is no answer; empty if there is
 */
record LoadResult(Status status, long intended, long end, long[] pieces, int promptTokens, int tokens, String problem) {

    enum Status {
        COMPLETED,
        /** Refused because the target was busy. */
        REJECTED,
        FAILED,
        /** Given up because the run was interrupted. */
        CANCELLED
    }

    boolean completed() {
        return status == Status.COMPLETED;
    }

    /** Returns the nanoseconds until the answer was complete. */
    long latency() {
        return end - intended;
    }

    /** Returns the nanoseconds until the first piece of the answer arrived. */
    long firstPiece() {
        return (pieces.length == 0 ? end : pieces[0]) - intended;
    }

    /** Returns the mean time between two tokens after the first, in nanoseconds. */
    double meanGap() {
        return tokens < 2 || pieces.length == 0 ? 0 : (double) (end - pieces[0]) / (tokens - 1);
    }
}
