package kawi.files;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import kawi.ModelFileException;

/** A whole file, mapped read-only until it is closed. */
public final class MappedFile implements AutoCloseable {

    private final String name;
    private final MemorySegment data;
    private final Arena arena;

    private MappedFile(String name, MemorySegment data, Arena arena) {
        this.name = name;
        this.data = data;
        this.arena = arena;
    }

    /**
     * Maps the file at {@code path}.
     *
     * @param expected what the file should be, for messages: {@code a GGUF file}
     * @throws ModelFileException if there is no readable, non-empty regular file
     */
    public static MappedFile open(Path path, String expected) {
        if (Files.isDirectory(path)) {
            throw new ModelFileException("%s is a directory, but %s was expected".formatted(path, expected));
        }
        if (!Files.exists(path)) {
            throw new ModelFileException("%s does not exist; %s was expected there".formatted(path, expected));
        }
        // Opening a pipe would wait for its writer, and a device has no end.
        if (!Files.isRegularFile(path)) {
            throw new ModelFileException("%s is not a regular file, but %s was expected".formatted(path, expected));
        }
        Arena arena = Arena.ofShared();
        try (var channel = FileChannel.open(path, StandardOpenOption.READ)) {
            long size = channel.size();
            if (size == 0) {
                throw new ModelFileException("%s is empty, but %s was expected".formatted(path, expected));
            }
            MemorySegment data = channel.map(MapMode.READ_ONLY, 0, size, arena);
            return new MappedFile(nameOf(path), data, arena);
        } catch (AccessDeniedException e) {
            arena.close();
            throw new ModelFileException("%s may not be read by this user".formatted(path), e);
        } catch (IOException | UnsupportedOperationException e) {
            arena.close();
            throw new ModelFileException("%s cannot be mapped into memory: %s".formatted(path, e.getMessage()), e);
        } catch (ModelFileException e) {
            arena.close();
            throw e;
        }
    }

    private static String nameOf(Path path) {
        Path name = path.getFileName();
        return name == null ? path.toString() : name.toString();
    }

    /** The last part of the path. */
    public String name() {
        return name;
    }

    /** All bytes of the file; may be read from any thread, and throws {@link IllegalStateException} after {@link #close}. */
    public MemorySegment data() {
        return data;
    }

    /** Unmaps the file; closing twice is harmless. */
    @Override
    public void close() {
        if (arena.scope().isAlive()) {
            arena.close();
        }
    }
}
