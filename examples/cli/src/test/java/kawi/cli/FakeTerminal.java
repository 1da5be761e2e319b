package kawi.cli;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jline.terminal.Attributes.LocalFlag;
import org.jline.terminal.Size;
import org.jline.terminal.impl.LineDisciplineTerminal;
import picocli.CommandLine;

/**
 * A person at a terminal, as a script: a conversation runs in its own thread, keys go in as bytes, and what it shows is
 * waited for.
 */
final class FakeTerminal implements AutoCloseable {

    static final String CTRL_A = "\001";
    static final String CTRL_C = "\003";
    static final String CTRL_D = "\004";
    static final String ENTER = "\r";
    static final String UP = "\033[A";
    static final String BACKSPACE = "\177";

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final ByteArrayOutputStream screen = new ByteArrayOutputStream();
    private final LineDisciplineTerminal jline;
    private final CompletableFuture<Integer> exit;
    private int seen;

    /** Starts a conversation on a terminal of a type, such as xterm. */
    FakeTerminal(String type, int columns, Path home, Map<String, String> environment, String... args)
            throws IOException {
        TerminalFront.restrict(type);
        jline = new LineDisciplineTerminal("fake", type, screen, StandardCharsets.UTF_8);
        jline.setSize(Size.of(columns, 24));
        OutputStream nobody = OutputStream.nullOutputStream();
        var variables = new HashMap<>(environment);
        variables.put("XDG_STATE_HOME", home.toString());
        var terminal = new Terminal(InputStream.nullInputStream(), nobody, nobody, true, variables);
        exit = CompletableFuture.supplyAsync(
                () -> new CommandLine(new ChatCommand(terminal, known -> new TerminalFront(jline, known)))
                        .execute(args),
                task -> Thread.ofPlatform().daemon().start(task));
    }

    /** Presses keys. */
    FakeTerminal type(String keys) throws IOException {
        jline.processInputBytes(keys.getBytes(StandardCharsets.UTF_8));
        return this;
    }

    /** Waits until the text appears after what was waited for before; returns what came up to there. */
    String until(String text) throws InterruptedException {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (System.nanoTime() < end) {
            String all = screen();
            int at = all.indexOf(text, seen);
            if (at >= 0) {
                String part = all.substring(seen, at + text.length());
                seen = at + text.length();
                return part;
            }
            Thread.sleep(5);
        }
        throw new AssertionError("\"%s\" did not appear after: %s".formatted(text, screen().substring(seen)));
    }

    /** Waits for the prompt and the reader behind it. */
    String prompt() throws InterruptedException {
        String before = until("> ");
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (jline.getAttributes().getLocalFlag(LocalFlag.ICANON)
                && !jline.getType().startsWith("dumb")) {
            assertTrue(System.nanoTime() < end, "the prompt is there and nobody reads");
            Thread.sleep(5);
        }
        return before;
    }

    String screen() {
        return screen.toString(StandardCharsets.UTF_8);
    }

    /** Waits for the command to end. */
    int exit() throws InterruptedException, ExecutionException, TimeoutException {
        return exit.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }

    @Override
    public void close() {
        exit.cancel(true);
    }
}
