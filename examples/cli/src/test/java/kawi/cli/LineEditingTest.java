package kawi.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.jline.terminal.Attributes.LocalFlag;
import org.jline.terminal.Size;
import org.jline.terminal.impl.LineDisciplineTerminal;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Editing messages of wide characters at every width: the screen must show what a terminal shows of the text. */
@Timeout(300)
class LineEditingTest {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String PROMPT = "> ";
    private static final String HOME = "\001";
    private static final String END = "\005";
    private static final String BACKSPACE = "\177";

    @TempDir
    Path home;

    static IntStream widths() {
        return IntStream.rangeClosed(20, 80);
    }

    /** A terminal at whose keyboard and screen a message is edited. */
    private final class Editor implements AutoCloseable {
        final int width;
        final Screen screen;
        final LineDisciplineTerminal jline;
        final TerminalFront front;
        final Thread reader;

        Editor(int width) throws Exception {
            this.width = width;
            this.screen = new Screen(width);
            TerminalFront.restrict("xterm-256color");
            jline = new LineDisciplineTerminal("fake", "xterm-256color", screen, StandardCharsets.UTF_8);
            jline.setSize(Size.of(width, 24));
            front = new TerminalFront(jline, Map.of("XDG_STATE_HOME", home.toString()));
            front.begin(Set.of());
            reader = Thread.ofPlatform().daemon().start(front::read);
            while (jline.getAttributes().getLocalFlag(LocalFlag.ICANON)
                    || !screen.text().equals(">")) {
                Thread.sleep(1);
            }
        }

        void type(String keys) throws Exception {
            jline.processInputBytes(keys.getBytes(StandardCharsets.UTF_8));
        }

        /** Waits until the screen shows a message with the cursor after some of its text. */
        void shows(String message, String beforeCursor) throws InterruptedException {
            String expected = new Screen(width).print(PROMPT + message).text();
            String cursor = new Screen(width).print(PROMPT + beforeCursor).cursor();
            long end = System.nanoTime() + PATIENCE.toNanos();
            while (System.nanoTime() < end
                    && !(screen.text().equals(expected) && screen.cursor().equals(cursor))) {
                Thread.sleep(1);
            }
            assertEquals(expected, screen.text(), "at width " + width);
            assertEquals(cursor, screen.cursor(), "the cursor at width " + width);
        }

        @Override
        public void close() {
            reader.interrupt();
        }
    }

    @ParameterizedTest
    @MethodSource("widths")
    void wideCharactersAreEdited(int width) throws Exception {
        String row = "語".repeat((width - PROMPT.length()) / 2);
        List<String> messages = List.of(
                row,
                row + "言",
                "a" + row,
                row + "a",
                row + "語".repeat(width / 2),
                "😀".repeat(width),
                "a😀b語c".repeat(width / 4),
                "x".repeat(width - PROMPT.length()),
                "x".repeat(width - PROMPT.length() - 1) + "語x");
        for (String message : messages) {
            try (Editor editor = new Editor(width)) {
                editor.type(message);
                editor.shows(message, message);
                editor.type(BACKSPACE);
                String shorter = message.substring(0, message.offsetByCodePoints(message.length(), -1));
                editor.shows(shorter, shorter);
                editor.type(HOME + "b");
                editor.shows("b" + shorter, "b");
                editor.type("本");
                editor.shows("b本" + shorter, "b本");
                editor.type(BACKSPACE + BACKSPACE);
                editor.shows(shorter, "");
                editor.type(END + "語");
                editor.shows(shorter + "語", shorter + "語");
            }
        }
    }
}
