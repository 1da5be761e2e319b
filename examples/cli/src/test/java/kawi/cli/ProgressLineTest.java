package kawi.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import kawi.Progress;
import kawi.Progress.Stage;
import org.junit.jupiter.api.Test;

class ProgressLineTest {

    private static final String ERASE = "\r\033[K";
    private static final long MILLISECOND = 1_000_000;

    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private long now;

    private ProgressLine line(boolean interactive) {
        return new ProgressLine(
                new Terminal(
                        InputStream.nullInputStream(), OutputStream.nullOutputStream(), err, interactive, Map.of()),
                "",
                () -> now);
    }

    private void update(ProgressLine line, Stage stage, String subject, long done, long total, long milliseconds) {
        now += milliseconds * MILLISECOND;
        line.update(new Progress.Step(stage, subject, done, total));
    }

    private List<String> drawn() {
        return Arrays.stream(err.toString(StandardCharsets.UTF_8).split("\r\033\\[K", -1))
                .skip(1)
                .toList();
    }

    @Test
    void showsShareRateAndRemainingTime() {
        try (ProgressLine line = line(true)) {
            update(line, Stage.DOWNLOAD, "Qwen3.5-0.8B-Q4_K_M.gguf", 0, 500 << 20, 0);
            update(line, Stage.DOWNLOAD, "Qwen3.5-0.8B-Q4_K_M.gguf", 100 << 20, 500 << 20, 2000);
        }
        assertEquals(
                List.of("Qwen3.5-0.8B-Q4_K_M.gguf  20% [##         ] of 500.0 MiB, 50.0 MiB/s, 0:08 left", ""),
                drawn());
    }

    @Test
    void isDrawnTenTimesASecondAtMost() {
        try (ProgressLine line = line(true)) {
            for (int i = 0; i < 1000; i++) {
                update(line, Stage.LOAD, "m", i, 2000, 1);
            }
        }
        assertEquals(11, drawn().size(), "ten lines and their removal");
    }

    @Test
    void whatIsDoneAtOnceIsNotShown() {
        try (ProgressLine line = line(true)) {
            update(line, Stage.LOAD, "m", 50, 100, 60);
            update(line, Stage.LOAD, "m", 100, 100, 60);
        }
        assertEquals("", err.toString(StandardCharsets.UTF_8));
    }

    @Test
    void disappearsWhenItIsDone() {
        ProgressLine line = line(true);
        update(line, Stage.LOAD, "model.gguf", 50, 100, 200);
        update(line, Stage.LOAD, "model.gguf", 100, 100, 1);
        assertEquals(List.of("loading model.gguf  50% [###############               ] ", ""), drawn());
        line.close();
        assertEquals(2, drawn().size());
    }

    @Test
    void nobodySeesItInAPipe() {
        try (ProgressLine line = line(false)) {
            update(line, Stage.DOWNLOAD, "m", 1, 3, 200);
            update(line, Stage.DOWNLOAD, "m", 2, 3, 200);
        }
        assertEquals("", err.toString(StandardCharsets.UTF_8));
    }

    @Test
    void fitsIntoALine() {
        String[] subjects = {"x".repeat(300) + "-Q4_K_M.gguf", "語".repeat(100), "\u0007\u001b[1m", "m"};
        for (String subject : subjects) {
            for (Stage stage : Stage.values()) {
                for (long total : new long[] {-1, 4096, 1L << 45}) {
                    ProgressLine line = line(true);
                    update(line, stage, subject, 0, total, 0);
                    update(line, stage, subject, 1023, total, 100_000);
                    line.close();
                }
            }
        }
        for (String text : drawn()) {
            int columns = text.codePoints().map(c -> c < 0x1100 ? 1 : 2).sum();
            assertTrue(columns < 80, text);
            assertTrue(text.chars().noneMatch(Character::isISOControl), text);
        }
        assertTrue(
                err.toString(StandardCharsets.UTF_8).contains("xx..x-Q4_K_M.gguf"),
                err.toString(StandardCharsets.UTF_8));
        assertTrue(err.toString(StandardCharsets.UTF_8).startsWith(ERASE));
    }

    @Test
    void fitsAtEveryWidthAndLeavesNothing() {
        String[] subjects = {"Qwen3.5-0.8B-Q4_K_M.gguf", "語".repeat(30), "😀".repeat(9) + ".gguf", "m"};
        for (int width = 20; width <= 80; width++) {
            int columns = width;
            for (String subject : subjects) {
                for (Stage stage : Stage.values()) {
                    for (long total : new long[] {-1, 4096, 1L << 45}) {
                        Screen screen = new Screen(width);
                        Terminal terminal = new Terminal(
                                InputStream.nullInputStream(),
                                OutputStream.nullOutputStream(),
                                screen,
                                Set.of(StandardStream.ERR),
                                Map.of("TERM", "xterm"),
                                () -> columns);
                        ProgressLine line = new ProgressLine(terminal, "http://proxy.example.com:3128", () -> now);
                        update(line, stage, subject, 0, total, 0);
                        update(line, stage, subject, 1023, total, 100_000);
                        assertEquals(1, screen.lines().size(), screen.text());
                        assertTrue(Columns.of(screen.text()) < width, screen.text());
                        if (total > 0) {
                            assertTrue(screen.text().contains(total == 4096 ? "24%" : "0%"), screen.text());
                        }
                        line.close();
                        assertEquals("", screen.text());
                        assertEquals("0:0", screen.cursor());
                    }
                }
            }
        }
    }

    @Test
    void showsTheRemainingTimeOfPrompts() {
        try (ProgressLine line = line(true)) {
            update(line, Stage.PREFILL, "prompt", 1024, 262_144, 200);
            now += 1_000 * MILLISECOND;
            line.update(new Progress.Step(
                    Stage.PREFILL, "prompt", 2048, 262_144, Optional.of(Duration.ofSeconds(3 * 3600 + 62))));
        }
        assertTrue(
                drawn().get(1).endsWith("2048 of 262144 tokens, 1024/s, 3:01:02 left"),
                err.toString(StandardCharsets.UTF_8));
    }

    @Test
    void readsPromptsInTokens() {
        try (ProgressLine line = line(true)) {
            update(line, Stage.PREFILL, "prompt", 1024, 4096, 200);
        }
        assertTrue(drawn().getFirst().endsWith("1024 of 4096 tokens"), err.toString(StandardCharsets.UTF_8));
    }
}
