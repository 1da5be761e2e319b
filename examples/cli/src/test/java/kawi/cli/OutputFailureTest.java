package kawi.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Full disks and closed pipes: what a command cannot print is a failure, unless nobody wants to read it. */
@Timeout(120)
class OutputFailureTest {

    private static final String FULL = "No space left on device";

    @TempDir
    static Path folder;

    /** A standard output that accepts some bytes and then fails. */
    private static final class FailingStream extends OutputStream {
        private final String reason;
        private int left;

        FailingStream(String reason, int left) {
            this.reason = reason;
            this.left = left;
        }

        @Override
        public void write(int b) throws IOException {
            if (left-- <= 0) {
                throw new IOException(reason);
            }
        }
    }

    private static Cli.Outcome run(String reason, int bytes, String line) {
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        InputStream in = new ByteArrayInputStream(
                line.startsWith("chat")
                        ? "Tell me a story.\n/stats\nAnother.\n".getBytes(StandardCharsets.UTF_8)
                        : new byte[0]);
        Terminal terminal =
                new Terminal(in, new FailingStream(reason, bytes), err, false, Map.of("HF_HOME", folder.toString()));
        String[] args = line.replace("DEMO", Cli.DEMO.toString())
                .replace("TMP", folder.resolve("r.gguf").toString())
                .split(" ", -1);
        int code = Kawi.execute(terminal, args);
        return new Cli.Outcome(code, "", err.toString(StandardCharsets.UTF_8));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--temperature 0 -n 40 Hello there",
                "--json -n 2 Hello there",
                "chat -n 5",
                "chat --jsonl -n 5",
                "score --ids 1,2,3",
                "tokenize hello",
                "tokenize --decode 1",
                "inspect DEMO",
                "show --json DEMO",
                "list --json",
                "bench -m DEMO -p 4 -n 2 -r 1",
                "bench --json -m DEMO -p 4 -n 2 -r 1",
                "load --requests 1 --warmup 0 --prompt 4 --answer 2",
                "load --json --requests 1 --warmup 0 --prompt 4 --answer 2",
                "doctor",
                "doctor --json",
                "make-random tiny TMP --type Q8_0 --force",
                "completion bash",
                "completion fish",
                "help",
                "help chat",
                "--help",
                "chat --help",
                "--version"
            })
    void everyCommandReportsIt(String line) {
        Cli.Outcome full = run(FULL, 0, line);
        assertEquals(Kawi.FAILURE, full.code(), full.err());
        String last = full.err().lines().reduce((a, b) -> b).orElse("");
        assertTrue(last.matches("kawi( [a-z-]+)?: standard output cannot be written: " + FULL), full.err());

        Cli.Outcome closed = run("Broken pipe", 1, line);
        assertEquals(Kawi.CLOSED_PIPE, closed.code(), closed.err());
        assertTrue(
                closed.err().lines().noneMatch(error -> error.startsWith("kawi") || error.contains("tokens/s")),
                closed.err());
    }

    @Test
    void anAnswerThatNobodyReadsEnds() {
        long start = System.nanoTime();
        Cli.Outcome closed = run("Broken pipe", 20, "--temperature 0 --ignore-eos -n 900 Hello there");
        assertEquals(Kawi.CLOSED_PIPE, closed.code());
        assertTrue(System.nanoTime() - start < TimeUnit.SECONDS.toNanos(60));
    }

    @Test
    void aFailedCommandStaysOne() {
        assertEquals(Kawi.INVALID_USAGE, run(FULL, 0, "score").code());
    }

    @ParameterizedTest
    @ValueSource(strings = {"--temperature 0 -n 5 Hello there", "inspect DEMO", "--help"})
    void aFullDiskIsASentence(String line) throws Exception {
        File full = new File("/dev/full");
        assumeTrue(full.exists(), "there is no /dev/full here");
        Process process = ChildCli.builder(
                        (Object[]) line.replace("DEMO", Cli.DEMO.toString()).split(" ", -1))
                .redirectOutput(full)
                .start();
        process.getOutputStream().close();
        String err = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(Kawi.FAILURE, process.waitFor(), err);
        assertTrue(err.strip().endsWith("standard output cannot be written: " + FULL), err);
    }

    @ParameterizedTest
    @ValueSource(strings = {"--temperature 0 --ignore-eos -n 900 Hello there", "inspect --tensors DEMO", "--help"})
    void aClosedPipeEndsQuietly(String line) throws Exception {
        Process process = ChildCli.start(
                (Object[]) line.replace("DEMO", Cli.DEMO.toString()).split(" ", -1));
        if (line.startsWith("--temperature")) {
            assertEquals(16, process.getInputStream().readNBytes(16).length);
        }
        process.getInputStream().close();
        String err = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(Kawi.CLOSED_PIPE, process.waitFor(), err);
        assertEquals("", err);
    }

    @Test
    void standardErrorMayBeClosed() throws Exception {
        Path sink = Files.createFile(folder.resolve("err"));
        Process process = ChildCli.builder("--temperature", "0", "-n", "5", "Hello there")
                .redirectError(Files.exists(Path.of("/dev/full")) ? new File("/dev/full") : sink.toFile())
                .start();
        process.getOutputStream().close();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(Kawi.SUCCESS, process.waitFor());
        assertEquals(Cli.run("--temperature", "0", "-n", "5", "Hello there").result(), out);
    }
}
