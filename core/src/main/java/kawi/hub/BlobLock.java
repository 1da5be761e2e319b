package kawi.hub;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Allows one download of a blob at a time among all threads and processes of this machine. The file of the lock is
 * never deleted: two processes could then hold the lock.
 */
final class BlobLock implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(BlobLock.class);
    private static final int POLL_MILLISECONDS = 100;

    private final FileChannel channel;

    private BlobLock(FileChannel channel) {
        this.channel = channel;
    }

    /** Acquires the lock, and logs it if that takes time. */
    static BlobLock take(Path path, String what) throws IOException, InterruptedException {
        Files.createDirectories(path.getParent());
        FileChannel channel = FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            for (boolean waiting = false; attempt(channel) == null; waiting = true) {
                if (!waiting) {
                    LOG.warn("waiting for another download of {}", what);
                }
                Thread.sleep(POLL_MILLISECONDS);
            }
            return new BlobLock(channel);
        } catch (IOException | InterruptedException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    /** Acquires the lock if it is free; otherwise returns null. */
    static @Nullable BlobLock tryTake(Path path) throws IOException {
        FileChannel channel = FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            if (attempt(channel) != null) {
                return new BlobLock(channel);
            }
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
        channel.close();
        return null;
    }

    private static @Nullable FileLock attempt(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException e) {
            return null; // it is held in this process
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
