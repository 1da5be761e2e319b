package kawi.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import kawi.demo.DemoModel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The README does what a reader expects who copies from it: programs and commands run, other Java compiles. Commands of
 * Maven are those of the build that runs this test.
 */
class ReadmeTest {

    private static final Path README = Path.of("../../README.md");
    private static final Pattern JAVA_BLOCK = Pattern.compile("(?s)```java\\R(.*?)```");
    private static final Pattern SHELL_BLOCK = Pattern.compile("(?s)```sh\\R(.*?)```");

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', textBlock = """
            generate | .{20,}\\R[A-Z_]+, \\d+\\.\\d tokens per second\\R
            stream   | .{20,}\\R
            chat     | .+\\Rread (\\d+) of \\1 tokens\\R.+\\Rread (\\d+) of (?!\\2 )\\d+ tokens\\R
            tool     | (\\{"city":"([A-Z]+)","days":([1-7])} -> Rain in \\2 for \\3 days\\R)+.+
            record   | .*, \\d+ minutes\\R(\\* .*\\R){2,4}
            see      | This is a triangle\\.\\R
            """)
    void aProgramRunsAsItStands(String name, String answer, @TempDir Path folder)
            throws IOException, InterruptedException {
        List<String> names = List.of("generate", "stream", "chat", "tool", "record", "see");
        String source = programs().get(names.indexOf(name));
        Path program = Files.writeString(folder.resolve("Example.java"), source);
        boolean sees = name.equals("see");
        Path model = copied(sees ? "vision/demo-vision-q8_0.gguf" : "demo-q8_0.gguf", folder);
        if (sees) {
            copied("vision/mmproj-demo-vision-f16.gguf", folder);
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
        String said = Files.readString(answers);
        assertTrue(Pattern.compile(answer, Pattern.DOTALL).matcher(said).matches(), said);
    }

    private static Path copied(String resource, Path folder) throws IOException {
        Path file = folder.resolve(resource.substring(resource.indexOf('/') + 1));
        try (InputStream in = Objects.requireNonNull(DemoModel.class.getResourceAsStream(resource), resource)) {
            Files.copy(in, file);
        }
        return file;
    }

    @Test
    void thereAreSixProgramsAndTheFirstHasTenLines() throws IOException {
        assertEquals(6, programs().size());
        assertEquals(10, programs().getFirst().lines().count());
    }

    @Test
    void allOtherJavaCompiles(@TempDir Path folder) throws IOException {
        List<String> fragments =
                blocks().stream().filter(block -> !isProgram(block)).toList();
        List<Path> files = IntStream.range(0, fragments.size())
                .mapToObj(i -> folder.resolve("Fragment%d.java".formatted(i)))
                .toList();
        for (int i = 0; i < files.size(); i++) {
            Files.writeString(files.get(i), framed(i, fragments.get(i)));
        }
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StringWriter complaints = new StringWriter();
        try (StandardJavaFileManager manager = compiler.getStandardFileManager(null, null, null)) {
            List<String> options =
                    List.of("-proc:none", "-d", folder.toString(), "-classpath", System.getProperty("java.class.path"));
            boolean compiled = compiler.getTask(
                            complaints, manager, null, options, null, manager.getJavaFileObjectsFromPaths(files))
                    .call();
            assertTrue(compiled, complaints::toString);
        }
    }

    /** A class with a block that is no program. */
    private static String framed(int number, String block) {
        return """
            import java.nio.file.Path;
            import java.util.*;
            import kawi.*;

            class Fragment%d {
                void run(Model model) throws Exception {
            %s
                }
            }
            """.formatted(number, block);
    }

    static List<String> commands() throws IOException {
        return SHELL_BLOCK
                .matcher(Files.readString(README))
                .results()
                .flatMap(block -> block.group(1).lines())
                .toList();
    }

    /** Executes all commands in their order in one folder, where {@code ./kawi} is the program under test. */
    @Test
    void allCommandsRunAsTheyStand(@TempDir Path folder) throws IOException, InterruptedException {
        Path kawi = Files.writeString(
                folder.resolve("kawi"),
                "#!/bin/sh\nexec %s \"$@\"\n"
                        .formatted(ChildCli.builder().command().stream()
                                .map("'%s'"::formatted)
                                .collect(Collectors.joining(" "))));
        assertTrue(kawi.toFile().setExecutable(true));
        Files.copy(README, folder.resolve("README.md"));
        List<String> commands = commands();
        assertTrue(commands.size() > 10, commands::toString);
        try (LocalHub hub = new LocalHub()) {
            for (String command : commands) {
                assertRuns(command, folder, hub);
            }
        }
    }

    private static void assertRuns(String command, Path folder, LocalHub hub) throws IOException, InterruptedException {
        Path output = folder.resolve("output");
        ProcessBuilder bash = new ProcessBuilder("bash", "-c", "set -o pipefail; " + command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        bash.environment().put("HF_ENDPOINT", hub.address());
        bash.environment().put("HF_HOME", folder.resolve("huggingface").toString());
        Process process = bash.start();
        process.getOutputStream().close();
        try {
            assertTrue(process.waitFor(2, TimeUnit.MINUTES), command + " did not end");
        } finally {
            process.destroyForcibly();
        }
        assertEquals(0, process.exitValue(), command + ": " + Files.readString(output));
        assertTrue(
                command.startsWith("source ") == (Files.size(output) == 0), command + ": " + Files.readString(output));
    }

    @Test
    void everyCommandIsListedAndShown() throws IOException {
        String readme = Files.readString(README);
        String shown = String.join("\n", commands());
        for (String command : Kawi.names()) {
            assertTrue(readme.contains("| `%s`".formatted(command)), command);
            assertTrue(
                    shown.contains("./kawi " + command + " ") || shown.contains("./kawi " + command + "\n"), command);
        }
    }

    @Test
    void theFirstCommandsAreThoseOfTheChecks() throws IOException {
        List<String> first = Files.readString(README)
                .lines()
                .filter(line -> line.matches(" {4}(\\./kawi|mvn) .*"))
                .map(String::strip)
                .toList();
        String checks = Files.readString(Path.of("../../.ci/run"));
        assertTrue(checks.contains(first.get(0)), first.get(0));
        assertTrue(checks.contains(first.get(1)), first.get(1));
        assertTrue(Files.readString(Path.of("../../pom.xml")).contains("<name>quick</name>"), "-Dquick");
        assertTrue(first.contains("mvn -B -ntp -Dquick install"), first.toString());
    }

    private static List<String> programs() throws IOException {
        return blocks().stream().filter(ReadmeTest::isProgram).toList();
    }

    private static boolean isProgram(String block) {
        return block.contains("void main(");
    }

    private static List<String> blocks() throws IOException {
        return JAVA_BLOCK
                .matcher(Files.readString(README))
                .results()
                .map((MatchResult block) -> block.group(1))
                .toList();
    }
}
