package kawi.engine;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.function.IntConsumer;
import kawi.Sequence;
import kawi.architecture.SequenceState;
import kawi.kernels.Activations;
import org.jspecify.annotations.Nullable;

/** The sequence of a loaded model: its state, and the rule that one thread at a time may use it. */
final class TokenSequence implements Sequence {

    /** Tokens that go through the model together while a prompt is read. */
    private static final int CHUNK = 256;

    /** Rows of logits computed together; a row of a large vocabulary is a megabyte. */
    private static final int LOGIT_ROWS = 16;

    private final LoadedModel model;
    private final SequenceState state;
    private final AtomicBoolean busy = new AtomicBoolean();
    private int lastChunk;
    private volatile boolean closed;

    TokenSequence(LoadedModel model, SequenceState state) {
        this.model = model;
        this.state = state;
    }

    @Override
    public int length() {
        return state.length();
    }

    @Override
    public void append(int... tokens) {
        append(tokens, TokenSequence::interrupted);
    }

    void append(int[] tokens, BooleanSupplier cancelled) {
        append(tokens, 0, tokens.length, cancelled, read -> {});
    }

    /**
     * Appends some of {@code tokens}.
     *
     * @param read told after each chunk how many have been appended
     */
    void append(int[] tokens, int from, int to, BooleanSupplier cancelled, IntConsumer read) {
        begin();
        try {
            check(tokens, from, to);
            for (int at = from; at < to; at += CHUNK) {
                int chunk = Math.min(CHUNK, to - at);
                appendChunk(tokens, at, chunk, cancelled);
                read.accept(at + chunk - from);
            }
        } finally {
            end();
        }
    }

    @Override
    public TokenSequence fork() {
        begin();
        try {
            TokenSequence fork = model.newSequence();
            fork.state.assign(state);
            return fork;
        } finally {
            end();
        }
    }

    /** A copy of what the model remembers of these tokens; the caller closes it. */
    SequenceState snapshot() {
        begin();
        try {
            SequenceState copy = model.decoder().newSequence();
            copy.assign(state);
            return copy;
        } finally {
            end();
        }
    }

    /** Becomes the sequence that {@code snapshot} was made of; an empty one if it is null. */
    void restore(@Nullable SequenceState snapshot) {
        begin();
        try {
            if (snapshot == null) {
                state.clear();
            } else {
                state.assign(snapshot);
            }
            lastChunk = 0;
        } finally {
            end();
        }
    }

    /** Whether a step was interrupted: {@link #restore} mends that. */
    boolean broken() {
        return state.broken();
    }

    @Override
    public void append(int[] tokens, LogitsConsumer each) {
        begin();
        try {
            check(tokens, 0, tokens.length);
            float[] row = new float[model.vocabularySize()];
            for (int from = 0; from < tokens.length; from += CHUNK) {
                int chunk = Math.min(CHUNK, tokens.length - from);
                int first = state.length();
                appendChunk(tokens, from, chunk, TokenSequence::interrupted);
                for (int t = 0; t < chunk; t += LOGIT_ROWS) {
                    int rows = Math.min(LOGIT_ROWS, chunk - t);
                    Activations logits = model.decoder().logits(state, t, rows);
                    for (int r = 0; r < rows; r++) {
                        copyRow(logits, r, row);
                        each.accept(first + t + r, row);
                    }
                }
            }
        } finally {
            end();
        }
    }

    @Override
    public float[] logits() {
        float[] row = new float[model.vocabularySize()];
        logits(row);
        return row;
    }

    @Override
    public void logits(float[] row) {
        if (row.length != model.vocabularySize()) {
            throw new IllegalArgumentException(
                    "room for %d logits, but there are %d".formatted(row.length, model.vocabularySize()));
        }
        begin();
        try {
            if (lastChunk == 0) {
                throw new IllegalStateException("a new sequence has no logits; append a token first");
            }
            copyRow(model.decoder().logits(state, lastChunk - 1, 1), 0, row);
        } finally {
            end();
        }
    }

    private static boolean interrupted() {
        return Thread.currentThread().isInterrupted();
    }

    private static void copyRow(Activations logits, int row, float[] out) {
        MemorySegment.copy(logits.floats(), JAVA_FLOAT, (long) row * out.length * Float.BYTES, out, 0, out.length);
    }

    private void appendChunk(int[] tokens, int from, int count, BooleanSupplier cancelled) {
        model.decoder().append(state, tokens, from, count, cancelled);
        lastChunk = count;
    }

    private void check(int[] tokens, int from, int to) {
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
    }

    /** Begins a step: the model stays open and no other thread may use this sequence until {@link #end}. */
    private void begin() {
        model.enter();
        if (!busy.compareAndSet(false, true)) {
            model.leave();
            throw new IllegalStateException("this sequence is in use by another thread");
        }
        if (closed) {
            end();
            throw new IllegalStateException("this sequence is closed");
        }
    }

    private void end() {
        busy.set(false);
        model.leave();
    }

    /** Frees the sequence's memory. A sequence that another thread is using cannot be closed. */
    @Override
    public void close() {
        if (!closed) {
            if (!busy.compareAndSet(false, true)) {
                throw new IllegalStateException("this sequence is in use by another thread");
            }
            try {
                model.forget(this);
                release();
            } finally {
                busy.set(false);
            }
        }
    }

    synchronized void release() {
        closed = true;
        state.close();
    }
}
