package kawi.cli;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Optional;

/**
 * The input history: the file {@code kawi/history} in {@code XDG_STATE_HOME}, or in {@code ~/.local/state}, readable
 * only by its owner.
 */
final class HistoryFile {

    private HistoryFile() {}

    static Path path(Map<String, String> environment) {
        Path state = Path.of(environment.getOrDefault("XDG_STATE_HOME", ""));
        Path home = Path.of(environment.getOrDefault("HOME", System.getProperty("user.home", "")));
        // The specification requires that a relative path be ignored.
        return (state.isAbsolute() ? state : home.resolve(".local/state")).resolve("kawi/history");
    }

    /** Returns the file, after creating it if necessary; empty if that is not possible. */
    static Optional<Path> prepare(Map<String, String> environment) {
        Path file = path(environment);
        try {
            Files.createDirectories(file.getParent(), mode("rwx------"));
            if (!Files.exists(file)) {
                Files.createFile(file, mode("rw-------"));
            }
            return Files.isWritable(file) ? Optional.of(file) : Optional.empty();
        } catch (IOException e) {
            return Optional.empty(); // no history, for example in a read-only home directory
        }
    }

    /** Forces the contents of the file to the disk. */
    static void sync(Path file) {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.force(true);
        } catch (IOException e) {
            // A history that may be lost is no reason for a failure.
        }
    }

    private static FileAttribute<?>[] mode(String mode) {
        return FileSystems.getDefault().supportedFileAttributeViews().contains("posix")
                ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(mode))}
                : new FileAttribute<?>[0];
    }
}
