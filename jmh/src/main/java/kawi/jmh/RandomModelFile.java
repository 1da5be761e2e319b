package kawi.jmh;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;

/**
 * Models of random weights and a true shape, made by {@code kawi make-random} on first use and kept in jmh's target
 * folder.
 */
final class RandomModelFile {

    private RandomModelFile() {}

    /**
     * The file at the path {@code name}, or the random model of that name: SIZE-TYPE as {@code make-random} knows them.
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
            Path unfinished = Files.createTempFile(file.toAbsolutePath().getParent(), "random-", ".part");
            try {
                Process making = new ProcessBuilder(ForkedJvm.command(
                                "kawi.cli.Kawi",
                                List.of(
                                        "make-random",
                                        name.substring(0, dash),
                                        unfinished.toString(),
                                        "--type",
                                        name.substring(dash + 1))))
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
                if (making.waitFor() != 0) {
                    throw new IOException("kawi make-random could not make the model " + name);
                }
                Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            } finally {
                Files.deleteIfExists(unfinished);
            }
        }
        return file;
    }
}
