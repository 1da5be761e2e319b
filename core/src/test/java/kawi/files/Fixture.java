package kawi.files;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The small checkpoints under {@code src/test/resources/fixtures}; see the README there. */
public final class Fixture {

    public static final String F32_GGUF = "text-vgtk-tied/gguf/model-f32.gguf";
    public static final String Q8_0_GGUF = "text-veqk-untied/gguf/model-q8_0.gguf";
    public static final String BF16_FOLDER = "text-vgtk-tied/bf16";

    private Fixture() {}

    public static Path path(String name) {
        return Path.of("src", "test", "resources", "fixtures").resolve(name);
    }

    public static byte[] bytes(String name) {
        try {
            return Files.readAllBytes(path(name));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
