package kawi.architecture;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.ObjLongConsumer;
import kawi.kernels.DeltaState;
import org.jspecify.annotations.Nullable;

/**
 * The state of a sequence of rows in a decoder: the state of each layer, the content keys of the rows, and the final
 * hidden rows from which logits can be computed. It has no compute buffers. Not thread-safe; {@link #close()} frees all
 * of its memory.
 */
public final class SequenceState implements AutoCloseable {

    /** The maximum number of revocable rows. */
    public static final int MAX_REVOCABLE = DeltaState.MAX_REVOCABLE;

    private static final long ALIGNMENT = 64;

    private final Decoder decoder;
    private final Arena arena;
    private final List<LayerState> layers;
    private final long outputBytes;
    private final ContentKeys keys;
    private final @Nullable DraftState draft;
    private boolean guessing;
    private int length;
    private int nextPosition;
    private int revocable;
    private boolean broken;

    /** Final hidden rows, f32 [rows][hidden]: a single row is in {@link #arena}, several in memory of their own. */
    private MemorySegment hidden;

    private @Nullable Arena ownOutputs;
    private int outputs;

    /** Creates a sequence of {@code decoder} with layer states allocated from {@code arena}, which it owns. */
    SequenceState(Decoder decoder, Arena arena, List<LayerState> layers) {
        this.decoder = decoder;
        this.arena = arena;
        this.layers = layers;
        this.outputBytes = (long) decoder.hiddenSize() * Float.BYTES;
        this.keys = new ContentKeys(arena);
        this.draft = layers.getLast() instanceof DraftState last ? last : null;
        this.hidden = arena.allocate(outputBytes, ALIGNMENT);
    }

    /** The number of rows appended so far. */
    public int length() {
        return length;
    }

    /** The default position of the next row; {@link #length} as long as none was given. */
    public int nextPosition() {
        return nextPosition;
    }

    /** The content key of a row: its token id, or the key given with its embedding. */
    public long key(int row) {
        if (row < 0 || row >= length) {
            throw new IndexOutOfBoundsException("row %d of a sequence of %d".formatted(row, length));
        }
        return keys.get(row);
    }

    /**
     * The number of final hidden rows, the last ones, that the last pass of this sequence retained. {@link
     * Decoder#logits} computes logits from them, independently of other sequences. A copy has only the last of them.
     */
    public int outputs() {
        return outputs;
    }

    /** How many of the last rows {@link #takeBack} can remove now. */
    public int revocable() {
        return revocable;
    }

    /**
     * Whether the rows of further passes are given to the decoder's {@link DraftHead}, if it has one; initially not.
     * Without this they cause no work there, but what the head can guess later is worse.
     */
    public void guessing(boolean guessing) {
        this.guessing = guessing;
    }

    /** See {@link #guessing(boolean)}; a property of this object which {@link #assign} does not change. */
    public boolean guessing() {
        return guessing;
    }

    /** The state of the draft head, if there is one. */
    @Nullable DraftState draft() {
        return draft;
    }

    /** Whether a step was interrupted, so that only {@link #assign}, {@link #clear} and {@link #close} are possible. */
    public boolean broken() {
        return broken;
    }

    /**
     * Removes the last {@code rows} rows. The sequence is then bit-identical to one to which they had never been
     * appended. They must be among the revocable rows of its last pass.
     */
    public void takeBack(int rows) {
        checkWhole();
        if (rows < 0 || rows > revocable) {
            throw new IllegalArgumentException(
                    "%d rows cannot be taken back, only up to %d: those that the last pass appended as revocable"
                            .formatted(rows, revocable));
        }
        broken = true;
        for (LayerState layer : layers) {
            layer.takeBack(rows, length - rows);
        }
        length -= rows;
        nextPosition -= rows;
        revocable -= rows;
        outputs = Math.max(0, outputs - rows);
        broken = false;
    }

    /**
     * Becomes a copy of another sequence of the same decoder; a sequence that was interrupted is usable again
     * afterwards. Keys and values that can no longer change are shared. If copying fails, this sequence is broken.
     */
    public void assign(SequenceState other) {
        other.checkWhole();
        if (other.equals(this)) {
            return;
        }
        broken = true;
        for (int layer = 0; layer < layers.size(); layer++) {
            layers.get(layer).assign(other.layers.get(layer), other.length);
        }
        keys.assign(other.keys, other.length);
        length = other.length;
        nextPosition = other.nextPosition;
        revocable = other.revocable;
        outputs = 0;
        if (other.outputs > 0) {
            retain(1);
            other.copyOutput(other.outputs - 1, hidden, 0);
        }
        broken = false;
    }

    /** Returns a copy of this sequence; the caller closes it. */
    public SequenceState fork() {
        checkWhole();
        SequenceState fork = decoder.newSequence();
        try {
            fork.assign(this);
            fork.guessing = guessing;
            return fork;
        } catch (RuntimeException | Error e) {
            fork.close();
            throw e;
        }
    }

    /** Removes all rows. */
    public void clear() {
        broken = true;
        layers.forEach(LayerState::clear);
        length = 0;
        nextPosition = 0;
        revocable = 0;
        outputs = 0;
        broken = false;
    }

    /**
     * Passes the memory of this state to a consumer, in a fixed order, to be saved. The {@linkplain #key content keys},
     * {@link #nextPosition} and {@link #revocable} are not included.
     */
    public void forEach(Consumer<MemorySegment> memory) {
        checkWhole();
        layers.forEach(layer -> layer.forEach(length, revocable, memory));
    }

    /**
     * Restores a state that {@code memory} fills in, in the order of {@link #forEach}. If that fails, this sequence is
     * broken.
     *
     * @param keys the content keys of its rows
     * @param nextPosition see {@link #nextPosition()}
     * @param revocable see {@link #revocable()}
     * @param draft whether the memory includes the state of a {@link DraftHead}
     * @throws IllegalArgumentException if that state does not fit the rows
     */
    public void fill(long[] keys, int nextPosition, int revocable, boolean draft, Consumer<MemorySegment> memory) {
        clear();
        broken = true;
        for (LayerState layer : layers) {
            if (draft || !layer.equals(this.draft)) {
                layer.forEach(keys.length, revocable, memory);
            }
        }
        if (this.draft != null) {
            this.draft.checkIds(decoder.vocabularySize());
        }
        this.keys.set(0, keys, 0, keys.length);
        this.length = keys.length;
        this.nextPosition = nextPosition;
        this.revocable = revocable;
        broken = false;
    }

    /** The number of bytes of the layer states, including those shared with copies. */
    public long bytes() {
        long bytes = 0;
        for (LayerState layer : layers) {
            bytes += layer.bytes();
        }
        return bytes;
    }

    /**
     * Passes the parts of this state's memory and the bytes of each to a consumer. States that share a part pass the
     * same object for it.
     */
    public void forEachPart(ObjLongConsumer<Object> part) {
        for (LayerState layer : layers) {
            layer.forEachPart(0, part);
        }
    }

    /** The number of layers with a state. */
    public int layers() {
        return layers.size();
    }

    /** The state of layer {@code layer}. */
    public LayerState layer(int layer) {
        return layers.get(layer);
    }

    /** Throws an {@link IllegalStateException} if the sequence is {@linkplain #broken() broken}. */
    public void checkWhole() {
        if (broken) {
            throw new IllegalStateException(
                    "this sequence was interrupted in the middle of a step and can only be closed");
        }
    }

    /** Marks the sequence unusable until {@link #appended}: layers disagree about its length during a pass. */
    void appending() {
        checkWhole();
        broken = true;
        outputs = 0;
        revocable = 0;
    }

    /** Appends {@code rows} rows, whose keys begin at index {@code from}. */
    void appended(long[] keys, int from, int rows, int revocable, int nextPosition) {
        this.keys.set(length, keys, from, rows);
        length += rows;
        this.nextPosition = nextPosition;
        this.revocable = revocable;
        broken = false;
    }

    /** Allocates room for {@code rows} outputs and returns it: f32 [rows][hidden]. */
    MemorySegment retain(int rows) {
        if (hidden.byteSize() < rows * outputBytes) {
            Arena grown = Arena.ofShared();
            hidden = grown.allocate(rows * outputBytes, ALIGNMENT);
            if (ownOutputs != null) {
                ownOutputs.close();
            }
            ownOutputs = grown;
        }
        outputs = rows;
        return hidden;
    }

    int checkOutput(int output) {
        checkWhole();
        if (output < 0 || output >= outputs) {
            throw new IllegalArgumentException(
                    "output %d of a sequence whose last pass kept %d".formatted(output, outputs));
        }
        return output;
    }

    /** Copies output {@code output}, a row after the final norm, to byte {@code at} of {@code to}. */
    public void copyOutput(int output, MemorySegment to, long at) {
        MemorySegment.copy(hidden, checkOutput(output) * outputBytes, to, at, outputBytes);
    }

    @Override
    public void close() {
        if (arena.scope().isAlive()) {
            layers.forEach(LayerState::release);
            if (ownOutputs != null) {
                ownOutputs.close();
            }
            arena.close();
        }
    }
}
