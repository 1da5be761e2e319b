package kawi.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import kawi.demo.DemoModel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The Java program in the README does what a reader expects who copies it into a file and starts it. */
class ReadmeTest {

    private static final Pattern JAVA_BLOCK = Pattern.compile("(?s)```java\\R(.*?)```");

    @Test
    void theProgramRunsAsItStands(@TempDir Path folder) throws IOException, InterruptedException {
        Path program = Files.writeString(folder.resolve("Example.java"), program());
        Path model = folder.resolve("demo.gguf");
        try (InputStream gguf =
                Objects.requireNonNull(DemoModel.class.getResourceAsStream("demo-q8_0.gguf"), "the demo model")) {
            Files.copy(gguf, model);
        }
        Path answers = folder.resolve("answers");
        Path complaints = folder.resolve("complaints");

        Process java = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--class-path",
                        System.getProperty("java.class.path"),
                        program.toString(),
                        model.toString())
                .redirectOutput(answers.toFile())
                .redirectError(complaints.toFile())
                .start();
        try {
            assertTrue(java.waitFor(2, TimeUnit.MINUTES), "the program did not end");
        } finally {
            java.destroyForcibly();
        }

        assertEquals(0, java.exitValue(), Files.readString(complaints));
        assertTrue(Files.readString(answers).strip().length() > 20, Files.readString(answers));
    }

    @Test
    void theProgramHasTenLines() throws IOException {
        assertEquals(10, program().lines().count(), program());
    }

    private static String program() throws IOException {
        Matcher block = JAVA_BLOCK.matcher(Files.readString(Path.of("../../README.md")));
        assertTrue(block.find(), "README.md has no block of Java");
        return block.group(1);
    }
}
