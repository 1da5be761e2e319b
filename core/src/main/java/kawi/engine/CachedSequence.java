package kawi.engine;

import java.util.Arrays;
import java.util.function.BooleanSupplier;
import java.util.function.IntConsumer;
import kawi.Progress;
import kawi.flight.Flight;
import kawi.flight.PrefillEvent;
import org.jspecify.annotations.Nullable;

/**
 * A sequence that reads of a prompt only what it has not read before: it goes on from where it stands if the prompt
 * begins with its own tokens, else from the longest kept snapshot that the prompt begins with, and keeps snapshots at
 * the prompt's boundaries. The logits are the same bits whichever way it goes.
 */
final class CachedSequence implements AutoCloseable {

    private final LoadedModel model;
    private volatile @Nullable TokenSequence sequence;
    private volatile boolean closed;
    private final SnapshotStore shared;
    private final @Nullable SnapshotStore own;
    private final int[] single = new int[1];
    private int[] tokens = new int[64];

    /** @param own where to keep states between the messages of one conversation, if it has such a place */
    CachedSequence(LoadedModel model, @Nullable SnapshotStore own) {
        this.model = model;
        this.shared = model.snapshots();
        this.own = own;
    }

    /**
     * How much of a prompt had to be read.
     *
     * @param reused tokens that it begins with and that were not read again
     * @param read tokens read
     */
    record Reading(int reused, int read) {}

    /**
     * Makes {@code prompt} what this sequence consists of.
     *
     * @param progress hears how many of the tokens that must be read have been read
     * @throws java.util.concurrent.CancellationException if {@code cancelled} says so
     */
    Reading read(PromptTokens prompt, BooleanSupplier cancelled, Progress progress) {
        PrefillEvent event = Flight.prefill();
        int[] ids = prompt.ids();
        int reused = reuse(ids);
        remember(ids);
        int at = reused;
        int total = ids.length - reused;
        IntConsumer none = read -> {};
        for (int boundary : stops(prompt)) {
            if (boundary > at) {
                int from = at - reused;
                sequence()
                        .append(
                                ids,
                                at,
                                boundary,
                                cancelled,
                                total < WORTH_SAYING ? none : read -> say(progress, from + read, total));
                at = boundary;
                keep(prompt, at);
            }
        }
        if (event != null) {
            event.commit(model.name(), total, reused, false);
        }
        return new Reading(reused, total);
    }

    /** Makes {@code beginning} what this sequence consists of, and keeps that state, if it is not known yet. */
    void readAhead(int[] beginning, BooleanSupplier cancelled) {
        if (own == null || own.knows(beginning)) {
            return;
        }
        PrefillEvent event = Flight.prefill();
        int reused = reuse(beginning);
        remember(beginning);
        sequence().append(beginning, reused, beginning.length, cancelled, read -> {});
        if (event != null) {
            event.commit(model.name(), beginning.length - reused, reused, true);
        }
        own.keep(beginning, beginning.length, sequence());
    }

    /** Prompts below this many tokens are read before anybody could look. */
    private static final int WORTH_SAYING = 512;

    private static void say(Progress progress, int done, int total) {
        progress.update(new Progress.Step(Progress.Stage.PREFILL, "prompt", done, total));
    }

    /**
     * Brings the sequence to a beginning of the prompt, leaving at least one token to read, and says how long it is.
     */
    private int reuse(int[] ids) {
        TokenSequence sequence = sequence();
        int length = sequence.length();
        if (!sequence.broken()
                && length > 0
                && length < ids.length
                && Arrays.mismatch(tokens, 0, length, ids, 0, length) < 0) {
            return length;
        }
        int found = own == null ? 0 : own.restore(ids, sequence);
        // After a close there is nothing to read for, and the conversation's own states may be gone already.
        if (found == 0 && own != shared && !closed()) {
            found = shared.restore(ids, sequence);
        }
        if (found == 0 && (length > 0 || sequence.broken())) {
            sequence.restore(null);
        }
        return found;
    }

    /** Where to interrupt reading, and its end. */
    private static int[] stops(PromptTokens prompt) {
        int[] boundaries = prompt.boundaries();
        int[] stops = Arrays.copyOf(boundaries, boundaries.length + 2);
        stops[boundaries.length] = prompt.shared();
        stops[boundaries.length + 1] = prompt.ids().length;
        Arrays.sort(stops);
        return stops;
    }

    private void keep(PromptTokens prompt, int at) {
        if (at == prompt.ids().length) {
            return;
        }
        if (at == prompt.shared() && shared.stats().budget() > 0) {
            shared.keep(prompt.ids(), at, sequence());
        } else if (own != null) {
            own.keep(prompt.ids(), at, sequence());
        }
    }

    private void remember(int[] ids) {
        if (tokens.length < ids.length) {
            tokens = new int[Math.max(ids.length, 2 * tokens.length)];
        }
        System.arraycopy(ids, 0, tokens, 0, ids.length);
    }

    /** Appends a generated token. */
    void append(int token, BooleanSupplier cancelled) {
        TokenSequence sequence = sequence();
        int length = sequence.length();
        if (length == tokens.length) {
            tokens = Arrays.copyOf(tokens, 2 * length);
        }
        tokens[length] = token;
        single[0] = token;
        sequence.append(single, cancelled);
    }

    /** Tokens that this sequence consists of, whether it can still be used or not. */
    int length() {
        TokenSequence open = sequence;
        return open == null ? 0 : open.length();
    }

    void logits(float[] row) {
        sequence().logits(row);
    }

    /** Whether nothing can be computed any more, since this or the model has been closed. */
    boolean closed() {
        return closed || model.lifetime().closing();
    }

    /** The sequence; it has memory from its first use on. */
    private TokenSequence sequence() {
        TokenSequence open = sequence;
        return open == null ? open() : open;
    }

    private synchronized TokenSequence open() {
        if (closed) {
            throw new ClosedException("this sequence is closed", null);
        }
        TokenSequence open = sequence;
        if (open == null) {
            open = model.openSequence();
            sequence = open;
        }
        return open;
    }

    /** Cancels the step under way, waits for it, and frees the memory; from any thread. */
    @Override
    public void close() {
        TokenSequence open;
        synchronized (this) {
            closed = true;
            open = sequence;
        }
        if (open != null) {
            open.close();
        }
    }
}
