package kawi;

import java.time.Duration;
import java.util.Optional;

/**
 * Receives the progress of long work: downloading, loading, processing a long prompt. It is called on the thread that
 * does the work, often, in order for each subject, and should return quickly. An exception that it throws ends the
 * work.
 *
 * {@snippet :
 *    Model.loader(path)
 *            .progress(step -> System.err.printf("%s %d of %d%n", step.subject(), step.done(), step.total()))
 *            .load();
 * }
 */
@FunctionalInterface
public interface Progress {

    /** Called when work has advanced; the last call for a subject has {@code done == total}. */
    void update(Step step);

    /** A kind of long work. */
    enum Stage {
        /** Downloading a model's files; counted in bytes. */
        DOWNLOAD,
        /** Converting weights to the layout of the kernels; counted in bytes of weights. */
        LOAD,
        /** Processing a prompt; counted in tokens. */
        PREFILL,
        /** Encoding an image of a prompt; counted in blocks of the vision tower. */
        ENCODE,
        /** Writing a model; counted in tensors. */
        WRITE,
        /** Converting a model to other weight formats; counted in bytes of the original weights. */
        QUANTIZE
    }

    /**
     * The state of a piece of work.
     *
     * @param stage the kind of work, which determines the unit
     * @param subject the object of the work, such as the name of a file
     * @param done the amount that is done
     * @param total the whole amount, or -1 if it is not known yet
     * @param remaining an estimate of the time that the rest takes, for a long prompt after its first few hundred
     *     tokens; it takes into account that a token costs more, the more there are before it
     */
    record Step(Stage stage, String subject, long done, long total, Optional<Duration> remaining) {

        /** Creates a step without an estimate of the remaining time. */
        public Step(Stage stage, String subject, long done, long total) {
            this(stage, subject, done, total, Optional.empty());
        }
    }
}
