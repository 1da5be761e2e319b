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
 * A file of which parts are there. What is there is written behind the content, so that content and knowledge of it are one file, and a killed process
 * leaves nothing that could disagree:
 *
 * <pre>
 *    [0, size)   content; parts of partBytes, each filled from its beginning
 *    magic       "KAWIPART"
 *    partBytes   8 bytes, big endian like all that follows
 *    done[parts] 8 bytes each: bytes of the part that are there
 * </pre>
 *
 * A count is written after the bytes that it counts. A file of exactly {@code size} bytes is complete: the last thing that happens under this name is that
 * the end is cut off. After a failure of power even this may be untrue, which the hash finds.
 *
 * <p>The name differs from the Python client's unfinished files, which hold a prefix and are continued at their end.
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

    /** Opens what there is of {@code blob}, or begins it. The caller holds the blob's lock. */
    static PartFile open(Path blob, long size, long partBytes) throws IOException {
        Path path = of(blob);
        FileChannel channel =
                FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        try {
            PartFile file =
                    new PartFile(path, channel, size, Math.max(partBytes, (size + MAX_PARTS - 1) / MAX_PARTS));
            if (!file.restore()) {
                file.restart();
            }
            return file;
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    /** Continues an earlier file; false if it is none of ours, or of another size. */
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

    /** Forgets all content. */
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

    /** Bytes of a part that are there, from its beginning. */
    long done(int part) {
        return done.get(part);
    }

    boolean isComplete(int part) {
        return done(part) == length(part);
    }

    /** Bytes of all parts that are there. */
    long done() {
        long sum = 0;
        for (int part = 0; part < parts(); part++) {
            sum += done(part);
        }
        return sum;
    }

    /** The first byte that is not there. */
    long prefix() {
        int part = 0;
        while (part < parts() && isComplete(part)) {
            part++;
        }
        return part == parts() ? size : start(part) + done(part);
    }

    /** Adds bytes to a part, of which there is room for at least as many; each part has one writer at a time. */
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

    /** Makes the complete file durable and puts it in its place. */
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
