package kawi.files;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A file that is written beside its target and replaces it atomically once it is complete. Readers of the target see
 * the old content or the new content, never a part of it, even after a power failure. Closing without {@link #commit}
 * deletes the file.
 *
 * <p>The new file has the permissions of the file that it replaces.
 */
public final class StagedFile implements AutoCloseable {

    private static final int BUFFER_BYTES = 1 << 20;
    private static final byte[] ZEROS = new byte[4096];

    private final Path target;
    private final Path staged;
    private final FileChannel channel;
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);
    private long written;

    /** The permissions of new files. */
    private enum Access {
        USUAL,
        OWNER
    }

    private StagedFile(Path target, Path staged, FileChannel channel) {
        this.target = target;
        this.staged = staged;
        this.channel = channel;
    }

    /**
     * Creates a file that will become {@code target}, whose directory must exist. If {@code target} is a symbolic link,
     * its target is replaced.
     */
    public static StagedFile create(Path target) throws IOException {
        return create(target, Access.USUAL);
    }

    /**
     * Creates a file as {@link #create} does; if there is no old file, only the owner may read and write the new one.
     */
    public static StagedFile createPrivate(Path target) throws IOException {
        return create(target, Access.OWNER);
    }

    private static StagedFile create(Path target, Access access) throws IOException {
        Path real = Files.isSymbolicLink(target) && Files.exists(target) ? target.toRealPath() : target;
        FilePermissions old = FilePermissions.of(real);
        String suffix = ".%016x.part".formatted(ThreadLocalRandom.current().nextLong());
        Path staged = real.resolveSibling(real.getFileName() + suffix);
        boolean hidden = access == Access.OWNER || old != null;
        FileChannel channel = FileChannel.open(
                staged,
                Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                hidden ? FilePermissions.ofOwner(staged) : new FileAttribute<?>[0]);
        try {
            if (old != null) {
                old.applyTo(staged);
            }
            return new StagedFile(real, staged, channel);
        } catch (IOException | RuntimeException e) {
            channel.close();
            Files.deleteIfExists(staged);
            throw e;
        }
    }

    /** The number of bytes written so far. */
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

    /** Replaces the target by the complete file, after its content has been synced to the disk. */
    public void commit() throws IOException {
        flush();
        channel.force(true);
        channel.close();
        moveInto(staged, target);
    }

    /** Moves a complete file, whose content has been synced to the disk, over another file, and syncs the directory. */
    public static void moveInto(Path file, Path target) throws IOException {
        Files.move(file, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        Path folder = target.toAbsolutePath().getParent();
        if (folder == null) {
            return;
        }
        try (FileChannel entries = FileChannel.open(folder, StandardOpenOption.READ)) {
            entries.force(true);
        } catch (IOException e) {
            // Not all systems support this; on the others, moves are not reordered with earlier writes.
        }
    }

    /** Deletes the file, unless it has been committed. */
    @Override
    public void close() throws IOException {
        channel.close();
        Files.deleteIfExists(staged);
    }
}
