package kawi.architecture;

import java.lang.foreign.Arena;
import java.util.List;
import java.util.function.IntFunction;
import kawi.kernels.Activations;
import org.jspecify.annotations.Nullable;

/**
 * One sequence of tokens as a decoder sees it: what each layer remembers, and the buffers to compute in. Used by one thread at a time;
 * {@link #close()} frees all of its memory.
 */
public final class SequenceState implements AutoCloseable {

    private final Arena arena;
    private final List<LayerState> layers;
    private int length;
    private boolean broken;
    private @Nullable Workspace workspace;
    private @Nullable Head head;

    /** Rows that logits are computed from, and the logits. */
    record Head(Arena arena, Activations input, Activations logits) {}

    /** A sequence whose layer states live in {@code arena}, which it owns. */
    SequenceState(Arena arena, List<LayerState> layers) {
        this.arena = arena;
        this.layers = layers;
    }

    /** Tokens appended so far. */
    public int length() {
        return length;
    }

    LayerState layer(int layer) {
        return layers.get(layer);
    }

    /** Marks the sequence unusable until {@link #appended}: layers disagree about its length while a chunk is under way. */
    void appending() {
        if (broken) {
            throw new IllegalStateException(
                    "this sequence was interrupted in the middle of a step and can only be closed");
        }
        broken = true;
    }

    void appended(int tokens) {
        length += tokens;
        broken = false;
    }

    /** The buffers, made anew if they hold fewer than {@code tokens} tokens. */
    Workspace workspace(int tokens, IntFunction<Workspace> maker) {
        Workspace current = workspace;
        if (current == null || current.capacity() < tokens) {
            if (current != null) {
                workspace = null;
                current.arena().close();
            }
            current = maker.apply(tokens);
            workspace = current;
        }
        return current;
    }

    /** The buffers of the last chunk. */
    Workspace workspace() {
        if (workspace == null) {
            throw new IllegalStateException("no token has been appended to this sequence yet");
        }
        return workspace;
    }

    Head head(int rows, IntFunction<Head> maker) {
        Head current = head;
        if (current == null || current.input().capacity() < rows) {
            if (current != null) {
                head = null;
                current.arena().close();
            }
            current = maker.apply(rows);
            head = current;
        }
        return current;
    }

    @Override
    public void close() {
        if (arena.scope().isAlive()) {
            if (workspace != null) {
                workspace.arena().close();
            }
            if (head != null) {
                head.arena().close();
            }
            arena.close();
        }
    }
}
