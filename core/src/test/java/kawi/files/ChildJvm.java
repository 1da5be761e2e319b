package kawi.files;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Separate Java processes, for tests that would end or change the process of the test run. */
public final class ChildJvm {

    private static final int TIMEOUT_SECONDS = 120;

    private ChildJvm() {}

    /**
     * The result of a process.
     *
     * @param output standard output and standard error
     */
    public record Outcome(int exitCode, String output) {}

    /** The class path or module path of these tests. */
    public static String classPath() {
        return Stream.concat(
                        Stream.of("jdk.module.path", "java.class.path").map(key -> System.getProperty(key, "")),
                        Stream.of("target/test-classes"))
                .filter(path -> !path.isEmpty())
                .collect(Collectors.joining(File.pathSeparator));
    }

    /** The command that runs this JDK's {@code java} with {@code arguments}. */
    public static List<String> command(List<String> arguments) {
        List<String> command = new ArrayList<>();
        // Under emulation the command is another one.
        command.add(System.getProperty(
                "kawi.test.java",
                Path.of(System.getProperty("java.home"), "bin", "java").toString()));
        command.addAll(arguments);
        return command;
    }

    /** Runs this JDK's {@code java} until it ends. */
    public static Outcome run(String... arguments) throws IOException, InterruptedException {
        Path output = Files.createTempFile("child-jvm", ".out");
        try {
            Process process = new ProcessBuilder(command(List.of(arguments)))
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .start();
            try {
                assertTrue(process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS), () -> "did not end: " + text(output));
            } finally {
                process.destroyForcibly();
            }
            return new Outcome(process.exitValue(), Files.readString(output));
        } finally {
            Files.deleteIfExists(output);
        }
    }

    private static String text(Path output) {
        try {
            return Files.readString(output);
        } catch (IOException e) {
            return e.toString();
        }
    }
}
