package kawi.files;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import kawi.quant.TensorSource;

/**
 * A file in memory that the caller owns.
 *
 * @param data the whole file
 */
public record MemoryFile(String name, MemorySegment data) implements FileBytes {

    /** A file whose memory is only read. */
    public MemoryFile {
        data = data.asReadOnly();
    }

    @Override
    public long size() {
        return data.byteSize();
    }

    @Override
    public MemorySegment head(long bytes) {
        checkOpen();
        return data;
    }

    @Override
    public void read(long offset, byte[] into, int count) {
        checkOpen();
        MemorySegment.copy(data, ValueLayout.JAVA_BYTE, offset, into, 0, count);
    }

    @Override
    public TensorSource range(long offset, long bytes) {
        checkOpen();
        return TensorSource.of(data.asSlice(offset, bytes));
    }

    @Override
    public void checkOpen() {
        if (!data.scope().isAlive()) {
            throw new IllegalStateException(name + " is closed");
        }
    }

    @Override
    public void checkUnchanged() {}

    @Override
    public void close() {}
}
