package kawi.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/** Files that commands write. */
final class OutputFile {

    private OutputFile() {}

    /** Writes a text in UTF-8. The file appears under its name when it is complete, and replaces an existing one. */
    static void write(Path file, String text) throws IOException {
        Path temporary = file.resolveSibling("%s.%d.part"
                .formatted(file.getFileName(), ProcessHandle.current().pid()));
        try {
            Files.writeString(temporary, text, StandardOpenOption.CREATE_NEW);
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(temporary);
        }
    }

    /**
     * Checks that nothing is overwritten by mistake.
     *
     * @param force whether {@code --force} was given
     * @throws IllegalArgumentException if the file exists, unless {@code force} is true
     */
    static void check(Path file, boolean force) {
        if (!force && Files.exists(file)) {
            throw new IllegalArgumentException("%s already exists; --force overwrites it".formatted(file));
        }
    }
}
