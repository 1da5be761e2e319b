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
 * Where a command reads and writes. All text is UTF-8, whatever the locale: what comes out may be any language, and the
 * output of one command may be the input of another.
 *
 * @param in standard input
 * @param out the result, and nothing else
 * @param err statistics, progress, complaints
 * @param interactive whether a person sits at both ends, rather than files or other programs
 * @param environment environment variables
 * @param columns how wide it is, as far as is known
 */
record Terminal(
        InputStream in,
        PrintWriter out,
        PrintWriter err,
        boolean interactive,
        Map<String, String> environment,
        int columns) {

    static final int USUAL_COLUMNS = 80;
    private static final String ERASE_LINE = "\r\033[K";
    private static final String DIM = "\033[2m";
    private static final String PLAIN = "\033[0m";

    /** A terminal of the width that the environment says. */
    Terminal(InputStream in, PrintWriter out, PrintWriter err, boolean interactive, Map<String, String> environment) {
        this(in, out, err, interactive, environment, columns(environment.getOrDefault("COLUMNS", "")));
    }

    /** A terminal in this process's environment. */
    Terminal(InputStream in, PrintWriter out, PrintWriter err, boolean interactive) {
        this(in, out, err, interactive, System.getenv());
    }

    private static int columns(String variable) {
        return variable.matches("[1-9]\\d{1,3}") ? Integer.parseInt(variable) : USUAL_COLUMNS;
    }

    /** The terminal of this process. */
    @SuppressWarnings("SystemConsoleNull") // as of JDK 25 it is null again where there is no terminal
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
     * @throws IllegalArgumentException if it is not; the message names {@code source} and the first wrong byte
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

    /** Whether text can be more than plain: a person sees it, on a terminal that knows colours, and has nothing against them. */
    boolean styled() {
        return movesCursor() && environment.getOrDefault("NO_COLOR", "").isEmpty();
    }

    private boolean movesCursor() {
        return interactive && !environment.getOrDefault("TERM", "").startsWith("dumb");
    }

    /** The text, less conspicuous where that can be shown. */
    String dimmed(String text) {
        return styled() && !text.isEmpty() ? DIM + text + PLAIN : text;
    }

    /** Text of unknown origin as it can be shown: a person's terminal is not to obey it. */
    String shown(String text) {
        return interactive ? Texts.printable(text) : text;
    }

    /** Replaces the line that says what is going on, or erases it when {@code line} is empty; only a person sees it. */
    void status(String line) {
        if (movesCursor()) {
            err.print(ERASE_LINE + line);
            err.flush();
        }
    }
}
