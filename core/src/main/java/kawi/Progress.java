package kawi;

/**
 * Hears how far long work has come: downloading, loading, reading a long prompt. It is called on whatever thread does the work, often and in
 * order for each subject, and should return at once; what it throws ends the work.
 *
 * {@snippet :
 *    Model.loader(path).progress(step -> System.err.printf("%s %d of %d%n", step.subject(), step.done(), step.total())).load();
 * }
 */
@FunctionalInterface
public interface Progress {

    /** Says how far one piece of work has come; the last call for it has {@code done == total}. */
    void update(Step step);

    /** The kinds of long work. */
    enum Stage {
        /** Fetching a model's files; counted in bytes. */
        DOWNLOAD,
        /** Bringing weights into the form the kernels read; counted in bytes of weights. */
        LOAD,
        /** Reading a prompt; counted in tokens. */
        PREFILL,
        /** Writing a model; counted in tensors. */
        WRITE
    }

    /**
     * A state of one piece of work.
     *
     * @param stage its kind, which says what is counted
     * @param subject what is being worked on, such as a file's name
     * @param done how much is done
     * @param total how much there is, or -1 while that is not known
     */
    record Step(Stage stage, String subject, long done, long total) {}
}
