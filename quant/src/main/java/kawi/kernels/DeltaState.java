package kawi.kernels;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * The recurrent state of a sequence in a Gated DeltaNet layer; its size does not depend on the sequence's length.
 *
 * <p>The state after the last few rows need not be final. The contribution of such <em>revocable</em> rows is stored
 * separately from the state: their inputs to the convolution, and what they add to the state and how it decays. Until
 * the next step they can be revoked at no cost; the next step applies the rows that were not revoked, in its regular
 * sweep over the state, with the same bits as if they had been applied immediately.
 */
public final class DeltaState {

    /** The maximum number of revocable rows. */
    public static final int MAX_REVOCABLE = 16;

    private static final long ALIGNMENT = 64;

    private final DeltaShape shape;
    private final Arena arena;
    private final PagePool pool;
    private final PagePool.Page page;
    private final MemorySegment recurrent;
    private final MemorySegment history;
    private @Nullable Kept kept;
    private int revocable;
    private boolean released;

    /**
     * The contribution of revocable rows, in the first rows of each.
     *
     * @param u inputs of the convolution
     * @param y keys and, in place of values, the differences d of the delta rule: {@code S = decay S + k d^T}
     * @param decay of each row
     */
    public record Kept(Activations u, Activations y, Activations decay) {

        private static Kept allocate(DeltaShape shape, int rows, Arena arena) {
            return new Kept(
                    Activations.outputs(arena, rows, shape.channels()),
                    Activations.outputs(arena, rows, shape.channels()),
                    Activations.outputs(arena, rows, shape.decayWidth()));
        }

        private long bytes() {
            return u.floats().byteSize()
                    + y.floats().byteSize()
                    + decay.floats().byteSize();
        }

        /** Copies rows {@code [firstRow, firstRow + rows)} of the operands of a pass to the front. */
        void set(Activations u, Activations y, Activations decay, int firstRow, int rows) {
            this.u.copyRows(u, firstRow, rows);
            this.y.copyRows(y, firstRow, rows);
            this.decay.copyRows(decay, firstRow, rows);
        }
    }

    private DeltaState(DeltaShape shape, Arena arena, PagePool pool) {
        long historyAt = aligned(recurrentBytes(shape));
        this.shape = shape;
        this.arena = arena;
        this.pool = pool;
        this.page = pool.take(historyAt + aligned(historyBytes(shape)));
        this.recurrent = page.memory().asSlice(0, recurrentBytes(shape));
        this.history = page.memory().asSlice(historyAt, historyBytes(shape));
        clear();
    }

    private static long aligned(long bytes) {
        return (bytes + ALIGNMENT - 1) & -ALIGNMENT;
    }

    /**
     * The state before the first token, zeros, in a page of {@code pool} until {@link #release}. The memory of
     * revocable rows belongs to {@code arena}.
     */
    public static DeltaState allocate(DeltaShape shape, Arena arena, PagePool pool) {
        return new DeltaState(shape, arena, pool);
    }

    /** Returns the page of the state, which can no longer be used. */
    public void release() {
        if (!released) {
            released = true;
            pool.release(page);
        }
    }

    /** A page that was returned may belong to another sequence. */
    private void checkHeld() {
        if (released) {
            throw new IllegalStateException("this recurrent state has been released");
        }
    }

    /** S before the revocable rows, f32 [valueHeads][keyDim][valueDim]. */
    public MemorySegment recurrent() {
        checkHeld();
        return recurrent;
    }

    /**
     * The last {@code kernel - 1} rows that entered the convolution before the revocable ones, oldest first, f32
     * [kernel - 1][channels].
     */
    public MemorySegment history() {
        checkHeld();
        return history;
    }

    /** The number of rows at the end that can still be revoked. */
    public int revocable() {
        return revocable;
    }

    /** The contribution of the revocable rows; it must not be read if there are none. */
    public Kept kept() {
        Kept current = kept;
        if (current == null) {
            throw new IllegalStateException("no row of this state was ever revocable");
        }
        return current;
    }

    /**
     * Revokes the last {@code rows} rows.
     *
     * @throws IllegalArgumentException if fewer are revocable
     */
    public void takeBack(int rows) {
        if (rows < 0 || rows > revocable) {
            throw new IllegalArgumentException(
                    "taking back %d rows of a recurrent state: %d can be taken back".formatted(rows, revocable));
        }
        revocable -= rows;
    }

    /**
     * Reserves memory for this number of revocable rows.
     *
     * @throws IllegalArgumentException if they are more than {@link #MAX_REVOCABLE}
     */
    public void reserve(int rows) {
        if (rows > MAX_REVOCABLE) {
            throw new IllegalArgumentException(
                    "%d revocable rows: there are at most %d".formatted(rows, MAX_REVOCABLE));
        }
        if (rows > 0 && (kept == null || kept.u.capacity() < rows)) {
            Kept larger = Kept.allocate(shape, Math.min(MAX_REVOCABLE, Integer.highestOneBit(2 * rows - 1)), arena);
            if (kept != null) {
                larger.set(kept.u, kept.y, kept.decay, 0, revocable);
            }
            kept = larger;
        }
    }

    /** Advances the history by the revocable rows; their contribution to the state must then be applied as well. */
    public void confirmHistory() {
        int past = shape.kernel() - 1;
        if (revocable == 0 || past == 0) {
            return;
        }
        long row = (long) shape.channels() * Float.BYTES;
        int old = Math.max(0, past - revocable);
        MemorySegment.copy(history, (past - old) * row, history, 0, old * row);
        MemorySegment.copy(
                kept().u.floats(), (long) (revocable - (past - old)) * row, history, old * row, (past - old) * row);
    }

    // Most of what is kept is copied by the tasks of a pass, which have it in their caches. A task must not overwrite
    // what another one still reads: the inputs of the last step are read before the tasks of the convolution begin, and
    // the differences of some value channels by the task of the delta rule that computes them anew, but all tasks of
    // the delta rule read the keys and decays.

    /**
     * Keeps channels {@code [from, to)} of the inputs of the convolution, rows {@code [firstRow, firstRow + rows)},
     * after {@link #confirmHistory}.
     */
    public void keepInputs(Activations u, int firstRow, int rows, int from, int to) {
        if (rows > 0) {
            kept().u.copy(u, firstRow, rows, from, to);
        }
    }

    /** Keeps the differences of value channels {@code [from, to)} of a head, after the delta rule for these. */
    public void keepDifferences(Activations y, int firstRow, int rows, int valueHead, int from, int to) {
        if (rows > 0) {
            int column = shape.valueColumn(valueHead);
            kept().y.copy(y, firstRow, rows, column + from, column + to);
        }
    }

    /**
     * Keeps the keys and decays, and declares that the state is now that before the last {@code rows} rows of a pass,
     * which are revocable and begin at {@code firstRow}.
     */
    public void keep(Activations y, Activations decay, int firstRow, int rows) {
        if (rows > 0) {
            int from = shape.keyColumn(0);
            kept().y.copy(y, firstRow, rows, from, from + shape.keyHeads() * shape.keyDim());
            kept().decay.copyRows(decay, firstRow, rows);
        }
        revocable = rows;
    }

    /** Declares that the first {@code rows} rows of {@link #kept}, which are reserved, are revocable. */
    public void restore(int rows) {
        revocable = rows;
    }

    /** Becomes a copy of {@code other}, which has the same shape; if the allocation fails, nothing changes. */
    public void assign(DeltaState other) {
        reserve(other.revocable);
        recurrent().copyFrom(other.recurrent());
        history().copyFrom(other.history());
        if (other.revocable > 0) {
            Kept others = other.kept();
            kept().set(others.u, others.y, others.decay, 0, other.revocable);
        }
        revocable = other.revocable;
    }

    /** The state before the first token. */
    public void clear() {
        recurrent().fill((byte) 0);
        history().fill((byte) 0);
        revocable = 0;
    }

    /** Bytes of this state. */
    public long bytes() {
        return bytes(shape) + (kept == null ? 0 : kept.bytes());
    }

    /** The size in bytes of the state of a layer that never had revocable rows. */
    public static long bytes(DeltaShape shape) {
        return recurrentBytes(shape) + historyBytes(shape);
    }

    private static long recurrentBytes(DeltaShape shape) {
        return (long) shape.valueHeads() * shape.keyDim() * shape.valueDim() * Float.BYTES;
    }

    private static long historyBytes(DeltaShape shape) {
        return (long) (shape.kernel() - 1) * shape.channels() * Float.BYTES;
    }
}
