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
 */
record Terminal(
        InputStream in, PrintWriter out, PrintWriter err, boolean interactive, Map<String, String> environment) {

    private static final String ERASE_LINE = "\r\033[K";

    /** A terminal in this process's environment. */
    Terminal(InputStream in, PrintWriter out, PrintWriter err, boolean interactive) {
        this(in, out, err, interactive, System.getenv());
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

    /** Replaces the line that says what is going on, or erases it when {@code line} is empty; only a person sees it, on a terminal that can. */
    void status(String line) {
        if (interactive && !"dumb".equals(environment.get("TERM"))) {
            err.print(ERASE_LINE + line);
            err.flush();
        }
    }
}
