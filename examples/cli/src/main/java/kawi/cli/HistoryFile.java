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

/** Where typed messages are kept: {@code kawi/history} in {@code XDG_STATE_HOME}, or else in {@code ~/.local/state}; nobody else can read it. */
final class HistoryFile {

    private HistoryFile() {}

    static Path path(Map<String, String> environment) {
        Path state = Path.of(environment.getOrDefault("XDG_STATE_HOME", ""));
        Path home = Path.of(environment.getOrDefault("HOME", System.getProperty("user.home", "")));
        // A relative path there is to be ignored, says the specification.
        return (state.isAbsolute() ? state : home.resolve(".local/state")).resolve("kawi/history");
    }

    /** The file, after it has been made if need be; nothing if that cannot be done. */
    static Optional<Path> prepare(Map<String, String> environment) {
        Path file = path(environment);
        try {
            Files.createDirectories(file.getParent(), mode("rwx------"));
            if (!Files.exists(file)) {
                Files.createFile(file, mode("rw-------"));
            }
            return Files.isWritable(file) ? Optional.of(file) : Optional.empty();
        } catch (IOException e) {
            return Optional.empty(); // as good as a conversation in a read-only home can be
        }
    }

    /** Sees that what has been written to the file is on the disk. */
    static void sync(Path file) {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.force(true);
        } catch (IOException e) {
            // The messages were answered; that they may be forgotten is no reason to end with a failure.
        }
    }

    private static FileAttribute<?>[] mode(String mode) {
        return FileSystems.getDefault().supportedFileAttributeViews().contains("posix")
                ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(mode))}
                : new FileAttribute<?>[0];
    }
}
