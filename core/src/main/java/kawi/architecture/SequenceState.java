package kawi.architecture;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import java.util.function.ObjLongConsumer;
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

    /**
     * Becomes a copy of another sequence of the same model, with its own buffers; even a sequence that was interrupted is whole afterwards.
     * Keys and values that can no longer change are shared. If copying fails, the sequence is broken.
     */
    public void assign(SequenceState other) {
        if (other.broken) {
            throw interrupted();
        }
        broken = true;
        for (int layer = 0; layer < layers.size(); layer++) {
            layers.get(layer).assign(other.layers.get(layer), other.length);
        }
        length = other.length;
        broken = false;
    }

    /** Forgets all tokens. */
    public void clear() {
        broken = true;
        layers.forEach(LayerState::clear);
        length = 0;
        broken = false;
    }

    /** Whether a step was interrupted, so that only {@link #assign}, {@link #clear} and {@link #close} are possible. */
    public boolean broken() {
        return broken;
    }

    /** Hands over, in a fixed order, the memory that this state is made of: to be written somewhere. */
    public void forEach(Consumer<MemorySegment> memory) {
        if (broken) {
            throw interrupted();
        }
        layers.forEach(layer -> layer.forEach(length, memory));
    }

    /** Becomes a sequence of {@code length} tokens whose state {@code memory} fills in, in the order of {@link #forEach}. */
    public void fill(int length, Consumer<MemorySegment> memory) {
        clear();
        broken = true;
        layers.forEach(layer -> layer.forEach(length, memory));
        this.length = length;
        broken = false;
    }

    /**
     * Hands over the parts that this state's memory consists of, its buffers aside, and the bytes of each. A part is something to recognise it
     * by: other states may share it.
     */
    public void forEachPart(ObjLongConsumer<Object> part) {
        for (LayerState layer : layers) {
            switch (layer) {
                case LayerState.Attention attention -> {
                    long bytes = attention.kv().layout().pageBytes();
                    attention.kv().forEachPage(page -> part.accept(page, bytes));
                }
                case LayerState.Delta delta -> part.accept(delta, delta.state().bytes());
            }
        }
    }

    LayerState layer(int layer) {
        return layers.get(layer);
    }

    /** Marks the sequence unusable until {@link #appended}: layers disagree about its length while a chunk is under way. */
    void appending() {
        if (broken) {
            throw interrupted();
        }
        broken = true;
    }

    private static IllegalStateException interrupted() {
        return new IllegalStateException(
                "this sequence was interrupted in the middle of a step and can only be closed");
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
            layers.forEach(LayerState::release);
            arena.close();
        }
    }
}
