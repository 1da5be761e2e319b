package kawi.engine;

import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.IntConsumer;
import kawi.ClosedException;
import kawi.Sequence;
import kawi.architecture.SequenceState;
import org.jspecify.annotations.Nullable;

/**
 * A sequence of a loaded model: its state, and the rules of its use. One thread at a time may use it, but any thread
 * may close it at any time, which cancels the current step and waits for it.
 *
 * <pre>
 *    claim                          for a whole call, callbacks included: only refuses a second user
 *        enter the model            keeps the model's memory for a step
 *            lock memory            keeps this sequence's memory for a step
 *                run a request      in one pass or several, with those of other sequences
 * </pre>
 *
 * Callbacks run within the claim and outside of everything else.
 */
final class TokenSequence implements AutoCloseable {

    /** The number of prompt tokens of a request. */
    private static final int CHUNK = Scheduler.MAX_ROWS;

    /** The number of rows of logits computed together; a row of a large vocabulary takes a megabyte. */
    private static final int LOGIT_ROWS = 16;

    private final LoadedModel model;
    private final SequenceState state;
    private final AtomicBoolean claimed = new AtomicBoolean();
    private final ReentrantLock memory = new ReentrantLock();

    // Created once, since a method reference for each token would be garbage.
    private final BooleanSupplier stop = this::stopped;

    private BooleanSupplier cancelled = TokenSequence::never;
    private final PassRequest request;

    /** Whether the sequence belongs to no answer, so that its memory counts by itself. */
    private final boolean unplaced;

    private boolean interrupted;
    private volatile boolean closed;
    private boolean freed;
    private final CountedState counted;

    /** @param unplaced whether the sequence belongs to no answer, see {@link Admission} */
    TokenSequence(LoadedModel model, SequenceState state, boolean unplaced) {
        this.model = model;
        this.state = state;
        this.request = new PassRequest(state);
        this.request.stop = stop;
        this.unplaced = unplaced;
        this.counted = new CountedState(
                state,
                List.of(model.caches().memory(), model.caches().sequences()),
                unplaced ? List.of(model.admission().sequences()) : List.of());
        counted.recount();
    }

    /** The number of tokens appended so far, even if the sequence can no longer be used. */
    int length() {
        return state.length();
    }

    /** @throws IllegalStateException if the sequence was interrupted, or is closed */
    void checkUsable() {
        checkOpen();
        if (broken()) {
            throw new IllegalStateException(
                    "this sequence was interrupted in the middle of a step and can only be closed");
        }
    }

    private void checkOpen() {
        model.lifetime().checkOpen();
        if (closed) {
            throw new ClosedException("this sequence is closed", null);
        }
    }

    /** Whether a step was interrupted, after which the sequence must be reset with {@link #restore}. */
    boolean broken() {
        return interrupted || state.broken();
    }

    void append(int[] tokens, BooleanSupplier cancelled) {
        append(tokens, 0, tokens.length, null, tokens.length > 1, cancelled, read -> {}, null);
    }

    /**
     * Appends a range of {@code tokens}.
     *
     * @param images the embeddings of images in the place of some of them, or null if there are none
     * @param prompt whether they belong to a prompt, in contrast to generated ones
     * @param read notified after each chunk of the number of tokens appended
     * @param row receives the logits after the last token, or null
     * @throws CancellationException if {@code cancelled} returns true; the sequence is broken then
     */
    void append(
            int[] tokens,
            int from,
            int to,
            @Nullable PromptEmbeddings images,
            boolean prompt,
            BooleanSupplier cancelled,
            IntConsumer read,
            float @Nullable [] row) {
        claim();
        try {
            check(tokens, from, to);
            for (int at = from; at < to; at += CHUNK) {
                int end = Math.min(to, at + CHUNK);
                require(images, at, end, cancelled);
                request.append(tokens, at, end, prompt, at > from);
                request.images = images;
                if (row != null && end == to) {
                    request.logits(-1, 1, row);
                }
                step(cancelled);
                assert holdsNothing() : "user code under a lock";
                read.accept(end - from);
            }
        } finally {
            release();
        }
    }

    /**
     * Appends the generated token at {@code from} and then guesses, as many as the pass has room for. These can be
     * removed with {@link #takeBack}.
     *
     * @param tokens receives the guesses of the model's head after the token
     * @param guesses the number of guesses that follow the token
     * @param guesser has guesses made by the model's head as well
     * @param rows receives the logits after the token and after each guess
     * @return the number of guesses appended
     * @throws CancellationException if {@code cancelled} returns true; the sequence is broken then
     */
    int append(int[] tokens, int from, int guesses, Guesser guesser, BooleanSupplier cancelled, float[] rows) {
        claim();
        try {
            check(tokens, from, from + 1 + guesses);
            request.append(tokens, from, guesses, guesser, rows);
            step(cancelled);
            return state.revocable();
        } finally {
            release();
        }
    }

    /** The number of rows of other sequences' steps in the pass of the last step. */
    int otherRows() {
        return request.otherRows;
    }

    /** Sets whether the model's head may be asked for guesses, see {@link SequenceState#guessing(boolean)}. */
    void guessing(boolean on) {
        state.guessing(on);
    }

    /** Removes the last {@code rows} tokens, which the last step has appended as guesses. */
    void takeBack(int rows) {
        claim();
        try {
            begin();
            try {
                checkUsable();
                state.takeBack(rows);
                counted.update();
            } finally {
                end();
            }
        } finally {
            release();
        }
    }

    /** Appends tokens and passes on the logits after each of them. */
    void append(int[] tokens, BooleanSupplier cancelled, Sequence.LogitsConsumer each) {
        append(tokens, null, cancelled, each);
    }

    /** @param images the embeddings of images in the place of some of the tokens, or null if there are none */
    void append(
            int[] tokens, @Nullable PromptEmbeddings images, BooleanSupplier cancelled, Sequence.LogitsConsumer each) {
        int vocabulary = model.vocabularySize();
        float[] row = new float[vocabulary];
        append(tokens, 0, tokens.length, images, cancelled, LOGIT_ROWS, (position, count, rows) -> {
            for (int r = 0; r < count; r++) {
                System.arraycopy(rows, r * vocabulary, row, 0, vocabulary);
                each.accept(position + r, row);
            }
        });
    }

    /** Receives the logits after tokens, several rows at a time. */
    @FunctionalInterface
    interface LogitRows {

        /**
         * Receives rows.
         *
         * @param position the index in the sequence of the token before the first row
         * @param rows [count, vocabulary]; valid only during this call
         */
        void accept(int position, int count, float[] rows);
    }

    /**
     * Appends tokens {@code [from, to)} and passes on the logits after each of them.
     *
     * @param images the embeddings of images in the place of some of the tokens, or null if there are none
     * @param most the number of rows of logits computed together
     */
    void append(
            int[] tokens,
            int from,
            int to,
            @Nullable PromptEmbeddings images,
            BooleanSupplier cancelled,
            int most,
            LogitRows each) {
        claim();
        try {
            check(tokens, from, to);
            float[] rows = new float[Math.min(most, to - from) * model.vocabularySize()];
            for (int at = from; at < to; ) {
                int first = state.length();
                int end = Math.min(to, at + CHUNK);
                require(images, at, end, cancelled);
                request.append(tokens, at, end, true, at > from);
                request.images = images;
                request.allOutputs = true;
                step(cancelled);
                int appended = state.length() - first;
                for (int t = 0; t < appended; t += most) {
                    int count = Math.min(most, appended - t);
                    copyLogits(t, count, rows);
                    assert holdsNothing() : "user code under a lock";
                    each.accept(first + t, count, rows);
                }
                at += appended;
            }
        } finally {
            release();
        }
    }

    /** Copies the logits after the last token to {@code row}. */
    void logits(float[] row) {
        if (row.length != model.vocabularySize()) {
            throw new IllegalArgumentException(
                    "room for %d logits, but there are %d".formatted(row.length, model.vocabularySize()));
        }
        claim();
        try {
            checkUsable();
            if (state.outputs() == 0) {
                throw new IllegalStateException("a new sequence has no logits; append a token first");
            }
            copyLogits(-1, 1, row);
        } finally {
            release();
        }
    }

    /** Returns a second sequence with the same tokens. */
    TokenSequence fork() {
        claim();
        try {
            begin();
            try {
                checkUsable();
                TokenSequence fork = model.openSequence(unplaced);
                try {
                    fork.restore(state);
                    return fork;
                } catch (RuntimeException | Error e) {
                    fork.close();
                    throw e;
                }
            } finally {
                end();
            }
        } finally {
            release();
        }
    }

    /** Returns a copy of the state after these tokens; the caller closes it. */
    SequenceState snapshot() {
        claim();
        try {
            begin();
            try {
                checkUsable();
                return state.fork();
            } finally {
                end();
            }
        } finally {
            release();
        }
    }

    /** Restores the state of {@code snapshot}; null restores the empty sequence. */
    void restore(@Nullable SequenceState snapshot) {
        claim();
        try {
            begin();
            try {
                if (snapshot == null) {
                    state.clear();
                } else {
                    state.assign(snapshot);
                }
                interrupted = false;
                counted.recount();
            } finally {
                end();
            }
        } finally {
            release();
        }
    }

    /** Encodes the images among tokens {@code [from, to)}, which takes a while, so that no pass waits for this. */
    private void require(@Nullable PromptEmbeddings images, int from, int to, BooleanSupplier cancelled) {
        if (images != null) {
            assert holdsNothing() : "images are encoded under a lock";
            if (images.lacks(from, to)) {
                rest();
            }
            images.require(from, to, () -> closed || cancelled.getAsBoolean());
        }
    }

    private void check(int[] tokens, int from, int to) {
        checkUsable();
        if ((long) state.length() + to - from > model.contextLength()) {
            throw new IllegalArgumentException("%d tokens after %d are more than the context of %d tokens holds"
                    .formatted(to - from, state.length(), model.contextLength()));
        }
        for (int i = from; i < to; i++) {
            if (tokens[i] < 0 || tokens[i] >= model.vocabularySize()) {
                throw new IllegalArgumentException("token id %d at index %d is not in the vocabulary of %d"
                        .formatted(tokens[i], i, model.vocabularySize()));
            }
        }
        if (unplaced) {
            model.admission().checkGrowth(state.length(), state.length() + to - from);
        }
    }

    private void step(BooleanSupplier cancelled) {
        begin();
        try {
            this.cancelled = cancelled;
            interrupted = true;
            model.scheduler().run(request);
            interrupted = false;
            counted.update();
        } catch (CancellationException e) {
            throw closedMeanwhile(e);
        } finally {
            this.cancelled = TokenSequence::never;
            request.clear();
            end();
        }
    }

    /** Copies the logits after outputs {@code [from, from + count)} of the last pass to {@code rows}. */
    private void copyLogits(int from, int count, float[] rows) {
        begin();
        try {
            request.logits(from, count, rows);
            model.scheduler().run(request);
        } catch (CancellationException e) {
            throw closedMeanwhile(e);
        } finally {
            request.clear();
            end();
        }
    }

    /** Notes that the sequence does not continue for now. */
    void rest() {
        model.scheduler().leave(request);
    }

    private static boolean never() {
        return false;
    }

    private boolean stopped() {
        return closed || model.lifetime().closing() || cancelled.getAsBoolean();
    }

    private IllegalStateException closedMeanwhile(CancellationException e) {
        if (model.lifetime().closing()) {
            return new ClosedException("model " + model.name() + " is closed; a step was cancelled by that", e);
        }
        return closed ? new ClosedException("this sequence was closed; a step was cancelled by that", e) : e;
    }

    private void claim() {
        if (!claimed.compareAndSet(false, true)) {
            throw new IllegalStateException(
                    "this sequence is in use; one thread at a time may use it, and not from inside its own callback");
        }
    }

    private void release() {
        claimed.set(false);
    }

    /** Begins a step: the memory of the model and of this sequence is not freed until {@link #end}. */
    private void begin() {
        assert holdsNothing() : "locks are taken out of order";
        model.lifetime().enter();
        memory.lock();
        if (closed) {
            end();
            throw new ClosedException("this sequence is closed", null);
        }
    }

    private boolean holdsNothing() {
        return model.holdsNoLeaf() && !memory.isHeldByCurrentThread();
    }

    private void end() {
        memory.unlock();
        model.lifetime().leave();
    }

    /** Cancels the current step, waits for it, and frees the memory of the sequence. */
    @Override
    public void close() {
        closed = true;
        memory.lock();
        try {
            if (!freed) {
                freed = true;
                counted.remove();
                rest();
                state.close();
            }
        } finally {
            memory.unlock();
        }
        model.forget(this);
    }
}
