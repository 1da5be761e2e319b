package kawi.architecture;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.ObjLongConsumer;
import kawi.kernels.DeltaState;
import org.jspecify.annotations.Nullable;

/**
 * One sequence of rows as a decoder sees it: what each layer remembers, the content keys of the rows, and the final
 * hidden rows that logits may be asked of. It holds no buffers to compute in. Used by one thread at a time;
 * {@link #close()} frees all of its memory.
 */
public final class SequenceState implements AutoCloseable {

    /** The most rows that can be taken back. */
    public static final int MAX_REVOCABLE = DeltaState.MAX_REVOCABLE;

    private static final long ALIGNMENT = 64;

    private final Decoder decoder;
    private final Arena arena;
    private final List<LayerState> layers;
    private final long outputBytes;
    private final ContentKeys keys;
    private int length;
    private int nextPosition;
    private int revocable;
    private boolean broken;

    /** Final hidden rows, f32 [rows][hidden]: one lives in {@link #arena}, more in memory of their own. */
    private MemorySegment hidden;

    private @Nullable Arena ownOutputs;
    private int outputs;

    /** A sequence of {@code decoder} whose layer states live in {@code arena}, which it owns. */
    SequenceState(Decoder decoder, Arena arena, List<LayerState> layers) {
        this.decoder = decoder;
        this.arena = arena;
        this.layers = layers;
        this.outputBytes = (long) decoder.hiddenSize() * Float.BYTES;
        this.keys = new ContentKeys(arena);
        this.hidden = arena.allocate(outputBytes, ALIGNMENT);
    }

    /** Rows appended so far. */
    public int length() {
        return length;
    }

    /** The position that the next row has unless it is given another; {@link #length} as long as none was given. */
    public int nextPosition() {
        return nextPosition;
    }

    /** The content key of a row: its token id, or what it was given with its embedding. */
    public long key(int row) {
        if (row < 0 || row >= length) {
            throw new IndexOutOfBoundsException("row %d of a sequence of %d".formatted(row, length));
        }
        return keys.get(row);
    }

    /**
     * How many final hidden rows the last pass of this sequence kept: its last ones, of which {@link Decoder#logits}
     * computes logits whatever other sequences do meanwhile. A copy begins with the last of them alone.
     */
    public int outputs() {
        return outputs;
    }

    /** How many of the last rows {@link #takeBack} may take back now. */
    public int revocable() {
        return revocable;
    }

    /** Whether a step was interrupted, so that only {@link #assign}, {@link #clear} and {@link #close} are possible. */
    public boolean broken() {
        return broken;
    }

    /**
     * Takes back the last {@code rows} rows: the sequence is what it would be, to the last bit, if they had never been
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
     * Becomes a copy of another sequence of the same decoder; even a sequence that was interrupted is whole afterwards.
     * Keys and values that can no longer change are shared. If copying fails, this sequence is broken.
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

    /** A new sequence that is a copy of this one; the caller closes it. */
    public SequenceState fork() {
        checkWhole();
        SequenceState fork = decoder.newSequence();
        try {
            fork.assign(this);
            return fork;
        } catch (RuntimeException | Error e) {
            fork.close();
            throw e;
        }
    }

    /** Forgets all rows. */
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
     * Hands over, in a fixed order, the memory that this state is made of: to be written somewhere. The
     * {@linkplain #key content keys}, {@link #nextPosition} and {@link #revocable} are not in it.
     */
    public void forEach(Consumer<MemorySegment> memory) {
        checkWhole();
        layers.forEach(layer -> layer.forEach(length, revocable, memory));
    }

    /**
     * Becomes a sequence whose state {@code memory} fills in, in the order of {@link #forEach}. If that fails, this
     * sequence is broken.
     *
     * @param keys the content keys of its rows
     * @param nextPosition see {@link #nextPosition()}
     * @param revocable see {@link #revocable()}
     */
    public void fill(long[] keys, int nextPosition, int revocable, Consumer<MemorySegment> memory) {
        clear();
        broken = true;
        layers.forEach(layer -> layer.forEach(keys.length, revocable, memory));
        this.keys.set(0, keys, 0, keys.length);
        this.length = keys.length;
        this.nextPosition = nextPosition;
        this.revocable = revocable;
        broken = false;
    }

    /** Bytes that its layers hold, those that they share with copies included. */
    public long bytes() {
        long bytes = 0;
        for (LayerState layer : layers) {
            bytes += layer.bytes();
        }
        return bytes;
    }

    /**
     * Hands over the parts that this state's memory consists of, and the bytes of each. A part is something to
     * recognise it by: other states may share it.
     */
    public void forEachPart(ObjLongConsumer<Object> part) {
        for (LayerState layer : layers) {
            layer.forEachPart(part);
        }
    }

    /** What layer {@code layer} remembers. */
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

    /**
     * Marks the sequence unusable until {@link #appended}: layers disagree about its length while a pass is under way.
     */
    void appending() {
        checkWhole();
        broken = true;
        outputs = 0;
        revocable = 0;
    }

    /** Makes rows part of the sequence: {@code rows} of them, whose keys stand from index {@code from} on. */
    void appended(long[] keys, int from, int rows, int revocable, int nextPosition) {
        this.keys.set(length, keys, from, rows);
        length += rows;
        this.nextPosition = nextPosition;
        this.revocable = revocable;
        broken = false;
    }

    /** Makes room for {@code rows} outputs and returns it: f32 [rows][hidden]. */
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
