package kawi.files;

import java.lang.foreign.MemorySegment;
import kawi.quant.TensorSource;

/**
 * A file that is in memory, which stays the caller's.
 *
 * @param data the whole file
 */
public record MemoryFile(String name, MemorySegment data) implements FileBytes {

    /** A file whose memory this only reads. */
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
    public TensorSource range(long offset, long bytes) {
        checkOpen();
        return TensorSource.of(data.asSlice(offset, bytes));
    }

    private void checkOpen() {
        if (!data.scope().isAlive()) {
            throw new IllegalStateException(name + " is closed");
        }
    }

    @Override
    public void checkUnchanged() {}

    @Override
    public void close() {}
}
