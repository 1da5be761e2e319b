package kawi.kernels;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;

/**
 * Memory for the piece of a file that is being packed; each allocation replaces the previous one. Not safe for use by
 * multiple threads.
 */
public final class PackingBuffer implements SegmentAllocator {

    private static final int ALIGNMENT = 64;

    private MemorySegment memory = MemorySegment.NULL;

    @Override
    public MemorySegment allocate(long bytes, long alignment) {
        if (memory.byteSize() < bytes) {
            memory = Arena.ofAuto().allocate(bytes, ALIGNMENT);
        }
        return memory.asSlice(0, bytes);
    }
}
