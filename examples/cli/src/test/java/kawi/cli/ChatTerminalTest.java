package kawi.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Conversations at a terminal, key by key. */
@Timeout(300)
class ChatTerminalTest {

    private static final String XTERM = "xterm-256color";
    private static final String[] GREEDY = {"--temperature", "0", "-n", "5"};

    @TempDir
    Path home;

    private FakeTerminal start(String... args) throws Exception {
        return new FakeTerminal(XTERM, 80, home, Map.of(), args);
    }

    @Test
    void linesCanBeEdited() throws Exception {
        try (FakeTerminal person = start(GREEDY)) {
            person.prompt();
            person.type("ell me a stody" + FakeTerminal.BACKSPACE.repeat(2) + "ry." + FakeTerminal.CTRL_A + "T")
                    .type(FakeTerminal.ENTER);
            person.until("Once upon a time,");
            person.prompt();
            person.type(FakeTerminal.CTRL_D);
            assertEquals(0, person.exit());
        }
        assertTrue(Files.readString(home.resolve("kawi/history")).contains("Tell me a story."), "the history");
    }

    @Test
    void theHistoryOutlivesTheConversationAndIsPrivate() throws Exception {
        try (FakeTerminal person = start(GREEDY)) {
            person.prompt();
            person.type("/temp 0.25\r").until("temperature: 0.25");
            person.prompt();
            person.type("/quit\r");
            assertEquals(0, person.exit());
        }
        Path history = home.resolve("kawi/history");
        if (Files.getFileStore(history).supportsFileAttributeView("posix")) {
            assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(history)));
            assertEquals(
                    "rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(history.getParent())));
        }
        try (FakeTerminal person = start(GREEDY)) {
            person.prompt();
            person.type(FakeTerminal.UP).until("/quit");
            person.type(FakeTerminal.UP).until("temp 0.25"); // the slash is there already
            person.type("0" + FakeTerminal.ENTER).until("temperature: 0.25");
            person.prompt();
            person.type(FakeTerminal.CTRL_D);
            assertEquals(0, person.exit());
        }
    }

    @Test
    void messagesCanHaveSeveralLines() throws Exception {
        try (FakeTerminal person = start(GREEDY)) {
            person.prompt();
            person.type("/system one\\\r").until(". ");
            person.type("two\r").until("system: one\r\ntwo");
            person.prompt();
            person.type("\033[200~/system three\rfour\033[201~").until("four");
            person.type(FakeTerminal.ENTER).until("system: three\r\nfour");
            person.prompt();
            person.type("\"\"\"\r").until(". ");
            person.type("five\r\"\"\"\r");
            person.until("\033[?2004l");
            person.prompt();
            person.type(FakeTerminal.CTRL_D);
            assertEquals(0, person.exit());
        }
        assertTrue(Files.readString(home.resolve("kawi/history")).contains("\"\"\"\\nfive\\n\"\"\""), "the history");
    }

    @Test
    void ctrlCStopsTheAnswerAndNotTheProgram() throws Exception {
        try (FakeTerminal person = start("--temperature", "0", "--ignore-eos", "-n", "100000")) {
            person.prompt();
            person.type("Tell me a story.\r").until("Once upon");
            person.type(FakeTerminal.CTRL_C).until("(interrupted; ");
            person.prompt();
            person.type("/stats\r").until("interrupted");
            person.prompt();
            person.type("/temp 0.5\r").until("temperature: 0.5");
            person.prompt();
            person.type(FakeTerminal.CTRL_D);
            assertEquals(0, person.exit());
        }
    }

    @Test
    void ctrlCClearsTheLineAndLeavesWhenThereIsNone() throws Exception {
        try (FakeTerminal person = start(GREEDY)) {
            person.prompt();
            person.type("never sent").until("never sent");
            person.type(FakeTerminal.CTRL_C);
            person.prompt();
            person.type(FakeTerminal.CTRL_C).until("press Ctrl-C again");
            person.prompt();
            person.type("x" + FakeTerminal.CTRL_C);
            person.prompt();
            person.type(FakeTerminal.CTRL_C).until("press Ctrl-C again");
            person.prompt();
            person.type(FakeTerminal.CTRL_C);
            assertEquals(0, person.exit());
            assertFalse(person.screen().contains("Once"), person.screen());
        }
    }

    @Test
    void commandsAreCompleted() throws Exception {
        try (FakeTerminal person = start(GREEDY)) {
            person.prompt();
            person.type("/im\t").until("/image");
            person.type(FakeTerminal.ENTER).until("adds an image");
            person.prompt();
            person.type(FakeTerminal.CTRL_D);
            assertEquals(0, person.exit());
        }
    }

    @Test
    void aDumbTerminalGetsPlainText() throws Exception {
        try (FakeTerminal person = new FakeTerminal("dumb", 80, home, Map.of(), GREEDY)) {
            person.prompt();
            person.type("Tell me a story.\n").until("Once upon a time,");
            person.prompt();
            person.type("/quit\n");
            assertEquals(0, person.exit());
            assertFalse(person.screen().contains("\033"), person.screen());
        }
    }

    @Test
    void coloursCanBeDeclined() throws Exception {
        try (FakeTerminal person = new FakeTerminal(XTERM, 40, home, Map.of("NO_COLOR", "1"), GREEDY)) {
            person.prompt();
            person.type("/help\r").until("Ctrl-C stops an answer.");
            person.prompt();
            person.type(FakeTerminal.CTRL_D);
            assertEquals(0, person.exit());
            assertFalse(person.screen().contains("\033[2m"), person.screen());
        }
    }
}
