package kawi.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PromptTextTest {

    private static Terminal terminal(InputStream in, OutputStream err, StandardStream... terminals) {
        return new Terminal(in, OutputStream.nullOutputStream(), err, Set.of(terminals), Map.of(), () -> 80);
    }

    private static String prompt(String input, String... words) throws IOException {
        InputStream in = new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8));
        return new PromptText(List.of(words), null, terminal(in, OutputStream.nullOutputStream())).read();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "a b | '' | a b",
                "Sum: | x y\\n | Sum:\\n\\nx y",
                "Sum: | x\\r\\n | Sum:\\n\\nx",
                "- | x\\n\\n | x\\n",
                "a - b | x\\n | a\\n\\nx\\n\\nb",
                "a - | x | a\\n\\nx",
                "- b | x | x\\n\\nb",
                "a -- | '' | a --",
            })
    void standardInputIsPartOfThePrompt(String words, String input, String prompt) throws IOException {
        assertEquals(unescaped(prompt), prompt(unescaped(input), words.split(" ", -1)));
    }

    private static String unescaped(String text) {
        return text.replace("''", "").translateEscapes();
    }

    @Test
    void aFileFollowsTheWords(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("p.txt"), "the file\n");
        InputStream in = new ByteArrayInputStream("the input\n".getBytes(StandardCharsets.UTF_8));
        Terminal terminal = terminal(in, OutputStream.nullOutputStream());
        assertEquals("a b\n\nthe file\n\nthe input", new PromptText(List.of("a", "b"), file, terminal).read());
        assertEquals("the file", new PromptText(List.of(), file, terminal(in, System.err, StandardStream.IN)).read());
        assertEquals(
                Cli.run("--temperature", "0", "-n", "5", "the file").result(),
                Cli.run("--temperature", "0", "-n", "5", "-f", file).result());
        assertTrue(Cli.run("-f", folder.resolve("none.txt")).complaint(1).contains("there is no such file"));
        assertEquals(
                "x",
                new PromptText(
                                List.of(),
                                Path.of("-"),
                                terminal(new ByteArrayInputStream(new byte[] {'x'}), System.err))
                        .read());
    }

    @Test
    void standardInputIsUsedOnce() {
        assertThrows(UsageException.class, () -> prompt("x", "-", "and", "-"));
        assertThrows(UsageException.class, () -> prompt(""));
        assertThrows(UsageException.class, () -> prompt("\n"));
    }

    @Test
    void aTerminalIsNotRead() throws IOException {
        InputStream keyboard = new InputStream() {
            @Override
            public int read() {
                throw new AssertionError("nobody types");
            }

            @Override
            public int read(byte[] bytes, int from, int count) {
                return read();
            }
        };
        Terminal terminal = terminal(keyboard, System.err, StandardStream.IN, StandardStream.OUT);
        assertEquals("hi", new PromptText(List.of("hi"), null, terminal).read());
    }

    @Test
    void aClosedInputIsEmpty() throws IOException {
        InputStream closed = new InputStream() {
            @Override
            public int read() throws IOException {
                throw new IOException("Bad file descriptor");
            }

            @Override
            public int read(byte[] bytes, int from, int count) throws IOException {
                return read();
            }
        };
        assertEquals("hi", new PromptText(List.of("hi"), null, terminal(closed, System.err)).read());
        assertThrows(IOException.class, () -> new PromptText(List.of("-"), null, terminal(closed, System.err)).read());
    }

    @Test
    @SuppressWarnings("try") // closing one end while the other is read is the point
    void aPipeThatStaysOpenIsMentioned() throws Exception {
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        try (PipedOutputStream writer = new PipedOutputStream();
                PipedInputStream in = new PipedInputStream(writer)) {
            Thread closer = Thread.ofPlatform().start(() -> {
                try {
                    while (!err.toString(StandardCharsets.UTF_8).contains("standard input")) {
                        Thread.sleep(10);
                    }
                    writer.close();
                } catch (IOException | InterruptedException e) {
                    throw new AssertionError(e);
                }
            });
            assertEquals("hi", new PromptText(List.of("hi"), null, terminal(in, err)).read());
            closer.join();
        }
    }
}
