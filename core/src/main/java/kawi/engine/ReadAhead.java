package kawi.engine;

import java.time.Duration;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Prepares a conversation for its next message in the background. Where a template drops the thought of an answer, even
 * an empty one, the answer has to be processed again without the thought before the next message.
 */
final class ReadAhead {

    private static final Logger LOG = LoggerFactory.getLogger(ReadAhead.class);

    private static final Duration POLL = Duration.ofMillis(10);

    private final CachedSequence sequence;
    private volatile boolean cancelled;
    private volatile @Nullable Thread reader;

    /** @param sequence must not be used otherwise between {@link #start} and {@link #await} */
    ReadAhead(CachedSequence sequence) {
        this.sequence = sequence;
    }

    /** Starts processing. */
    void start(PromptTokens beginning) {
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
     * Waits until processing has ended.
     *
     * @param stop queried while waiting; if it returns true, or the thread is interrupted, processing ends early
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
