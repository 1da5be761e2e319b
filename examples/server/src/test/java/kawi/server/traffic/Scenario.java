package kawi.server.traffic;

/**
 * A request that has the same answer each time.
 *
 * @param door sends it
 */
record Scenario(String name, Door door) {

    /** One of the ways in which a request can be sent. */
    @FunctionalInterface
    interface Door {

        /** See {@link Scenario#answer}. */
        Answer answer(Caller caller) throws Exception;
    }

    /**
     * An answer.
     *
     * @param text what a caller who leaves has received a beginning of
     * @param whole all that belongs to the answer, in a form that can be compared
     */
    record Answer(String text, String whole) {}

    /**
     * Says what the caller does with an answer that is being generated.
     *
     * <p>A caller may leave: by a {@link Left} that {@link #text} throws, or by what {@link #leave} was told to run.
     */
    interface Caller {

        /** Takes a piece of the text. */
        void text(String piece);

        /** Says how the caller can leave without an exception, such as by cancellation. */
        void leave(Runnable how);
    }

    /** Thrown by a caller that leaves in the middle of an answer. */
    static final class Left extends RuntimeException {

        private static final long serialVersionUID = 1L;

        Left() {
            super("the caller leaves", null, false, false);
        }
    }

    /** Thrown instead of an answer that ended because the caller has left. */
    static final class Cancelled extends Exception {

        private static final long serialVersionUID = 1L;
    }

    /** Thrown instead of an answer if the request was refused because too many others were waiting. */
    static final class Refused extends Exception {

        private static final long serialVersionUID = 1L;
    }

    /**
     * Returns the complete answer.
     *
     * @throws Cancelled if the answer was cut short because the caller has left
     * @throws Left if the caller threw it
     * @throws Refused if it was not begun
     */
    Answer answer(Caller caller) throws Exception {
        return door.answer(caller);
    }
}
