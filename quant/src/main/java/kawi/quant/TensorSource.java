package kawi.quant;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;

/**
 * Where the bytes of a tensor are: in memory, or in a file that is read piece by piece. A file is read, never mapped:
 * whoever writes to it or truncates it could otherwise end this process at any load from memory. All methods may be
 * called from any thread.
 */
public interface TensorSource {

    /** Number of bytes of the tensor. */
    long byteSize();

    /**
     * Bytes {@code [offset, offset + bytes)} in memory, which the caller only reads: a slice where they are in memory
     * already, else a copy.
     *
     * @param copies where a copy is allocated; nothing is allocated where none is made
     */
    MemorySegment read(long offset, long bytes, SegmentAllocator copies);

    /**
     * Decodes {@code count} weights from byte {@code offset} on; see {@link WeightFormat#decode}. Short runs make no
     * garbage.
     */
    void decode(WeightFormat format, long offset, float[] out, int outOffset, int count);

    /** Bytes that are in memory; the caller keeps them there. */
    static TensorSource of(MemorySegment data) {
        return new InMemory(data);
    }

    /** Bytes in memory. */
    record InMemory(MemorySegment data) implements TensorSource {

        @Override
        public long byteSize() {
            return data.byteSize();
        }

        @Override
        public MemorySegment read(long offset, long bytes, SegmentAllocator copies) {
            return data.asSlice(offset, bytes);
        }

        @Override
        public void decode(WeightFormat format, long offset, float[] out, int outOffset, int count) {
            format.decode(data, offset, out, outOffset, count);
        }
    }
}
