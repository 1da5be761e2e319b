package kawi.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Processes on terminals of the operating system. */
@Timeout(120)
class TerminalProcessTest {

    /** The exit code of a process that SIGTERM has ended. */
    private static final int TERMINATED = 143;

    /** The bit of SIGINT in a set of signals. */
    private static final long SIGINT = 1L << 1;

    private static final String STORY = "Tell me a story about a fox who lost a kite.";

    @TempDir
    Path folder;

    @Test
    void answersWrapAtWords() throws Exception {
        String story = Cli.run("--temperature", "0", "-n", "80", STORY).result().strip();
        try (PseudoTerminal terminal = new PseudoTerminal(30)) {
            Process process = terminal.start("--temperature", "0", "-n", "80", STORY);
            assertEquals(0, process.waitFor(), terminal.raw());
            terminal.await("the start)", 0);
            List<String> lines = terminal.screen().lines();
            assertTrue(
                    lines.stream().allMatch(line -> line.length() < 30),
                    terminal.screen().text());
            assertEquals("This is the demo model, which", lines.getFirst());
            String shown = String.join(" ", lines).replaceAll("\\s+", " ");
            assertTrue(shown.contains(story.replaceAll("\\s+", " ")), shown);
            assertTrue(shown.contains("80 generated, "), shown);
        }
    }

    @Test
    void standardErrorAloneShowsProgressAndIsCleared() throws Exception {
        Path ids = Files.writeString(
                folder.resolve("ids.json"),
                IntStream.range(0, 400_000)
                        .mapToObj(i -> String.valueOf(i % 900))
                        .collect(Collectors.joining(",", "[", "]")));
        try (PseudoTerminal terminal = new PseudoTerminal(12)) {
            File out = folder.resolve("out").toFile();
            Process process = ChildCli.builder("score", "--ids-file", ids, "--window", "64")
                    .redirectInput(ids.toFile())
                    .redirectOutput(out)
                    .redirectError(terminal.device())
                    .start();
            terminal.await("tokens", 0);
            boolean ignored = interruptsAreIgnored();
            new ProcessBuilder("kill", ignored ? "-TERM" : "-INT", String.valueOf(process.pid()))
                    .start()
                    .waitFor();
            assertEquals(ignored ? TERMINATED : Kawi.INTERRUPTED, process.waitFor());
            long end = System.nanoTime() + 60_000_000_000L;
            while (!terminal.screen().text().isEmpty() && System.nanoTime() < end) {
                Thread.sleep(5);
            }
            assertEquals("", terminal.screen().text(), "nothing is left of the progress");
            assertEquals("0:0", terminal.screen().cursor());
            assertTrue(terminal.raw().endsWith("\r\033[K"), terminal.raw());
            assertEquals(0, out.length());
        }
    }

    /**
     * Whether this process, and so each that it starts, ignores SIGINT: a shell does that to jobs in the background.
     */
    private static boolean interruptsAreIgnored() throws IOException {
        Path status = Path.of("/proc/self/status");
        if (!Files.exists(status)) {
            return false;
        }
        try (Stream<String> lines = Files.lines(status)) {
            return lines.filter(line -> line.startsWith("SigIgn:"))
                    .anyMatch(line -> (Long.parseUnsignedLong(line.substring(7).strip(), 16) & SIGINT) != 0);
        }
    }

    @Test
    void helpFitsTheTerminal() throws Exception {
        for (int width : new int[] {30, 60, 90}) {
            try (PseudoTerminal terminal = new PseudoTerminal(width)) {
                assertEquals(0, terminal.start("help", "chat").waitFor());
                terminal.await("jq -r .text", 0);
                List<String> lines = terminal.screen().lines();
                // A synopsis contains words that are longer than a narrow line.
                assertTrue(
                        lines.stream().allMatch(line -> line.length() < width || line.matches(" *\\S+")),
                        terminal.screen().text());
            }
        }
    }

    @Test
    void aConversation() throws Exception {
        try (PseudoTerminal terminal = new PseudoTerminal(40)) {
            ProcessBuilder builder = ChildCli.builder("chat", "--temperature", "0", "-n", "20")
                    .redirectInput(terminal.device())
                    .redirectOutput(terminal.device())
                    .redirectError(terminal.device());
            builder.environment().put("TERM", "xterm-256color");
            builder.environment().put("XDG_STATE_HOME", folder.toString());
            Process process = builder.start();
            int at = terminal.await("> ", terminal.await("hf:Qwen/Qwen3.5-0.8B.", 0));
            terminal.type("語語語 Tell me a story.\r");
            terminal.await("> ", terminal.await("token limit (-n)", at));
            terminal.type("/bye\r");
            assertEquals(0, process.waitFor(), terminal.raw());
            String text = terminal.screen().text();
            assertTrue(text.contains("> 語語語 Tell me a story.\n"), text);
            assertTrue(text.contains("(stopped at the token limit (-n))\n> /bye"), text);
            assertFalse(text.lines().anyMatch(line -> Columns.of(line) >= 40), text);
        }
    }

    @Test
    void theVectorTierIsMentionedWithItsModule() throws Exception {
        Process process = ChildCli.start("--kernels", "vector", "-n", "1", STORY);
        String err = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(Kawi.FAILURE, process.waitFor());
        assertTrue(err.contains("--add-modules jdk.incubator.vector"), err);
    }
}
