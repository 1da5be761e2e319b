package kawi.hub;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.atomic.AtomicLongArray;
import kawi.files.StagedFile;

/**
 * A partially downloaded file. The numbers of bytes present are stored after the content, so that both are in one file
 * and are consistent after a process is killed:
 *
 * <pre>
 *    [0, size)   content; parts of partBytes, each filled from its beginning
 *    magic       "KAWIPART"
 *    partBytes   8 bytes, big endian like all that follows
 *    done[parts] 8 bytes each: the number of bytes present of the part
 * </pre>
 *
 * A count is written after the bytes that it counts. A file of exactly {@code size} bytes is complete: truncating it to
 * this size is the last operation before it is renamed. After a power failure the counts may be wrong, which the hash
 * detects.
 *
 * <p>The name differs from those of the Python client's incomplete files, which contain a prefix of the content and are
 * resumed at their end.
 */
final class PartFile implements AutoCloseable {

    private static final String SUFFIX = ".kawi.incomplete";

    private static final long MAGIC = 0x4B41574950415254L;
    private static final int HEADER_BYTES = 16;
    private static final long MAX_PARTS = 4096;

    private final Path path;
    private final FileChannel channel;
    private final long size;
    private long partBytes;
    private AtomicLongArray done;

    private PartFile(Path path, FileChannel channel, long size, long partBytes) {
        this.path = path;
        this.channel = channel;
        this.size = size;
        this.partBytes = partBytes;
        this.done = new AtomicLongArray(parts());
    }

    /** The file for the parts of {@code blob}. */
    static Path of(Path blob) {
        return blob.resolveSibling(blob.getFileName() + SUFFIX);
    }

    /** Opens the partial file of {@code blob}, or creates it. The caller holds the lock of the blob. */
    static PartFile open(Path blob, long size, long partBytes) throws IOException {
        Path path = of(blob);
        FileChannel channel =
                FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        try {
            PartFile file = new PartFile(path, channel, size, Math.max(partBytes, (size + MAX_PARTS - 1) / MAX_PARTS));
            if (!file.restore()) {
                file.restart();
            }
            return file;
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    /** Reads the counts of an existing file; false if it is not a partial file of this size. */
    private boolean restore() throws IOException {
        long length = channel.size();
        if (length == size && size > 0) {
            for (int part = 0; part < parts(); part++) {
                done.set(part, length(part));
            }
            return true;
        }
        if (length < size + HEADER_BYTES) {
            return false;
        }
        ByteBuffer header = ByteBuffer.allocate(HEADER_BYTES);
        read(header, size);
        if (header.getLong(0) != MAGIC) {
            return false;
        }
        long earlier = header.getLong(Long.BYTES);
        if (earlier < 1 || earlier > RemoteFile.MAX_BYTES || (size + earlier - 1) / earlier > MAX_PARTS) {
            return false;
        }
        partBytes = earlier;
        done = new AtomicLongArray(parts());
        if (length != size + HEADER_BYTES + (long) parts() * Long.BYTES) {
            return false;
        }
        ByteBuffer counts = ByteBuffer.allocate(parts() * Long.BYTES);
        read(counts, size + HEADER_BYTES);
        for (int part = 0; part < parts(); part++) {
            long count = counts.getLong(part * Long.BYTES);
            if (count < 0 || count > length(part)) {
                return false;
            }
            done.set(part, count);
        }
        return true;
    }

    /** Discards all content. */
    void restart() throws IOException {
        done = new AtomicLongArray(parts());
        channel.truncate(0);
        ByteBuffer end = ByteBuffer.allocate(HEADER_BYTES + parts() * Long.BYTES);
        end.putLong(MAGIC).putLong(partBytes).position(0);
        write(end, size);
    }

    int parts() {
        return (int) ((size + partBytes - 1) / partBytes);
    }

    long start(int part) {
        return part * partBytes;
    }

    long length(int part) {
        return Math.min(partBytes, size - start(part));
    }

    /** Bytes of a part that are present, from its start. */
    long done(int part) {
        return done.get(part);
    }

    boolean isComplete(int part) {
        return done(part) == length(part);
    }

    /** Bytes of all parts that are present. */
    long done() {
        long sum = 0;
        for (int part = 0; part < parts(); part++) {
            sum += done(part);
        }
        return sum;
    }

    /** The first byte that is not present. */
    long prefix() {
        int part = 0;
        while (part < parts() && isComplete(part)) {
            part++;
        }
        return part == parts() ? size : start(part) + done(part);
    }

    /** Appends bytes to a part, which must have room for them; each part has one writer at a time. */
    void append(int part, byte[] bytes, int from, int count) throws IOException {
        long before = done(part);
        write(ByteBuffer.wrap(bytes, from, count), start(part) + before);
        write(
                ByteBuffer.allocate(Long.BYTES).putLong(0, before + count),
                size + HEADER_BYTES + (long) part * Long.BYTES);
        done.set(part, before + count);
    }

    /** Fills {@code buffer} from {@code position} on. */
    void read(ByteBuffer buffer, long position) throws IOException {
        long at = position;
        while (buffer.hasRemaining()) {
            int count = channel.read(buffer, at);
            if (count < 0) {
                throw new EOFException("%s ends at byte %d".formatted(path, at));
            }
            at += count;
        }
    }

    private void write(ByteBuffer buffer, long position) throws IOException {
        long at = position;
        while (buffer.hasRemaining()) {
            at += channel.write(buffer, at);
        }
    }

    /** Syncs the complete file and moves it to {@code blob}. */
    void finish(Path blob) throws IOException {
        channel.truncate(size);
        channel.force(true);
        channel.close();
        StagedFile.moveInto(path, blob);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
