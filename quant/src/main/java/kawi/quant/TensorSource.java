package kawi.quant;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.util.List;

/**
 * The location of the bytes of a tensor: in memory, or in a file that is read in pieces. Files are read and never
 * mapped: a process that writes to a mapped file or truncates it could end this process at any load from memory. All
 * methods are safe for use by multiple threads.
 */
public interface TensorSource {

    /** Number of bytes of the tensor. */
    long byteSize();

    /**
     * The bytes {@code [offset, offset + bytes)} in memory, which the caller must not modify: a slice if they are
     * already in memory, else a copy.
     *
     * @param copies allocates a copy, if one is made
     */
    MemorySegment read(long offset, long bytes, SegmentAllocator copies);

    /**
     * Decodes {@code count} weights from byte {@code offset} on; see {@link WeightFormat#decode}. Short runs produce no
     * garbage.
     */
    void decode(WeightFormat format, long offset, float[] out, int outOffset, int count);

    /**
     * Whether the bytes are computed from others when they are read, possibly by code that is not part of Kawi. Such
     * tensors are read while a model is loaded, and not afterwards.
     */
    default boolean isConverted() {
        return false;
    }

    /** The bytes as they are stored, in a file or in memory: those that others are computed from. */
    default List<TensorSource> stored() {
        return List.of(this);
    }

    /** Bytes in memory, whose lifetime the caller manages. */
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

    /** {@code byteSize} bytes of another source, from {@code start} on. */
    record Slice(TensorSource whole, long start, long byteSize) implements TensorSource {

        @Override
        public boolean isConverted() {
            return whole.isConverted();
        }

        @Override
        public MemorySegment read(long offset, long bytes, SegmentAllocator copies) {
            return whole.read(start + offset, bytes, copies);
        }

        @Override
        public void decode(WeightFormat format, long offset, float[] out, int outOffset, int count) {
            whole.decode(format, start + offset, out, outOffset, count);
        }
    }
}
