package kawi.cli;

import java.io.Console;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * The input and output of a command. All text is UTF-8 regardless of the locale, because output may be in any language
 * and the output of one command may be the input of another.
 *
 * @param in standard input
 * @param out only the result
 * @param err statistics, progress and error messages
 * @param interactive whether input and output are a terminal rather than files or pipes
 * @param environment environment variables
 * @param columns the width; {@value #DEFAULT_COLUMNS} if unknown
 */
record Terminal(
        InputStream in,
        PrintWriter out,
        PrintWriter err,
        boolean interactive,
        Map<String, String> environment,
        int columns) {

    static final int DEFAULT_COLUMNS = 80;
    private static final String ERASE_LINE = "\r\033[K";
    private static final String DIM = "\033[2m";
    private static final String PLAIN = "\033[0m";

    /** Creates a terminal with the width in the environment variable COLUMNS. */
    Terminal(InputStream in, PrintWriter out, PrintWriter err, boolean interactive, Map<String, String> environment) {
        this(in, out, err, interactive, environment, columns(environment.getOrDefault("COLUMNS", "")));
    }

    /** Creates a terminal with the environment of this process. */
    Terminal(InputStream in, PrintWriter out, PrintWriter err, boolean interactive) {
        this(in, out, err, interactive, System.getenv());
    }

    private static int columns(String variable) {
        return variable.matches("[1-9]\\d{1,3}") ? Integer.parseInt(variable) : DEFAULT_COLUMNS;
    }

    /** Returns the terminal of this process. */
    @SuppressWarnings("SystemConsoleNull") // since JDK 25, null if there is no terminal
    static Terminal ofProcess() {
        Console console = System.console();
        return new Terminal(
                System.in, utf8(FileDescriptor.out), utf8(FileDescriptor.err), console != null && console.isTerminal());
    }

    private static PrintWriter utf8(FileDescriptor file) {
        return new PrintWriter(new OutputStreamWriter(new FileOutputStream(file), StandardCharsets.UTF_8), true);
    }

    /** Reads standard input to its end. */
    String readText() throws IOException {
        return decode(in.readAllBytes(), "standard input");
    }

    /**
     * Decodes UTF-8.
     *
     * @throws IllegalArgumentException if it is not UTF-8; the message names {@code source} and the first invalid byte
     */
    static String decode(byte[] bytes, String source) {
        CharsetDecoder decoder = StandardCharsets.UTF_8
                .newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT);
        ByteBuffer input = ByteBuffer.wrap(bytes);
        try {
            return decoder.decode(input).toString();
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException(
                    "%s is not UTF-8 text: byte %d is 0x%02x"
                            .formatted(source, input.position(), bytes[input.position()]),
                    e);
        }
    }

    /** Returns whether output may have styles: it goes to a terminal that supports them, and NO_COLOR is not set. */
    boolean styled() {
        return movesCursor() && environment.getOrDefault("NO_COLOR", "").isEmpty();
    }

    private boolean movesCursor() {
        return interactive && !environment.getOrDefault("TERM", "").startsWith("dumb");
    }

    /** Returns the text, dimmed if styles are supported. */
    String dimmed(String text) {
        return styled() && !text.isEmpty() ? DIM + text + PLAIN : text;
    }

    /** Returns untrusted text in a form that is safe to print: control characters are replaced on a terminal. */
    String shown(String text) {
        return interactive ? Texts.printable(text) : text;
    }

    /** Replaces the status line on a terminal, or erases it if {@code line} is empty. */
    void status(String line) {
        if (movesCursor()) {
            err.print(ERASE_LINE + line);
            err.flush();
        }
    }
}
