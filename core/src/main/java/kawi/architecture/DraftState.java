package kawi.architecture;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.function.Consumer;
import java.util.function.ObjLongConsumer;

/**
 * The state of the {@link DraftHead} for a sequence: the keys and values of its layer, and a queue of final hidden rows
 * of the decoder that the layer has not processed.
 *
 * <pre>
 *    decoder's rows    ...  p     p + 1   ...   n - 1
 *    queue                  h[p]  h[p + 1] ...  h[n - 1]
 *    next ids               t[p + 1]  ...  t[n - 1]  (none yet)
 *                           |-- stored --|
 * </pre>
 *
 * The layer's row p needs {@code h[p]} and the id of the token after it, so the last row always waits for the next
 * pass. The queue consists of the last rows of the sequence. Its leading rows whose layer row is in the cache already
 * are kept as long as a row after them can be taken back, because the last remaining row then waits for another id.
 *
 * <p>A row's slot in the cache is not its position in the text: rows that were appended while {@link
 * SequenceState#guessing} was off are missing. This affects the quality of guesses only.
 */
final class DraftState implements LayerState {

    /** The maximum number of rows in the queue. A full one is processed at once, with one sweep over the weights. */
    static final int MAX_QUEUED = 32;

    private static final int NO_ID = -1;
    private static final int HEADER_INTS = 3;
    private static final int ENTRY_INTS = 1 + Batch.AXES;
    private static final long ALIGNMENT = 64;
    private static final ValueLayout.OfInt I32 = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final LayerState cache;
    private final Arena arena;
    private final long rowBytes;

    /** The queue: f32 [capacity][hidden], and for each row the next id and the position. */
    private MemorySegment hidden = MemorySegment.NULL;

    private int[] entries = {};
    private int queued;

    /** Rows in the cache. */
    private int stored;

    /** Leading rows of the queue that are the last ones in the cache. */
    private int storedOfQueue;

    /** The id for which the last row of the queue is in the cache after the stored rows, or {@link #NO_ID}. */
    private int guessedId = NO_ID;

    /**
     * The state before the first row.
     *
     * @param cache the state of the head's layer
     * @param arena owns the queue
     */
    DraftState(LayerState cache, Arena arena, int hiddenSize) {
        this.cache = cache;
        this.arena = arena;
        this.rowBytes = (long) hiddenSize * Float.BYTES;
    }

    LayerState cache() {
        return cache;
    }

    int stored() {
        return stored;
    }

    int queued() {
        return queued;
    }

    int storedOfQueue() {
        return storedOfQueue;
    }

    /** The hidden rows of the queue. */
    MemorySegment hidden() {
        return hidden;
    }

    long rowAt(int entry) {
        return entry * rowBytes;
    }

    /** The id after a row of the queue, which must not be the last. */
    int nextId(int entry) {
        return entries[entry * ENTRY_INTS];
    }

    int position(int entry, int axis) {
        return entries[entry * ENTRY_INTS + 1 + axis];
    }

    /** Removes the queue: the rows that follow do not continue it. */
    void forget() {
        queued = 0;
        storedOfQueue = 0;
        guessedId = NO_ID;
    }

    /**
     * Begins the rows of a pass: earlier rows can no longer be taken back.
     *
     * @param nextId the first id of the pass, negative if it begins with an embedding
     */
    void begin(int nextId) {
        discard(Math.min(storedOfQueue, queued - 1));
        if (queued == 0) {
            return;
        }
        if (nextId >= 0 && nextId == guessedId && storedOfQueue == queued - 1) {
            storedOfQueue++;
            stored++;
        }
        entries[(queued - 1) * ENTRY_INTS] = nextId;
        guessedId = NO_ID;
    }

    private void discard(int first) {
        if (first > 0) {
            int kept = queued - first;
            MemorySegment.copy(hidden, rowAt(first), hidden, 0, kept * rowBytes);
            System.arraycopy(entries, first * ENTRY_INTS, entries, 0, kept * ENTRY_INTS);
            queued = kept;
            storedOfQueue = Math.max(0, storedOfQueue - first);
        }
    }

    /** Adds rows {@code [from, to)} of a pass to the queue. */
    void queue(Batch batch, int from, int to, MemorySegment hiddenOfPass) {
        reserve(queued + to - from);
        for (int row = from; row < to; row++) {
            int at = queued * ENTRY_INTS;
            if (queued > 0) {
                entries[at - ENTRY_INTS] = batch.id(row);
            }
            entries[at] = NO_ID;
            for (int axis = 0; axis < Batch.AXES; axis++) {
                entries[at + 1 + axis] = batch.position(row, axis);
            }
            MemorySegment.copy(hiddenOfPass, row * rowBytes, hidden, queued * rowBytes, rowBytes);
            queued++;
        }
    }

    /** Notes that the next {@code rows} rows are in the cache. */
    void stored(int rows) {
        stored += rows;
    }

    /** Notes that all rows of the queue except the last are in the cache. */
    void allStored() {
        storedOfQueue = Math.max(0, queued - 1);
    }

    /** Removes all but the last {@code rows} rows of the queue. */
    void keep(int rows) {
        discard(queued - rows);
    }

    /** Notes that the last row of the queue is in the cache after the stored ones, with {@code nextId}. */
    void guessed(int nextId) {
        guessedId = nextId;
    }

    private void reserve(int rows) {
        if (hidden.byteSize() < rows * rowBytes) {
            int capacity = Math.min(MAX_QUEUED, Math.max(4, Integer.highestOneBit(2 * rows - 1)));
            MemorySegment larger = arena.allocate(capacity * rowBytes, ALIGNMENT);
            MemorySegment.copy(hidden, 0, larger, 0, queued * rowBytes);
            entries = Arrays.copyOf(entries, capacity * ENTRY_INTS);
            hidden = larger;
        }
    }

    @Override
    public void assign(LayerState other, int length) {
        DraftState from = (DraftState) other;
        cache.assign(from.cache, from.stored);
        reserve(from.queued);
        MemorySegment.copy(from.hidden, 0, hidden, 0, from.queued * rowBytes);
        System.arraycopy(from.entries, 0, entries, 0, from.queued * ENTRY_INTS);
        queued = from.queued;
        stored = from.stored;
        storedOfQueue = from.storedOfQueue;
        guessedId = NO_ID;
    }

    @Override
    public void clear() {
        cache.clear();
        forget();
        stored = 0;
    }

    @Override
    public void takeBack(int rows, int length) {
        queued = Math.max(0, queued - rows);
        int remaining = Math.min(storedOfQueue, Math.max(0, queued - 1));
        int removed = storedOfQueue - remaining;
        stored -= removed;
        storedOfQueue = remaining;
        guessedId = NO_ID;
        cache.takeBack(removed, stored);
    }

    /**
     * Passes on the sizes, the cache, and the rows of the queue that are still needed.
     *
     * @throws IllegalArgumentException if the consumer has filled in sizes that do not fit {@code length} rows
     */
    @Override
    public void forEach(int length, int revocable, Consumer<MemorySegment> memory) {
        int first = Math.clamp((long) queued - 1 - revocable, 0, storedOfQueue);
        int[] sizes = {stored, queued - first, storedOfQueue - first};
        if (pass(sizes, memory)) {
            fill(sizes, length);
            first = 0;
        }
        cache.forEach(stored, 0, memory);
        int count = queued - first;
        int[] passed = Arrays.copyOfRange(entries, first * ENTRY_INTS, queued * ENTRY_INTS);
        if (pass(passed, memory)) {
            System.arraycopy(passed, 0, entries, 0, passed.length);
        }
        if (count > 0) {
            memory.accept(hidden.asSlice(first * rowBytes, count * rowBytes));
        }
    }

    /** Passes on integers, and returns whether the consumer has changed them. */
    private static boolean pass(int[] integers, Consumer<MemorySegment> memory) {
        MemorySegment bytes = MemorySegment.ofArray(new byte[integers.length * Integer.BYTES]);
        MemorySegment.copy(integers, 0, bytes, I32, 0, integers.length);
        memory.accept(bytes);
        int[] found = bytes.toArray(I32);
        boolean changed = !Arrays.equals(found, integers);
        System.arraycopy(found, 0, integers, 0, found.length);
        return changed;
    }

    private void fill(int[] sizes, int length) {
        assert sizes.length == HEADER_INTS;
        boolean fits = sizes[0] >= 0
                && sizes[0] <= length
                && sizes[1] >= 0
                && sizes[1] <= Math.min(MAX_QUEUED, length)
                && sizes[2] >= 0
                && sizes[2] <= Math.min(sizes[0], Math.max(0, sizes[1] - 1));
        if (!fits) {
            throw new IllegalArgumentException("the state of the draft head has sizes %s, which do not fit %d rows"
                    .formatted(Arrays.toString(sizes), length));
        }
        stored = sizes[0];
        reserve(sizes[1]);
        queued = sizes[1];
        storedOfQueue = sizes[2];
    }

    /** Throws an {@link IllegalArgumentException} if a next id that was filled in is not in the vocabulary. */
    void checkIds(int vocabularySize) {
        for (int entry = 0; entry < queued - 1; entry++) {
            int id = nextId(entry);
            if (id < 0 || id >= vocabularySize) {
                throw new IllegalArgumentException("the state of the draft head has the id %d in a vocabulary of %d"
                        .formatted(id, vocabularySize));
            }
        }
    }

    @Override
    public long bytes() {
        return cache.bytes() + hidden.byteSize();
    }

    @Override
    public int parts() {
        return cache.parts() + (hidden.byteSize() > 0 ? 1 : 0);
    }

    @Override
    public void forEachPart(int from, ObjLongConsumer<Object> part) {
        cache.forEachPart(from, part);
        if (hidden.byteSize() > 0) {
            part.accept(this, hidden.byteSize());
        }
    }

    @Override
    public void release() {
        cache.release();
    }
}
