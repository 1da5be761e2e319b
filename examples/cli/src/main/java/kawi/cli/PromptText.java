package kawi.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The prompt of a command line: its words, joined by blanks; then the file of {@code --prompt-file}; then standard
 * input if that is not a terminal. A word {@code -} is the place of standard input. Blank lines separate the parts, and
 * a line break at the end of a file or of standard input is dropped.
 */
final class PromptText {

    private static final String STANDARD_INPUT = "-";
    private static final Duration PATIENCE = Duration.ofSeconds(3);

    private final List<String> words;
    private final @Nullable Path file;
    private final Terminal terminal;

    /** @param file the value of {@code --prompt-file}, or null */
    PromptText(List<String> words, @Nullable Path file, Terminal terminal) {
        this.words = words;
        this.file = file;
        this.terminal = terminal;
    }

    /**
     * Reads the prompt.
     *
     * @throws UsageException if there is none
     */
    String read() throws IOException {
        boolean fileIsInput = file != null && file.toString().equals(STANDARD_INPUT);
        long places = words.stream().filter(STANDARD_INPUT::equals).count() + (fileIsInput ? 1 : 0);
        if (places > 1) {
            throw new UsageException("standard input can be used only once, but the command line has - more than once");
        }
        String input = places > 0
                ? withoutLineBreak(terminal.readText())
                : terminal.isTerminal(StandardStream.IN) ? "" : withoutLineBreak(addition());
        List<String> parts = new ArrayList<>();
        List<String> line = new ArrayList<>();
        for (String word : words) {
            if (word.equals(STANDARD_INPUT)) {
                add(parts, String.join(" ", line));
                add(parts, input);
                line.clear();
            } else {
                line.add(word);
            }
        }
        add(parts, String.join(" ", line));
        if (fileIsInput) {
            add(parts, input);
        } else if (file != null) {
            add(parts, withoutLineBreak(Terminal.decode(Files.readAllBytes(file), file.toString())));
        }
        if (places == 0) {
            add(parts, input);
        }
        if (parts.isEmpty()) {
            throw new UsageException("the prompt is missing");
        }
        return String.join("\n\n", parts);
    }

    private static void add(List<String> parts, String part) {
        if (!part.isEmpty()) {
            parts.add(part);
        }
    }

    private static String withoutLineBreak(String text) {
        return text.endsWith("\n") ? text.substring(0, text.length() - (text.endsWith("\r\n") ? 2 : 1)) : text;
    }

    /**
     * Reads standard input, which may be a pipe that nobody writes to and nobody closes; then the user is told what the
     * command is waiting for.
     */
    private String addition() throws IOException {
        if (words.isEmpty() && file == null) {
            return terminal.readText();
        }
        Thread notice = Thread.ofPlatform().daemon().name("kawi-notice").start(() -> {
            try {
                Thread.sleep(PATIENCE);
                terminal.err()
                        .println("kawi: waiting for the end of standard input, which becomes part of the prompt; "
                                + "\"< /dev/null\" provides an empty one");
            } catch (InterruptedException e) {
                // The input has been read.
            }
        });
        try {
            return terminal.readText();
        } catch (IOException e) {
            return ""; // there is none, for example because it was closed by the caller
        } finally {
            notice.interrupt();
        }
    }
}
