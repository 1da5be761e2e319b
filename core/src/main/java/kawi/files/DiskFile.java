package kawi.files;

import java.io.EOFException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.nio.channels.AsynchronousFileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import kawi.ModelFileException;
import kawi.quant.TensorSource;
import kawi.quant.WeightFormat;

/** A file on disk that is read at given positions. */
public final class DiskFile implements FileBytes {

    /*
     * Model files may be on network drives, downloaded again, updated by package managers, or truncated by accident
     * while a model is in use. With a mapped file, this ends the process (SIGBUS in machine code and in stubs of the
     * JVM) or causes an InternalError at some later instruction. A read fails immediately, with an exception.
     *
     * There are two handles, for two kinds of reads:
     *
     *    channel   large pieces, into off-heap memory, from many threads at once. A FileChannel is closed for all
     *              threads when one of them is interrupted in a read. An asynchronous channel is not, and with an
     *              executor that runs tasks in place its reads are plain positional reads.
     *    small     pieces of the header and single rows during a pass, into arrays, without garbage
     */

    /** The bytes of an array that are read at once: the JVM copies them through temporary memory of that size. */
    private static final int ARRAY_PIECE_BYTES = 1 << 16;

    private static final int MAX_READ_BYTES = 1 << 30;

    /** Longer runs of weights are decoded from a temporary buffer. */
    private static final int MAX_ROW_BYTES = 1 << 18;

    private static final long CHECK_NANOS = 1_000_000_000;

    private static final ExecutorService IN_PLACE = new InPlace();

    private final Path path;
    private final String name;
    private final long size;
    private final BasicFileAttributes opened;
    private final AsynchronousFileChannel channel;
    private final RandomAccessFile small;
    private byte[] row = {};
    private MemorySegment rowMemory = MemorySegment.ofArray(row);
    private long checked = System.nanoTime();
    private Arena headOwner = Arena.ofShared();
    private MemorySegment head = MemorySegment.NULL;
    private volatile boolean closed;

    private DiskFile(
            Path path, BasicFileAttributes opened, AsynchronousFileChannel channel, RandomAccessFile small, long size) {
        this.path = path;
        this.name = path.getFileName() == null
                ? path.toString()
                : path.getFileName().toString();
        this.opened = opened;
        this.channel = channel;
        this.small = small;
        this.size = size;
    }

    /**
     * Opens the file at {@code path}.
     *
     * @param expected the expected kind of file, for messages: {@code a GGUF file}
     * @throws ModelFileException if there is no readable, non-empty regular file
     */
    public static DiskFile open(Path path, String expected) {
        if (Files.isDirectory(path)) {
            throw new ModelFileException("%s is a directory, but %s was expected".formatted(path, expected));
        }
        if (!Files.exists(path)) {
            throw new ModelFileException("%s does not exist; %s was expected there".formatted(path, expected));
        }
        // Opening a pipe would block until there is a writer, and a device has no end.
        if (!Files.isRegularFile(path)) {
            throw new ModelFileException("%s is not a regular file, but %s was expected".formatted(path, expected));
        }
        try {
            return open(path);
        } catch (AccessDeniedException e) {
            throw new ModelFileException("%s may not be read by this user".formatted(path), e);
        } catch (EOFException e) {
            throw new ModelFileException("%s is empty, but %s was expected".formatted(path, expected), e);
        } catch (IOException | UnsupportedOperationException e) {
            throw new ModelFileException("%s cannot be opened: %s".formatted(path, e.getMessage()), e);
        }
    }

    /** Opens both handles; if one fails, the other is closed. */
    private static DiskFile open(Path path) throws IOException {
        AsynchronousFileChannel channel = AsynchronousFileChannel.open(path, Set.of(StandardOpenOption.READ), IN_PLACE);
        try {
            RandomAccessFile small = new RandomAccessFile(path.toFile(), "r");
            try {
                long size = channel.size();
                if (size == 0) {
                    throw new EOFException();
                }
                return new DiskFile(path, Files.readAttributes(path, BasicFileAttributes.class), channel, small, size);
            } catch (IOException | RuntimeException e) {
                small.close();
                throw e;
            }
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public long size() {
        return size;
    }

    @Override
    public synchronized MemorySegment head(long bytes) {
        checkOpen();
        long wanted = Math.min(bytes, size);
        if (wanted > head.byteSize()) {
            grow(wanted);
        }
        return head;
    }

    private void grow(long wanted) {
        long bytes = Math.min(size, Math.max(wanted, 2 * head.byteSize()));
        Arena owner = Arena.ofShared();
        try {
            MemorySegment grown = owner.allocate(bytes, 64);
            MemorySegment.copy(head, 0, grown, 0, head.byteSize());
            read(head.byteSize(), grown.asSlice(head.byteSize()));
            headOwner.close();
            headOwner = owner;
            head = grown.asReadOnly();
        } catch (RuntimeException | Error e) {
            owner.close();
            throw e;
        }
    }

    @Override
    public TensorSource range(long offset, long bytes) {
        checkOpen();
        Objects.checkFromIndexSize(offset, bytes, size);
        return new Range(this, offset, bytes);
    }

    private record Range(DiskFile file, long start, long byteSize) implements TensorSource {

        @Override
        public MemorySegment read(long offset, long bytes, SegmentAllocator copies) {
            Objects.checkFromIndexSize(offset, bytes, byteSize);
            MemorySegment copy = copies.allocate(bytes, 1);
            file.read(start + offset, copy);
            return copy;
        }

        @Override
        public void decode(WeightFormat format, long offset, float[] out, int outOffset, int count) {
            long bytes = format.bytes(count);
            Objects.checkFromIndexSize(offset, bytes, byteSize);
            file.decode(format, start + offset, Math.toIntExact(bytes), out, outOffset, count);
        }
    }

    /** Fills {@code into} with the bytes from {@code offset} on. */
    private void read(long offset, MemorySegment into) {
        for (long at = 0; at < into.byteSize(); ) {
            long piece = Math.min(MAX_READ_BYTES, into.byteSize() - at);
            int count =
                    result(channel.read(into.asSlice(at, piece).asByteBuffer(), offset + at), offset, into.byteSize());
            if (count < 0) {
                throw cutShort(offset, into.byteSize());
            }
            at += count;
        }
    }

    /** The result of a read, which is not affected by an interrupt. */
    private int result(Future<Integer> read, long offset, long bytes) {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return read.get();
                } catch (InterruptedException e) {
                    interrupted = true;
                } catch (ExecutionException e) {
                    throw failure(offset, bytes, Objects.requireNonNullElse(e.getCause(), e));
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Override
    public void read(long offset, byte[] into, int count) {
        checkOpen();
        synchronized (small) {
            readSmall(offset, into, count);
        }
    }

    /** Copies bytes of the file to the start of an array; the caller holds the lock of {@code small}. */
    private void readSmall(long offset, byte[] into, int count) {
        try {
            small.seek(offset);
            for (int at = 0; at < count; at += ARRAY_PIECE_BYTES) {
                small.readFully(into, at, Math.min(ARRAY_PIECE_BYTES, count - at));
            }
        } catch (EOFException e) {
            throw cutShort(offset, count);
        } catch (IOException e) {
            throw failure(offset, count, e);
        }
    }

    private void decode(WeightFormat format, long offset, int bytes, float[] out, int outOffset, int count) {
        if (bytes > MAX_ROW_BYTES) {
            MemorySegment copy = Arena.ofAuto().allocate(bytes, 64);
            read(offset, copy);
            format.decode(copy, 0, out, outOffset, count);
            return;
        }
        synchronized (small) {
            long now = System.nanoTime();
            if (now - checked > CHECK_NANOS) {
                checkUnchanged();
                checked = now;
            }
            if (row.length < bytes) {
                row = new byte[bytes];
                rowMemory = MemorySegment.ofArray(row);
            }
            readSmall(offset, row, bytes);
            format.decode(rowMemory, 0, out, outOffset, count);
        }
    }

    private ModelFileException cutShort(long offset, long bytes) {
        return new ModelFileException(
                "%s was changed while in use: %d bytes at byte %d cannot be read: it now ends earlier; load it again"
                        .formatted(name, bytes, offset));
    }

    private RuntimeException failure(long offset, long bytes, Throwable cause) {
        checkOpen();
        return new ModelFileException(
                "%s: %d bytes at byte %d cannot be read: %s".formatted(name, bytes, offset, cause.getMessage()), cause);
    }

    @Override
    public void checkOpen() {
        if (closed) {
            throw new IllegalStateException(name + " is closed");
        }
    }

    @Override
    public void checkUnchanged() {
        BasicFileAttributes now;
        try {
            now = Files.readAttributes(path, BasicFileAttributes.class);
        } catch (IOException e) {
            return; // The file was deleted or is not accessible: the open handle tells whether it can be read.
        }
        boolean same = Objects.equals(now.fileKey(), opened.fileKey());
        if (same && (now.size() != size || !now.lastModifiedTime().equals(opened.lastModifiedTime()))) {
            throw new ModelFileException(
                    "%s was changed while in use: it had %d bytes and was last modified %s, now it has %d and was modified %s; load it again"
                            .formatted(name, size, opened.lastModifiedTime(), now.size(), now.lastModifiedTime()));
        }
    }

    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        head = MemorySegment.NULL;
        headOwner.close();
        try {
            channel.close();
            small.close();
        } catch (IOException e) {
            // Nothing was written, so no data is lost.
        }
    }

    /** Runs tasks on the calling thread. */
    private static final class InPlace extends AbstractExecutorService {

        @Override
        public void execute(Runnable task) {
            task.run();
        }

        @Override
        public void shutdown() {}

        @Override
        public List<Runnable> shutdownNow() {
            return List.of();
        }

        @Override
        public boolean isShutdown() {
            return false;
        }

        @Override
        public boolean isTerminated() {
            return false;
        }

        @Override
        public boolean awaitTermination(long timeout, TimeUnit unit) {
            return false;
        }
    }
}
