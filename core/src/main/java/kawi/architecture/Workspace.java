package kawi.architecture;

import java.lang.foreign.Arena;
import java.lang.foreign.SegmentAllocator;
import org.jspecify.annotations.Nullable;

/**
 * The compute buffers of layers of one kind, one set for all of them. They belong to the decoder, not to a sequence,
 * and their contents do not outlive the sub-layer: all workspaces of a decoder share the same memory, since only one
 * sub-layer computes at a time.
 *
 * @param <B> the buffers, a record that names them after their roles
 */
public abstract class Workspace<B> {

    private @Nullable B buffers;

    /** The maximum number of bytes of shared memory that buffers for {@code rows} rows need. */
    protected abstract long bytes(int rows);

    /**
     * Allocates buffers for {@code rows} rows.
     *
     * @param shared memory that other workspaces use as well
     * @param arena owns memory that must not be shared because it is used throughout a pass
     */
    protected abstract B allocate(int rows, SegmentAllocator shared, Arena arena);

    /** Called at the beginning of each pass, before any layer. */
    protected void begin(Batch batch) {}

    /** Returns the buffers, which have room for the rows of the pass. */
    public final B buffers() {
        if (buffers == null) {
            throw new IllegalStateException("no pass has begun");
        }
        return buffers;
    }

    /** Reallocates the buffers; the previous ones are no longer used. */
    public final void reserve(int rows, SegmentAllocator shared, Arena arena) {
        buffers = allocate(rows, shared, arena);
    }
}
