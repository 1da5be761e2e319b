package kawi.cli;

import java.nio.file.Files;
import java.nio.file.Path;

/** Files that commands write. */
final class OutputFile {

    private OutputFile() {}

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
