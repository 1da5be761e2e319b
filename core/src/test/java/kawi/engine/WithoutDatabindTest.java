package kawi.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import kawi.Chat;
import kawi.ChatBuilder;
import kawi.Model;
import kawi.Tool;
import kawi.ToolChoice;
import org.junit.jupiter.api.Test;

/**
 * Kawi in a process whose class path has nothing of Jackson but its streaming core. Hosts such as Spring Boot pin
 * {@code jackson-annotations} of Jackson 2, which Jackson 3's data binding shares, to a version of their own.
 */
class WithoutDatabindTest {

    @Test
    void promptsToolsValuesAndSavedChatsNeedTheStreamingCoreOnly() throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        classPath(),
                        WithoutDatabindTest.class.getName())
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), output);
        assertEquals("all done", output.strip().lines().reduce("", (_, last) -> last));
    }

    /** What this test runs with, without the libraries that only tests have. */
    private static String classPath() {
        return Stream.concat(
                        Stream.of("target/classes", "target/test-classes"),
                        Stream.of("jdk.module.path", "java.class.path")
                                .flatMap(key -> Arrays.stream(
                                        System.getProperty(key, "").split(File.pathSeparator))))
                .filter(path ->
                        !path.isEmpty() && isWanted(Path.of(path).getFileName().toString()))
                .collect(Collectors.joining(File.pathSeparator));
    }

    private static boolean isWanted(String jar) {
        return jar.startsWith("jackson-core")
                || !(jar.startsWith("jackson-") || jar.startsWith("json-schema-validator"));
    }

    record City(String name) {}

    record Story(String title, boolean happy) {}

    /** The process. */
    public static void main(String[] arguments) throws IOException {
        for (String name :
                List.of("tools.jackson.databind.JsonNode", "com.fasterxml.jackson.annotation.JsonProperty")) {
            try {
                throw new AssertionError("on the class path: " + Class.forName(name));
            } catch (ClassNotFoundException _) {
                // as it must be
            }
        }
        Path saved = Files.createTempFile("kawi", ".chat");
        try (Model model = DemoConversations.loader().load()) {
            System.out.println(
                    model.prompt("Tell me a story.").maxTokens(8).generate().text());
            System.out.println(model.prompt("A story.").maxTokens(80).as(Story.class));
            System.out.println(model.prompt("A story.")
                    .maxTokens(40)
                    .jsonSchema("{\"type\":\"boolean\"}")
                    .generate());
            Tool weather = Tool.of("weather", "Weather of a city", City.class, city -> new Story(city.name(), true));
            ChatBuilder builder = model.chat()
                    .tools(weather)
                    .toolChoice(ToolChoice.required())
                    .maxTokens(120);
            try (Chat chat = builder.open()) {
                if (chat.send("Will it rain?").tools().isEmpty()) {
                    throw new AssertionError("no tool was called");
                }
                chat.save(saved);
                try (Chat loaded = builder.load(saved)) {
                    if (!loaded.messages().equals(chat.messages())) {
                        throw new AssertionError("saved and loaded differ");
                    }
                }
            }
        } finally {
            Files.delete(saved);
        }
        System.out.println("all done");
    }
}
