package kawi.engine;

import java.time.Duration;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Prepares a conversation for its next message while the caller reads the last answer. Where a template drops the
 * thought of an answer, even an empty one, the model has never seen what the next prompt begins with, and has to read
 * the answer once more without the thought: nobody need wait for that.
 */
final class ReadAhead {

    private static final Logger LOG = LoggerFactory.getLogger(ReadAhead.class);

    private static final Duration POLL = Duration.ofMillis(10);

    private final CachedSequence sequence;
    private volatile boolean cancelled;
    private volatile @Nullable Thread reader;

    /** @param sequence used by nobody else between {@link #start} and {@link #await} */
    ReadAhead(CachedSequence sequence) {
        this.sequence = sequence;
    }

    /** Begins to read. */
    void start(int[] beginning) {
        cancelled = false;
        reader = Thread.ofPlatform().daemon().name("kawi-read-ahead").start(() -> {
            try {
                sequence.readAhead(beginning, () -> cancelled);
            } catch (IllegalStateException e) { // cancelled, or the model was closed
                LOG.debug("not read ahead: {}", e.getMessage());
            }
        });
    }

    /**
     * Waits until nothing is being read.
     *
     * @param stop asked while waiting, as an interrupt is; either has the reading end early
     */
    void await(BooleanSupplier stop) {
        Thread current = reader;
        if (current == null) {
            return;
        }
        boolean interrupted = false;
        boolean ended = false;
        while (!ended) {
            try {
                ended = current.join(POLL);
                cancelled |= !ended && stop.getAsBoolean();
            } catch (InterruptedException e) {
                interrupted = true;
                cancelled = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
