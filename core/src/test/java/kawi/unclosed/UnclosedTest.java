package kawi.unclosed;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.stream.Stream;
import kawi.Chat;
import kawi.Model;
import kawi.Sequence;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What a program forgets to close is closed for it, and it is told where it opened it. In a package of its own, as a
 * program's is.
 */
@Timeout(60)
class UnclosedTest {

    private static final String FOX = "Tell me a story about a fox who lost a kite.";

    private Model model;

    private final PrintStream before = System.err;
    private final ByteArrayOutputStream heard = new ByteArrayOutputStream();

    @BeforeEach
    void load() throws IOException {
        try (InputStream gguf =
                Objects.requireNonNull(UnclosedTest.class.getResourceAsStream("/kawi/demo/demo-q8_0.gguf"))) {
            model = Model.loader(gguf.readAllBytes(), "demo-q8_0.gguf").load();
        }
        System.setErr(new PrintStream(heard, true, StandardCharsets.UTF_8));
    }

    @AfterEach
    void close() {
        System.setErr(before);
        model.close();
    }

    private String log() {
        return heard.toString(StandardCharsets.UTF_8);
    }

    /** Collects garbage until the log says so; the time limit of the class is the end of it. */
    private void awaitWarning(String what) throws InterruptedException {
        while (!log().contains(what)) {
            System.gc();
            Thread.sleep(5);
        }
    }

    private void leaveAChat() {
        Chat chat = model.chat().maxTokens(4).open();
        assertFalse(chat.send(FOX).text().isEmpty());
        assertTrue(chat.snapshots().bytes() > 0);
    }

    private void leaveASequence() {
        Sequence sequence = model.newSequence();
        sequence.append(1, 2, 3);
        assertEquals(3, sequence.length());
    }

    private void leaveAStream() {
        assertEquals(1, model.prompt(FOX).stream().limit(1).toList().size());
    }

    @Test
    void chats() throws InterruptedException {
        leaveAChat();
        awaitWarning("a Chat of demo-q8_0.gguf became unreachable without having been closed");
        assertTrue(log().contains("UnclosedTest.leaveAChat(UnclosedTest.java:"), log());
    }

    @Test
    void sequences() throws InterruptedException {
        leaveASequence();
        awaitWarning("a Sequence of demo-q8_0.gguf became unreachable without having been closed");
        assertTrue(log().contains("UnclosedTest.leaveASequence(UnclosedTest.java:"), log());
    }

    @Test
    void streams() throws InterruptedException {
        leaveAStream();
        awaitWarning("a stream of an answer of demo-q8_0.gguf became unreachable without having been closed");
        assertTrue(log().contains("UnclosedTest.leaveAStream(UnclosedTest.java:"), log());
    }

    /** The chat is no longer busy once the stream of its answer has been collected. */
    @Test
    void streamsOfAChat() throws InterruptedException {
        try (Chat chat = model.chat().temperature(0).open()) {
            assertEquals(1, chat.stream(FOX).limit(1).toList().size());
            awaitWarning("a stream of an answer of");
            while (chat.messages().isEmpty()) {
                Thread.sleep(1);
            }
            assertEquals("Once", chat.messages().getLast().text());
        }
    }

    @Test
    void whatIsClosedIsNotMentioned() throws InterruptedException {
        try (Chat chat = model.chat().maxTokens(4).open();
                Sequence sequence = model.newSequence();
                Stream<String> stream = model.prompt(FOX).stream()) {
            sequence.append(1);
            assertTrue(stream.findFirst().isPresent());
            chat.stream(FOX).forEach(piece -> {});
        }
        leaveASequence(); // several of one place are one warning
        leaveASequence();
        awaitWarning("leaveASequence");
        leaveAChat();
        awaitWarning("leaveAChat");
        // What other tests have left may be collected at any time.
        assertEquals(
                2,
                log().lines()
                        .filter(line -> line.contains("unreachable") && line.contains("UnclosedTest"))
                        .count(),
                log());
    }
}
