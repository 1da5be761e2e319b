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
import java.util.stream.IntStream;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import kawi.demo.DemoModel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The Java in the README does what a reader expects who copies it: programs run, everything else compiles. */
class ReadmeTest {

    private static final Pattern JAVA_BLOCK = Pattern.compile("(?s)```java\\R(.*?)```");

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', textBlock = """
            generate | .{20,}\\R[A-Z_]+, \\d+\\.\\d tokens per second\\R
            stream   | .{20,}\\R
            chat     | .+\\Rread (\\d+) of \\1 tokens\\R.+\\Rread (\\d+) of (?!\\2 )\\d+ tokens\\R
            tool     | (\\{"city":"([A-Z]+)","days":([1-7])} -> Rain in \\2 for \\3 days\\R)+.+
            record   | .*, \\d+ minutes\\R(\\* .*\\R){2,4}
            """)
    void aProgramRunsAsItStands(String name, String answer, @TempDir Path folder)
            throws IOException, InterruptedException {
        List<String> names = List.of("generate", "stream", "chat", "tool", "record");
        String source = programs().get(names.indexOf(name));
        Path program = Files.writeString(folder.resolve("Example.java"), source);
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
        String said = Files.readString(answers);
        assertTrue(Pattern.compile(answer, Pattern.DOTALL).matcher(said).matches(), said);
    }

    @Test
    void thereAreFiveProgramsAndTheFirstHasTenLines() throws IOException {
        assertEquals(5, programs().size());
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

    private static List<String> programs() throws IOException {
        return blocks().stream().filter(ReadmeTest::isProgram).toList();
    }

    private static boolean isProgram(String block) {
        return block.contains("void main(");
    }

    private static List<String> blocks() throws IOException {
        return JAVA_BLOCK
                .matcher(Files.readString(Path.of("../../README.md")))
                .results()
                .map((MatchResult block) -> block.group(1))
                .toList();
    }
}
