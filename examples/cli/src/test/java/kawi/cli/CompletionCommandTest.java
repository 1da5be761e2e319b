package kawi.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/** Completion scripts, executed by the shells that are installed here. */
class CompletionCommandTest {

    private static final String[] SHELLS = {"bash", "zsh", "fish"};

    @TempDir
    static Path folder;

    @BeforeAll
    static void prepare() throws IOException {
        for (String shell : SHELLS) {
            Files.writeString(
                    folder.resolve("kawi." + shell),
                    Cli.run("completion", shell).result());
        }
        Files.createDirectory(folder.resolve("models"));
        Files.createFile(folder.resolve("models/m one.gguf"));
        Files.createFile(folder.resolve("models/star*.gguf"));
    }

    private static CommandLine kawi() {
        OutputStream nobody = OutputStream.nullOutputStream();
        return Kawi.allCommands(new Terminal(InputStream.nullInputStream(), nobody, nobody, false, Map.of()));
    }

    private static String output(String... command) throws IOException, InterruptedException {
        boolean installed = Arrays.stream(System.getenv("PATH").split(File.pathSeparator, -1))
                .anyMatch(path -> Files.isExecutable(Path.of(path, command[0])));
        assumeTrue(installed, command[0] + " is not installed here");
        Process shell = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .start();
        shell.getOutputStream().close();
        String output = new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, shell.waitFor(), output);
        return output;
    }

    /** Returns what a shell offers for the last word of a line. */
    private static Set<String> offered(String shell, String line) throws IOException, InterruptedException {
        Set<String> offered = new TreeSet<>();
        if (shell.equals("fish")) {
            String script = "set -x fish_history ''; source kawi.fish; complete -C '%s'".formatted(line);
            output("fish", "--no-config", "-c", script)
                    .lines()
                    .forEach(it -> offered.add(it.replaceFirst("\\t.*", "")));
        } else {
            String words = Stream.of(line.split(" ", -1)).map("'%s'"::formatted).collect(Collectors.joining(" "));
            String script =
                    "source ./kawi.bash; COMP_WORDS=(%s); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _kawi; printf '%%s\\n' \"${COMPREPLY[@]}\""
                            .formatted(words);
            output("bash", "--norc", "-c", script)
                    .lines()
                    .filter(it -> !it.isEmpty())
                    .forEach(offered::add);
        }
        return offered;
    }

    @ParameterizedTest
    @ValueSource(strings = {"bash", "zsh", "fish"})
    void everyScriptKnowsEveryCommandAndOption(String shell) throws IOException {
        String script = Files.readString(folder.resolve("kawi." + shell));
        Completion.commands(kawi()).forEach((name, command) -> {
            assertTrue(script.contains(name), name);
            for (OptionSpec option : Completion.options(command)) {
                for (String optionName : Completion.names(option)) {
                    String spelled = shell.equals("fish") ? optionName.replaceFirst("^--?", " ") + " " : optionName;
                    assertTrue(script.contains(spelled), name + " " + optionName);
                }
            }
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"bash", "zsh", "fish"})
    void everyScriptIsWellFormed(String shell) throws Exception {
        assertEquals("", output(shell, "-n", "kawi." + shell));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            ignoreLeadingAndTrailingWhitespace = false,
            value = {
                "kawi --kernels |auto scalar vector assembled",
                "kawi run -m x --kernels a|auto assembled",
                "kawi chat --kv f|f16 f32",
                "kawi run --preset non|non-thinking non-thinking-reasoning non-thinking-vision",
                "kawi inspect --kv |auto f16 f32 q4 q8",
                "kawi show --kv |auto f16 f32 q4 q8",
                "kawi make-random 0|0.8b",
                "kawi make-random --seed 3 |0.8b 27b 2b 4b 9b tiny",
                "kawi make-random tiny x.gguf --type Q4_|Q4_0 Q4_1 Q4_K Q4_K_M",
                "kawi completion |bash fish zsh",
                "kawi help mak|make-random",
                "kawi mak|make-random",
                "kawi r|remove rm run",
                "kawi -m models/m|models/m one.gguf",
                "kawi run --model models/s|models/star*.gguf",
                "kawi inspect models/m|models/m one.gguf",
                "kawi score --text models/m|models/m one.gguf",
                "kawi run --no-th|--no-thinking",
                "kawi bench --pro|--profile --prompt-tokens"
            })
    void valuesAndFilesAreCompleted(String line, String expected) throws Exception {
        Set<String> all =
                expected.endsWith(".gguf") ? Set.of(expected) : new TreeSet<>(List.of(expected.split(" ", -1)));
        for (String shell : new String[] {"bash", "fish"}) {
            Set<String> offered = offered(shell, line);
            offered.removeIf(it -> it.startsWith("kawi.") || it.equals("models/"));
            assertEquals(all, offered, shell);
        }
    }

    @Test
    void aValueMayFollowAnEqualsSign() throws Exception {
        // bash separates words at an equals sign
        assertEquals(Set.of("vector"), offered("bash", "kawi --kernels = v"));
        assertEquals(Set.of("f16", "f32", "q8", "q4", "auto"), offered("bash", "kawi run hello --kv ="));
        assertEquals(Set.of("--kernels=vector"), offered("fish", "kawi --kernels=v"));
    }

    @Test
    void aPromptIsNotCompleted() throws Exception {
        assertEquals(Set.of(), offered("bash", "kawi run Tell m"));
        assertEquals(Set.of(), offered("bash", "kawi Tell m"));
        assertEquals(Set.of(), offered("fish", "kawi run Tell m"));
    }

    @Test
    void otherShellsAreMisuse() {
        assertTrue(Cli.run("completion", "tcsh").complaint(2).contains("bash, zsh, fish"));
    }
}
