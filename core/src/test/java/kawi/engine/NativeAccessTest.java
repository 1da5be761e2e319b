package kawi.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.lang.module.ModuleReference;
import java.lang.module.ResolvedModule;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import kawi.Model;
import kawi.files.ChildJvm;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A JVM that denies native access runs models all the same, and is told once what it misses. */
class NativeAccessTest {

    private static final String PROGRAM = """
            import java.nio.file.Path;
            import kawi.Model;

            void main(String[] args) {
                for (int i = 0; i < 2; i++) {
                    try (Model model = Model.load(Path.of(args[0]))) {
                        IO.println("reply: " + model.prompt("Hello").temperature(0).maxTokens(8).generate().text());
                        IO.println("kernels: " + model.kernels());
                    }
                }
            }
            """;

    @TempDir
    Path folder;

    private Path program;
    private Path model;
    private String reply;

    @BeforeEach
    void prepare() throws IOException {
        program = Files.writeString(folder.resolve("Program.java"), PROGRAM);
        model = Files.write(folder.resolve("demo.gguf"), DemoConversations.gguf());
        try (Model here = Model.load(model)) {
            reply = here.prompt("Hello").temperature(0).maxTokens(8).generate().text();
        }
    }

    @Test
    void deniedOnTheClassPath() throws IOException, InterruptedException {
        assertRuns("ALL-UNNAMED", List.of("-cp", ChildJvm.classPath()));
    }

    @Test
    void deniedOnTheClassPathWithTheVectorModule() throws IOException, InterruptedException {
        assertRuns("ALL-UNNAMED", List.of("--add-modules", "jdk.incubator.vector", "-cp", ChildJvm.classPath()));
    }

    @Test
    void deniedOnTheModulePath() throws IOException, InterruptedException {
        assumeTrue(Model.class.getModule().isNamed(), "these tests run on the class path");
        String modules = ModuleLayer.boot().configuration().modules().stream()
                .map(ResolvedModule::reference)
                .map(ModuleReference::location)
                .flatMap(Optional::stream)
                .filter(location -> location.getScheme().equals("file"))
                .map(location -> Path.of(URI.create(location.toString())).toString())
                .collect(Collectors.joining(java.io.File.pathSeparator));
        assertRuns("kawi.quant", List.of("--module-path", modules, "--add-modules", "kawi.core"));
    }

    private void assertRuns(String remedy, List<String> path) throws IOException, InterruptedException {
        List<String> arguments = new ArrayList<>(List.of("--illegal-native-access=deny"));
        arguments.addAll(path);
        arguments.addAll(List.of(program.toString(), model.toString()));
        ChildJvm.Outcome outcome = ChildJvm.run(arguments.toArray(String[]::new));
        String output = outcome.output();

        assertEquals(0, outcome.exitCode(), output);
        assertEquals(2, lines(output, "reply: " + reply).count(), output);
        assertEquals(2, lines(output, "kernels: scalar").count(), output);
        boolean assembledElsewhere = System.getProperty("os.arch").matches("amd64|x86_64|aarch64");
        assertEquals(
                assembledElsewhere ? 1 : 0,
                lines(output, "--enable-native-access=" + remedy).count(),
                output);
        assertTrue(lines(output, "Exception").findAny().isEmpty(), output);
    }

    private static Stream<String> lines(String output, String part) {
        return output.lines().filter(line -> line.contains(part));
    }
}
