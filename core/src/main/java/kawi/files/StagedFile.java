package kawi.files;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A file being written beside its target, which it replaces in one step when it is complete. Whoever looks at the target sees
 * the old content or the new, never a part; closing without {@link #commit} leaves no trace.
 */
public final class StagedFile implements AutoCloseable {

    private static final int BUFFER_BYTES = 1 << 20;
    private static final byte[] ZEROS = new byte[4096];

    private final Path target;
    private final Path staged;
    private final FileChannel channel;
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);
    private long written;

    private StagedFile(Path target, Path staged, FileChannel channel) {
        this.target = target;
        this.staged = staged;
        this.channel = channel;
    }

    /** Begins a file that will become {@code target}, whose directory must exist. */
    public static StagedFile create(Path target) throws IOException {
        // Not Files.createTempFile: that one hides the file from everyone but its owner, and the mode stays after the
        // move.
        String suffix = ".%016x.part".formatted(ThreadLocalRandom.current().nextLong());
        Path staged = target.resolveSibling(target.getFileName() + suffix);
        var channel = FileChannel.open(staged, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        return new StagedFile(target, staged, channel);
    }

    /** How many bytes have been written so far. */
    public long written() {
        return written;
    }

    /** Appends {@code bytes}. */
    public void write(byte[] bytes) throws IOException {
        write(MemorySegment.ofArray(bytes));
    }

    /** Appends {@code bytes}, of any size. */
    public void write(MemorySegment bytes) throws IOException {
        for (long at = 0; at < bytes.byteSize(); ) {
            if (!buffer.hasRemaining()) {
                flush();
            }
            int length = (int) Math.min(buffer.remaining(), bytes.byteSize() - at);
            buffer.put(bytes.asSlice(at, length).asByteBuffer());
            at += length;
        }
        written += bytes.byteSize();
    }

    /** Appends zeros until {@link #written} is a multiple of {@code alignment}. */
    public void pad(int alignment) throws IOException {
        for (long missing = Math.floorMod(-written, (long) alignment); missing > 0; ) {
            int length = (int) Math.min(missing, ZEROS.length);
            write(MemorySegment.ofArray(ZEROS).asSlice(0, length));
            missing -= length;
        }
    }

    private void flush() throws IOException {
        buffer.flip();
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
        buffer.clear();
    }

    /** Puts the complete file in the target's place. */
    public void commit() throws IOException {
        flush();
        channel.close();
        Files.move(staged, target, StandardCopyOption.ATOMIC_MOVE);
    }

    /** Removes what was written, unless it has been committed. */
    @Override
    public void close() throws IOException {
        channel.close();
        Files.deleteIfExists(staged);
    }
}
