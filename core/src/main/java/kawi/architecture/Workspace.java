package kawi.architecture;

import java.lang.foreign.Arena;
import java.lang.foreign.SegmentAllocator;
import org.jspecify.annotations.Nullable;

/**
 * The buffers that layers of one kind compute in, one set for all of them. They belong to the decoder, not to a
 * sequence, and nothing in them outlives the sub-layer: all workspaces of a decoder lie in the same memory, since only
 * one sub-layer computes at a time.
 *
 * @param <B> the buffers, a record that names them after their roles
 */
public abstract class Workspace<B> {

    private @Nullable B buffers;

    /** The most bytes that buffers for {@code rows} rows take of the shared memory. */
    protected abstract long bytes(int rows);

    /**
     * Makes buffers for {@code rows} rows.
     *
     * @param shared memory that other workspaces use as well
     * @param arena owns what must not be shared: whatever lives as long as a pass
     */
    protected abstract B allocate(int rows, SegmentAllocator shared, Arena arena);

    /** Told once at the beginning of each pass, before any layer. */
    protected void begin(Batch batch) {}

    /** The buffers, for at least as many rows as the pass has. */
    public final B buffers() {
        if (buffers == null) {
            throw new IllegalStateException("no pass has begun");
        }
        return buffers;
    }

    /** Makes the buffers anew; those of before are no longer used. */
    public final void reserve(int rows, SegmentAllocator shared, Arena arena) {
        buffers = allocate(rows, shared, arena);
    }
}
