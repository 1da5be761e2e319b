package kawi.architecture;

import java.lang.foreign.MemorySegment;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import java.util.function.IntSupplier;
import kawi.compute.Compute;
import kawi.kernels.Activations;
import org.jspecify.annotations.Nullable;

/**
 * A layer that guesses the next tokens of a sequence from the decoder's final hidden row: multi-token prediction.
 *
 * <pre>
 *    y = layer(h[n - 1], nextId)         first guess:  argmax of y head^T over the {@link ShortList}
 *    y = layer(y, first guess)           second guess: likewise
 * </pre>
 *
 * The layer attends to its own keys and values of earlier rows, {@link DraftState}, so it must have processed {@code
 * (h[p], t[p + 1])} for the rows of the text. Rows of a prompt are processed at the end of each pass, single rows in
 * batches or when a guess is made: a step that makes no guess does not read the weights of the layer. The layer's rows
 * of guesses are overwritten by those of the text.
 *
 * <p>Guesses depend on the sequence and the short list only, not on how rows were divided into passes, and nothing else
 * depends on them.
 */
public final class DraftHead {

    /** The maximum number of sequences for which guesses are made at once; a row of logits may take a megabyte. */
    private static final int MAX_SEQUENCES = 16;

    /** Passes with more rows that cannot be taken back are processed at once, so that copies need not keep them. */
    private static final int MAX_LASTING = 4;

    private final DraftLayer layer;
    private final ShortList list;
    private final IntSupplier reserve;
    private final int[] active = new int[MAX_SEQUENCES];
    private final int[] rows = new int[MAX_SEQUENCES];

    /** @param reserve ensures that the workspaces have memory, and returns for how many rows */
    DraftHead(Compute compute, Stack.Draft parts, float eps, IntSupplier reserve) {
        this.layer = new DraftLayer(compute, parts, eps);
        this.list = new ShortList(compute, parts.head(), parts.headRows());
        this.reserve = reserve;
    }

    /**
     * Adds ids, such as those of end tokens and tags, to those that can be guessed, which are otherwise the most
     * frequent ones and those that occurred in texts.
     */
    public void include(int... ids) {
        for (int id : ids) {
            list.always(id);
        }
    }

    /**
     * Processes or queues the rows of a pass.
     *
     * @param hidden the final hidden rows of the pass
     * @param capacity the number of rows for which the workspaces have memory
     */
    void extend(Batch batch, MemorySegment hidden, int capacity) {
        layer.begin(capacity);
        for (int span = 0; span < batch.spans(); span++) {
            SequenceState sequence = batch.sequence(span);
            DraftState state = sequence.draft();
            if (state == null) {
                continue;
            }
            if (!sequence.guessing()) {
                state.forget();
                continue;
            }
            int first = batch.firstRow(span);
            int end = first + batch.rows(span);
            state.begin(batch.id(first));
            noteIds(batch, first, end);
            if (fitsQueue(state, batch, first, end, end - first - batch.revocable(span))) {
                state.queue(batch, first, end, hidden);
            } else {
                storePass(sequence, state, batch, span, hidden);
            }
        }
        layer.store();
    }

    private void noteIds(Batch batch, int first, int end) {
        for (int row = first; row < end; row++) {
            list.seen(batch.id(row));
        }
    }

    /** @param lasting the number of rows that cannot be taken back, which are many only in a prompt */
    private static boolean fitsQueue(DraftState state, Batch batch, int first, int end, int lasting) {
        if (lasting > MAX_LASTING || state.queued() + end - first > DraftState.MAX_QUEUED) {
            return false;
        }
        for (int row = first; row < end; row++) {
            if (batch.embedding(row) != null) {
                return false;
            }
        }
        return true;
    }

    /** Adds the rows of the queue and of a pass, except the last one, to those to be stored. */
    private void storePass(SequenceState sequence, DraftState state, Batch batch, int span, MemorySegment hidden) {
        int first = batch.firstRow(span);
        int last = first + batch.rows(span) - 1;
        storeQueue(sequence, state, state.queued(), batch.embedding(first));
        for (int row = first; row < last; row++) {
            layer.of(sequence, state.cache(), state.stored());
            layer.row(
                    hidden,
                    state.rowAt(row),
                    batch.id(row + 1),
                    batch.embedding(row + 1),
                    batch.position(row, 0),
                    batch.position(row, 1),
                    batch.position(row, 2));
            stored(state);
        }
        int kept = batch.revocable(span) + 1;
        int ofPass = Math.min(kept, last + 1 - first);
        state.keep(Math.min(kept - ofPass, state.queued()));
        state.queue(batch, last + 1 - ofPass, last + 1, hidden);
        state.allStored();
    }

    /**
     * Adds the first {@code end} rows of the queue, as far as they are not in the cache, to those to be stored.
     *
     * @param embedding the embedding after the last row of the queue, or null if it has an id
     */
    private void storeQueue(SequenceState sequence, DraftState state, int end, @Nullable MemorySegment embedding) {
        for (int entry = state.storedOfQueue(); entry < end; entry++) {
            layer.of(sequence, state.cache(), state.stored());
            layer.row(
                    state.hidden(),
                    state.rowAt(entry),
                    state.nextId(entry),
                    entry == state.queued() - 1 ? embedding : null,
                    state.position(entry, 0),
                    state.position(entry, 1),
                    state.position(entry, 2));
            stored(state);
        }
    }

    /** Notes a row to be stored, and processes those that there are if there is no room for another one. */
    private void stored(DraftState state) {
        state.stored(1);
        if (layer.full()) {
            layer.store();
        }
    }

    /**
     * Guesses. The states of the sequences remain the same, except that queued rows have been processed.
     *
     * @param cancelled queried between guesses; when it returns true, there are no further ones
     */
    public void guess(Guesses guesses, BooleanSupplier cancelled) {
        int capacity = reserve.getAsInt();
        list.update();
        for (int from = 0; from < guesses.count(); from += MAX_SEQUENCES) {
            int to = Math.min(guesses.count(), from + MAX_SEQUENCES);
            boolean complete = false;
            try {
                guess(guesses, from, to, capacity, cancelled);
                complete = true;
            } finally {
                if (!complete) {
                    clear(guesses, from, to);
                }
            }
        }
    }

    /** After a failure, the caches may lack rows that have been counted. */
    private static void clear(Guesses guesses, int from, int to) {
        for (int i = from; i < to; i++) {
            DraftState state = guesses.sequence(i).draft();
            if (state != null) {
                state.clear();
            }
        }
    }

    private void guess(Guesses guesses, int from, int to, int capacity, BooleanSupplier cancelled) {
        layer.begin(capacity);
        int count = 0;
        for (int i = from; i < to; i++) {
            SequenceState sequence = guesses.sequence(i);
            sequence.checkWhole();
            DraftState state = sequence.draft();
            if (state != null && state.queued() > 0 && guesses.unfinished(i)) {
                storeQueue(sequence, state, state.queued() - 1, null);
                state.allStored();
                active[count] = i;
                count++;
            }
        }
        layer.store();
        MemorySegment y = MemorySegment.NULL;
        for (int step = 0; count > 0 && !cancelled.getAsBoolean(); step++) {
            for (int a = 0; a < count; a++) {
                addRow(guesses, active[a], y, rows[a], step);
            }
            Activations hidden = layer.run();
            y = hidden.floats();
            list.products(hidden, count);
            int remaining = 0;
            for (int a = 0; a < count; a++) {
                int i = active[a];
                list.choose(a);
                guesses.guessed(i, list.chosen(), list.confidence());
                if (guesses.unfinished(i)) {
                    active[remaining] = i;
                    rows[remaining] = a;
                    remaining++;
                }
            }
            count = remaining;
        }
    }

    private void addRow(Guesses guesses, int i, MemorySegment y, int rowOfY, int step) {
        SequenceState sequence = guesses.sequence(i);
        DraftState state = Objects.requireNonNull(sequence.draft());
        int id = guesses.lastId(i);
        layer.of(sequence, state.cache(), state.stored() + step);
        if (step == 0) {
            int last = state.queued() - 1;
            layer.row(
                    state.hidden(),
                    state.rowAt(last),
                    id,
                    null,
                    state.position(last, 0),
                    state.position(last, 1),
                    state.position(last, 2));
            state.guessed(id);
        } else {
            int position = sequence.nextPosition() + step - 1;
            layer.row(y, state.rowAt(rowOfY), id, null, position, position, position);
        }
    }

    void close() {
        layer.close();
        list.close();
    }
}
