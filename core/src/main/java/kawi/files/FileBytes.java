package kawi.files;

import java.lang.foreign.MemorySegment;
import kawi.ModelFileException;
import kawi.quant.TensorSource;

/** The bytes of a model file, either on disk and read on request, or in memory. Safe for use by multiple threads. */
public sealed interface FileBytes extends AutoCloseable permits DiskFile, MemoryFile {

    /** The file's name without its folder, for messages. */
    String name();

    /** Length of the file when it was opened. */
    long size();

    /**
     * Memory that begins with at least the first {@code bytes} bytes of the file, or the whole file if it is shorter,
     * and is valid until {@link #close}.
     *
     * @throws ModelFileException if they cannot be read
     * @throws IllegalStateException after {@link #close}
     */
    MemorySegment head(long bytes);

    /**
     * Copies the {@code count} bytes from {@code offset} on, which must lie within the file, to the start of an array.
     *
     * @throws ModelFileException if they cannot be read
     * @throws IllegalStateException after {@link #close}
     */
    void read(long offset, byte[] into, int count);

    /** Throws {@link IllegalStateException} after {@link #close}. */
    void checkOpen();

    /**
     * A range of the file, which must lie within it; it is read on each request.
     *
     * @throws IllegalStateException after {@link #close}
     */
    TensorSource range(long offset, long bytes);

    /**
     * Checks that the file has not been modified since it was opened. A file that was deleted, or replaced by another
     * file of the same name, remains readable and is unmodified.
     *
     * @throws ModelFileException if it was modified
     */
    void checkUnchanged();

    /** Frees the memory of {@link #head} and closes a file that was opened by its path; closing again has no effect. */
    @Override
    void close();
}
