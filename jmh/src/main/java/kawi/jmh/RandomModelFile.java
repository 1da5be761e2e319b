package kawi.jmh;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;

/**
 * Models with random weights and the shapes of real models, created by {@code kawi make-random} on first use and stored
 * in the target directory of module jmh.
 */
final class RandomModelFile {

    private RandomModelFile() {}

    /**
     * Returns the file at the path {@code name} if it ends with {@code .gguf}, or else the random model with the size
     * and type SIZE-TYPE, as defined by {@code make-random}.
     */
    static Path named(String name) throws IOException, InterruptedException {
        if (name.endsWith(".gguf")) {
            return Path.of(name);
        }
        int dash = name.indexOf('-');
        if (dash < 0) {
            throw new IllegalArgumentException(
                    "model \"%s\": expected demo, a .gguf file, or SIZE-TYPE such as 0.8b-Q4_0".formatted(name));
        }
        Path file = Benchmarks.folder().resolve("random-" + name + ".gguf");
        if (!Files.exists(file)) {
            Path temporary = Files.createTempFile(file.toAbsolutePath().getParent(), "random-", ".part");
            try {
                Process process = new ProcessBuilder(ForkedJvm.command(
                                List.of(),
                                "kawi.cli.Kawi",
                                List.of(
                                        "make-random",
                                        name.substring(0, dash),
                                        temporary.toString(),
                                        "--type",
                                        name.substring(dash + 1))))
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
                if (process.waitFor() != 0) {
                    throw new IOException("kawi make-random failed to create the model " + name);
                }
                Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            } finally {
                Files.deleteIfExists(temporary);
            }
        }
        return file;
    }
}
