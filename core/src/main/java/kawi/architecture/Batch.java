package kawi.architecture;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The rows of one pass through the layers: for each of any number of sequences, a span of consecutive rows that the
 * pass appends to it. Spans of one row (decoding) and of many rows (prefill) may be mixed, and the results of a
 * sequence do not depend on the other sequences of the pass.
 *
 * <pre>
 *    row     0  1  2  3  4  5  6  7
 *    span    0  0  0  0  0  1  2  2
 * </pre>
 *
 * <p>A row is a token id, or an embedding that was computed elsewhere. In addition it has
 *
 * <ul>
 *   <li>a slot, its index in its sequence, which determines where layers store its state and which rows it may attend
 *       to;
 *   <li>a position on three axes (time, height, width), which only determines the rotation of its queries and keys. By
 *       default the three are equal and follow those of the row before; in text without images they equal the slot;
 *   <li>a content key, by which caches recognize it: the id, or a key that identifies a given embedding.
 * </ul>
 *
 * A batch is filled, passed to {@link Decoder#forward}, cleared and reused, so that passes create no garbage. Not
 * thread-safe.
 */
public final class Batch {

    /** Time, height and width. */
    public static final int AXES = 3;

    private static final int NO_ID = -1;

    private final List<Span> spans = new ArrayList<>();
    private int count;
    private int rows;
    private int[] ids = new int[64];
    private int[] positions = new int[64 * AXES];
    private long[] keys = new long[64];
    private @Nullable MemorySegment[] embeddings = new MemorySegment[64];

    private static final class Span {
        private @Nullable SequenceState sequence;
        private int slot;
        private int firstRow;
        private int rows;
        private int outputs;
        private int revocable;

        /** Rows at the end whose positions follow from the rows before. */
        private int regular;

        private int nextPosition;

        /** The state of the only layer that runs, if it is not one of the sequence's layers. */
        private @Nullable LayerState beside;

        SequenceState sequence() {
            if (sequence == null) {
                throw new IllegalStateException("this span has been cleared");
            }
            return sequence;
        }
    }

    /** Removes all spans. */
    public void clear() {
        for (int i = 0; i < count; i++) {
            spans.get(i).sequence = null;
            spans.get(i).beside = null;
        }
        Arrays.fill(embeddings, 0, rows, null);
        count = 0;
        rows = 0;
    }

    /**
     * Appends {@code count} ids from index {@code from} on to {@code sequence}; combines {@link #span} and
     * {@link #ids}.
     */
    public Batch add(SequenceState sequence, int[] ids, int from, int count, int outputs, int revocable) {
        return span(sequence, outputs, revocable).ids(ids, from, count);
    }

    /**
     * Begins a span: rows added from now on are appended to {@code sequence}.
     *
     * @param outputs how many of the span's last rows keep their final hidden row in the sequence, for
     *     {@link Decoder#logits}
     * @param revocable how many of the span's last rows {@link SequenceState#takeBack} can remove again; at most
     *     {@link SequenceState#MAX_REVOCABLE}
     * @throws IllegalArgumentException if the sequence has a span in this batch already
     * @throws IllegalStateException if the sequence was interrupted in an earlier pass
     */
    public Batch span(SequenceState sequence, int outputs, int revocable) {
        sequence.checkWhole();
        for (int i = 0; i < count; i++) {
            if (spans.get(i).sequence().equals(sequence)) {
                throw new IllegalArgumentException("the sequence already has a span in this batch: span " + i);
            }
        }
        if (outputs < 0 || revocable < 0 || revocable > SequenceState.MAX_REVOCABLE) {
            throw new IllegalArgumentException(
                    "a span with %d outputs and %d revocable rows: outputs must not be negative, revocable between 0 and %d"
                            .formatted(outputs, revocable, SequenceState.MAX_REVOCABLE));
        }
        Span span = newSpan(sequence, sequence.length());
        span.outputs = outputs;
        span.revocable = revocable;
        return this;
    }

    private Span newSpan(SequenceState sequence, int slot) {
        if (count == spans.size()) {
            spans.add(new Span());
        }
        Span span = spans.get(count);
        count++;
        span.sequence = sequence;
        span.beside = null;
        span.slot = slot;
        span.firstRow = rows;
        span.rows = 0;
        span.outputs = 0;
        span.revocable = 0;
        span.regular = 0;
        span.nextPosition = sequence.nextPosition();
        return span;
    }

    /**
     * Begins a span of rows for a single layer that is not one of the decoder's layers. Such a batch is passed to a
     * {@link Mixer}, not to {@link Decoder#forward}.
     *
     * @param state the layer's state for the sequence
     * @param slot the number of rows that the state has
     */
    void spanBeside(SequenceState sequence, LayerState state, int slot) {
        newSpan(sequence, slot).beside = state;
    }

    /** Adds a row with this position on each axis to the current span. */
    void row(int t, int h, int w) {
        Span span = begin(1);
        set(rows, NO_ID, t, h, w, 0);
        end(span, 1);
    }

    /** Adds {@code count} token ids from index {@code from} on to the current span. */
    public Batch ids(int[] ids, int from, int count) {
        Span span = begin(count);
        for (int i = 0; i < count; i++) {
            int id = ids[from + i];
            int position = span.nextPosition + i;
            set(rows + i, id, position, position, position, id);
        }
        span.nextPosition += count;
        span.regular += count;
        end(span, count);
        return this;
    }

    /**
     * Adds given embeddings to the current span.
     *
     * @param embeddings f32 [count][hidden]; read by {@link Decoder#forward}
     * @param positions [count][{@value #AXES}]: time, height and width of each row. Rows after these continue at the
     *     largest of all, plus 1
     * @param contentKeys one per row
     */
    public Batch embeddings(MemorySegment embeddings, int count, int[] positions, long[] contentKeys) {
        Span span = begin(count);
        long rowBytes = embeddings.byteSize() / Math.max(1, count);
        for (int i = 0; i < count; i++) {
            int t = positions[i * AXES];
            int h = positions[i * AXES + 1];
            int w = positions[i * AXES + 2];
            set(rows + i, NO_ID, t, h, w, contentKeys[i]);
            this.embeddings[rows + i] = embeddings.asSlice(i * rowBytes, rowBytes);
            span.nextPosition = Math.max(span.nextPosition, Math.max(t, Math.max(h, w)) + 1);
        }
        span.regular = 0;
        end(span, count);
        return this;
    }

    private Span begin(int added) {
        if (count == 0) {
            throw new IllegalStateException("rows were added before the first span was begun");
        }
        int needed = Math.addExact(rows, added);
        if (needed > ids.length) {
            int capacity = Math.max(needed, 2 * ids.length);
            ids = Arrays.copyOf(ids, capacity);
            positions = Arrays.copyOf(positions, capacity * AXES);
            keys = Arrays.copyOf(keys, capacity);
            embeddings = Arrays.copyOf(embeddings, capacity);
        }
        return spans.get(count - 1);
    }

    private void set(int row, int id, int t, int h, int w, long key) {
        ids[row] = id;
        positions[row * AXES] = t;
        positions[row * AXES + 1] = h;
        positions[row * AXES + 2] = w;
        keys[row] = key;
    }

    private void end(Span span, int added) {
        rows += added;
        span.rows += added;
    }

    /** Rows of all spans. */
    public int rows() {
        return rows;
    }

    /** Spans in this batch. */
    public int spans() {
        return count;
    }

    public SequenceState sequence(int span) {
        return spans.get(span).sequence();
    }

    /** The span's first row. */
    public int firstRow(int span) {
        return spans.get(span).firstRow;
    }

    /** The span's number of rows. */
    public int rows(int span) {
        return spans.get(span).rows;
    }

    /** The slot of the span's first row: the length of its sequence before this pass. */
    public int slot(int span) {
        return spans.get(span).slot;
    }

    /** How many of the span's last rows keep their final hidden row. */
    public int outputs(int span) {
        return spans.get(span).outputs;
    }

    /** How many of the span's last rows may be removed again. */
    public int revocable(int span) {
        return spans.get(span).revocable;
    }

    /** The state of layer {@code layer} for the span's sequence. */
    public LayerState state(int span, int layer) {
        LayerState beside = spans.get(span).beside;
        return beside == null ? sequence(span).layer(layer) : beside;
    }

    /** A row's position on an axis: 0 time, 1 height, 2 width. */
    public int position(int row, int axis) {
        return positions[row * AXES + axis];
    }

    /** A row's content key. */
    long key(int row) {
        return keys[row];
    }

    /** A row's token id; negative if its embedding is given. */
    int id(int row) {
        return ids[row];
    }

    /** A row's given embedding, or null. */
    @Nullable MemorySegment embedding(int row) {
        return embeddings[row];
    }

    /** Rejects a batch that no pass can run, before any sequence is modified. */
    void check(int vocabularySize, int hiddenSize) {
        for (int i = 0; i < count; i++) {
            Span span = spans.get(i);
            span.sequence().checkWhole();
            if (span.slot != span.sequence().length()) {
                throw new IllegalStateException("span %d was added when its sequence had %d rows, but it has %d now"
                        .formatted(i, span.slot, span.sequence().length()));
            }
            if (span.rows == 0 || span.outputs > span.rows || span.revocable > span.regular) {
                throw new IllegalArgumentException(
                        "span %d has %d rows, the last %d of them ids: too few for %d outputs and %d revocable ids"
                                .formatted(i, span.rows, span.regular, span.outputs, span.revocable));
            }
        }
        for (int row = 0; row < rows; row++) {
            MemorySegment embedding = embeddings[row];
            if (embedding == null && (ids[row] < 0 || ids[row] >= vocabularySize)) {
                throw new IllegalArgumentException(
                        "row %d: token id %d is not in the vocabulary of %d".formatted(row, ids[row], vocabularySize));
            }
            if (embedding != null && embedding.byteSize() != (long) hiddenSize * Float.BYTES) {
                throw new IllegalArgumentException("row %d: an embedding of %d bytes, but the model's have %d floats"
                        .formatted(row, embedding.byteSize(), hiddenSize));
            }
        }
    }

    /** Marks all sequences as being modified by a step. */
    void appending() {
        for (int i = 0; i < count; i++) {
            spans.get(i).sequence().appending();
        }
    }

    /** Appends the rows to their sequences. */
    void appended() {
        for (int i = 0; i < count; i++) {
            Span span = spans.get(i);
            span.sequence().appended(keys, span.firstRow, span.rows, span.revocable, span.nextPosition);
        }
    }
}
