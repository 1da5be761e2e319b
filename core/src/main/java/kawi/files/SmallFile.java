package kawi.files;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** Reads whole files of bounded size. */
public final class SmallFile {

    private SmallFile() {}

    /**
     * The content of a regular file of at most {@code maxBytes} bytes.
     *
     * @throws IOException if it cannot be read, is longer, or is not a regular file
     */
    public static byte[] read(Path path, int maxBytes) throws IOException {
        // Opening a pipe would block until there is a writer, and a device has no end.
        if (Files.exists(path) && !Files.isRegularFile(path)) {
            throw new IOException("it is not a regular file");
        }
        try (InputStream in = Files.newInputStream(path)) {
            byte[] bytes = in.readNBytes(maxBytes);
            if (in.read() >= 0) {
                throw new IOException("it is longer than the %d bytes that are read".formatted(maxBytes));
            }
            return bytes;
        }
    }
}
