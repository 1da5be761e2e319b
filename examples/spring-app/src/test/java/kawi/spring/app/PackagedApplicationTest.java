package kawi.spring.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * The application started from its jar as {@code java -jar}, without a flag and with that of Spring Boot's optimized
 * launch. Runs after the jar has been made.
 */
final class PackagedApplicationTest {

    private static final Pattern PORT = Pattern.compile("Tomcat started on port (\\d+)");
    private static final int TERMINATED = 128 + 15;

    @Test
    void answersFromItsJar() throws Exception {
        check(List.of());
    }

    @Test
    void answersWithTheOptimizedLaunch() throws Exception {
        check(List.of("-XX:TieredStopAtLevel=1"));
    }

    private static void check(List<String> options) throws Exception {
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
        command.addAll(options);
        command.addAll(List.of("-jar", System.getProperty("kawi.test.jar")));
        command.addAll(ApplicationClient.ARGUMENTS);
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        try {
            BlockingQueue<String> lines = lines(process);
            try (ApplicationClient client = new ApplicationClient(port(lines))) {
                client.checkEverything();
            }
            process.toHandle().destroy();
            assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
            assertThat(process.exitValue()).isEqualTo(TERMINATED);
            assertThat(lines).noneMatch(line -> line.startsWith("WARNING") || line.contains("ERROR"));
        } finally {
            process.destroyForcibly();
        }
    }

    private static int port(BlockingQueue<String> lines) throws InterruptedException {
        StringBuilder log = new StringBuilder();
        while (true) {
            String line = lines.poll(2, TimeUnit.MINUTES);
            assertThat(line).as("the application has not started: %s", log).isNotNull();
            Matcher port = PORT.matcher(line);
            if (port.find()) {
                return Integer.parseInt(port.group(1));
            }
            log.append(line).append('\n');
        }
    }

    private static BlockingQueue<String> lines(Process process) {
        BlockingQueue<String> lines = new LinkedBlockingQueue<>();
        Thread.startVirtualThread(() -> {
            try (BufferedReader output = process.inputReader()) {
                output.lines().forEach(lines::add);
            } catch (IOException e) {
                lines.add(e.toString());
            }
        });
        return lines;
    }
}
