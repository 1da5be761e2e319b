package kawi.files;

import java.lang.foreign.MemorySegment;
import kawi.ModelFileException;
import kawi.quant.TensorSource;

/**
 * The bytes of a model file: one on disk, read when they are asked for, or one that is in memory. May be used by any
 * thread.
 */
public sealed interface FileBytes extends AutoCloseable permits DiskFile, MemoryFile {

    /** The file's name without its folder, for messages. */
    String name();

    /** Length of the file when it was opened. */
    long size();

    /**
     * Memory that begins with at least the first {@code bytes} bytes of the file, or with all there are, and stays
     * until {@link #close}.
     *
     * @throws ModelFileException if they cannot be read
     * @throws IllegalStateException after {@link #close}
     */
    MemorySegment head(long bytes);

    /**
     * A range of the file, which must lie within it, read whenever it is asked for.
     *
     * @throws IllegalStateException after {@link #close}
     */
    TensorSource range(long offset, long bytes);

    /**
     * Checks that the file is what it was when it was opened. One that was replaced by another file of the same name,
     * or deleted, can still be read and is unchanged.
     *
     * @throws ModelFileException if it was written to
     */
    void checkUnchanged();

    /** Frees the memory of {@link #head} and closes a file that was opened by its path; closing twice is harmless. */
    @Override
    void close();
}
