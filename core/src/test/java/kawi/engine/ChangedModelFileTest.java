package kawi.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import kawi.files.ChildJvm;
import kawi.files.Fixture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A model file that changes while its model is loaded or used costs an exception, not the process: each case has a JVM
 * of its own.
 */
class ChangedModelFileTest {

    private static final String PROGRAM = """
            import java.nio.channels.FileChannel;
            import java.nio.file.Files;
            import java.nio.file.Path;
            import java.nio.file.StandardCopyOption;
            import java.nio.file.StandardOpenOption;
            import kawi.Model;
            import kawi.ModelFileException;
            import kawi.Sequence;

            Path model;
            Path weights;
            byte[] content;

            void main(String[] args) throws Exception {
                model = Path.of(args[0]);
                weights = Path.of(args[1]);
                content = Files.readAllBytes(weights);
                String last = args[2].substring(args[2].lastIndexOf(',') + 1);
                for (String tier : args[2].split(",")) {
                    attempt(tier + ", truncated while it loads", () -> {
                        try (Model loaded = Model.loader(model).kernels(tier).progress(step -> truncate()).load()) {
                            use(loaded);
                        }
                    });
                    attempt(tier + ", truncated after it loaded", () -> {
                        try (Model loaded = Model.loader(model).kernels(tier).load()) {
                            truncate();
                            use(loaded);
                        }
                    });
                    attempt(tier + ", overwritten while it loads", () -> {
                        try (Model loaded = Model.loader(model).kernels(tier).progress(step -> overwrite()).load()) {
                            use(loaded);
                        }
                    });
                    if (tier.equals(last)) {
                        attempt(tier + ", overwritten after it loaded", () -> {
                            try (Model loaded = Model.loader(model).kernels(tier).load()) {
                                overwrite();
                                Thread.sleep(1100);
                                use(loaded);
                            }
                        });
                    }
                    attempt(tier + ", replaced while it loads", () -> {
                        try (Model loaded = Model.loader(model).kernels(tier).progress(step -> replace()).load()) {
                            use(loaded);
                        }
                    });
                    if (tier.equals(last)) {
                        attempt(tier + ", replaced after it loaded", () -> {
                            try (Model loaded = Model.loader(model).kernels(tier).load()) {
                                replace();
                                Thread.sleep(1100);
                                use(loaded);
                            }
                        });
                    }
                }
                IO.println("the end");
            }

            interface Trial {
                void run() throws Exception;
            }

            void attempt(String what, Trial trial) throws Exception {
                Files.write(weights, content);
                try {
                    trial.run();
                    IO.println(what + ": works");
                } catch (ModelFileException e) {
                    IO.println(what + ": " + e.getMessage());
                }
            }

            void use(Model loaded) {
                try (Sequence sequence = loaded.newSequence()) {
                    for (int id = 0; id < 200; id += 10) {
                        sequence.append(id);
                    }
                }
            }

            void truncate() {
                try (FileChannel file = FileChannel.open(weights, StandardOpenOption.WRITE)) {
                    file.truncate(4096);
                } catch (java.io.IOException e) {
                    throw new java.io.UncheckedIOException(e);
                }
            }

            void overwrite() {
                try {
                    byte[] other = content.clone();
                    java.util.Arrays.fill(other, other.length / 2, other.length, (byte) 1);
                    Files.write(weights, other);
                    Files.setLastModifiedTime(weights, java.nio.file.attribute.FileTime.fromMillis(1));
                } catch (java.io.IOException e) {
                    throw new java.io.UncheckedIOException(e);
                }
            }

            void replace() {
                try {
                    Path other = weights.resolveSibling("other");
                    Files.write(other, new byte[10]);
                    Files.move(other, weights, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
                } catch (java.io.IOException e) {
                    throw new java.io.UncheckedIOException(e);
                }
            }
            """;

    @TempDir
    Path folder;

    @Test
    void gguf() throws IOException, InterruptedException {
        Path file = Files.copy(Fixture.path(Fixture.Q8_0_GGUF), folder.resolve("model.gguf"));
        assertTold(file, file);
    }

    @Test
    void safetensors() throws IOException, InterruptedException {
        Path model = Files.createDirectory(folder.resolve("model"));
        try (var files = Files.list(Fixture.path(Fixture.BF16_FOLDER))) {
            for (Path file : files.toList()) {
                Files.copy(file, model.resolve(file.getFileName()));
            }
        }
        assertTold(model, model.resolve("model.safetensors"));
    }

    private void assertTold(Path model, Path weights) throws IOException, InterruptedException {
        Path program = Files.writeString(folder.resolve("Program.java"), PROGRAM);
        String tiers = String.join(",", tiers());
        ChildJvm.Outcome outcome = ChildJvm.run(
                "--add-modules=jdk.incubator.vector",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                ChildJvm.classPath(),
                program.toString(),
                model.toString(),
                weights.toString(),
                tiers);
        String output = outcome.output();
        assertEquals(0, outcome.exitCode(), output);
        assertTrue(output.contains("the end"), output);
        for (String tier : tiers()) {
            assertSaid(output, tier + ", truncated while it loads: .*was changed while in use.*");
            assertSaid(output, tier + ", truncated after it loaded: .*was changed while in use.*");
            assertSaid(output, tier + ", overwritten while it loads: .*was changed while in use.*");
            assertSaid(output, tier + ", replaced while it loads: works");
        }
        // A second passes between two looks at the file, and what is read after loading does not depend on the tier.
        assertSaid(output, tiers().getLast() + ", overwritten after it loaded: .*was changed while in use.*");
        assertSaid(output, tiers().getLast() + ", replaced after it loaded: works");
    }

    private static List<String> tiers() {
        return System.getProperty("os.arch").matches("amd64|x86_64|aarch64")
                ? List.of("scalar", "vector", "assembled")
                : List.of("scalar", "vector");
    }

    private static void assertSaid(String output, String line) {
        assertTrue(output.lines().anyMatch(said -> said.matches(line)), () -> line + " is not in\n" + output);
    }
}
