package kawi.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntSupplier;

/**
 * The input and output of a command. All text is UTF-8 regardless of the locale, because output may be in any language
 * and the output of one command may be the input of another.
 *
 * <p>There are three writers: {@link #out} for results, which are printed exactly as they are; {@link #prose} for text
 * for people on standard output, such as answers and help; and {@link #err} for statistics and error messages. If they
 * write to a terminal, {@code prose} and {@code err} break lines between words.
 */
final class Terminal {

    static final int DEFAULT_COLUMNS = 80;
    private static final String DIM = "\033[2m";
    private static final String PLAIN = "\033[0m";

    private final InputStream in;
    private final PrintWriter out;
    private final PrintWriter prose;
    private final PrintWriter err;
    private final ResultStream result;
    private final Set<StandardStream> terminals;
    private final Map<String, String> environment;
    private final IntSupplier columns;
    private final StatusLine status;
    private boolean process;

    /**
     * Creates a terminal.
     *
     * @param terminals the streams that are terminals rather than files or pipes
     * @param columns returns the current width
     */
    Terminal(
            InputStream in,
            OutputStream out,
            OutputStream err,
            Set<StandardStream> terminals,
            Map<String, String> environment,
            IntSupplier columns) {
        this.in = in;
        this.result = new ResultStream(out);
        this.out = utf8(result);
        this.terminals = Set.copyOf(terminals);
        this.environment = environment;
        this.columns = columns;
        PrintWriter plainErr = utf8(err);
        this.prose = movesCursor(StandardStream.OUT) ? wrapping(this.out, columns) : this.out;
        this.err = movesCursor(StandardStream.ERR) ? wrapping(plainErr, columns) : plainErr;
        this.status = new StatusLine(this.err);
    }

    /** Creates a terminal whose streams are all terminals, or none, and whose width is that in COLUMNS. */
    Terminal(InputStream in, OutputStream out, OutputStream err, boolean interactive, Map<String, String> environment) {
        this(
                in,
                out,
                err,
                interactive ? Set.of(StandardStream.values()) : Set.of(),
                environment,
                () -> TerminalWidth.of(environment).orElse(DEFAULT_COLUMNS));
    }

    /** Returns the terminal of this process. */
    static Terminal ofProcess() {
        Set<StandardStream> terminals = StandardStream.terminals();
        Terminal terminal = new Terminal(
                System.in,
                new FileOutputStream(FileDescriptor.out),
                new FileOutputStream(FileDescriptor.err),
                terminals,
                System.getenv(),
                new TerminalWidth(System.getenv(), terminals));
        terminal.process = true;
        return terminal;
    }

    private static PrintWriter utf8(OutputStream stream) {
        return new PrintWriter(new OutputStreamWriter(stream, StandardCharsets.UTF_8), true);
    }

    private static PrintWriter wrapping(PrintWriter writer, IntSupplier columns) {
        return new PrintWriter(new WrappingWriter(writer, columns), true);
    }

    InputStream in() {
        return in;
    }

    /** Standard output, for the result and nothing else. */
    PrintWriter out() {
        return out;
    }

    /** Standard output, for text that people read. */
    PrintWriter prose() {
        return prose;
    }

    /** Standard error, for statistics, progress and error messages. */
    PrintWriter err() {
        return err;
    }

    /** Returns whether the streams are those of this process. */
    boolean isProcess() {
        return process;
    }

    Map<String, String> environment() {
        return environment;
    }

    /** Returns the current width. */
    int columns() {
        return columns.getAsInt();
    }

    boolean isTerminal(StandardStream stream) {
        return terminals.contains(stream);
    }

    /** Returns whether a conversation is possible: input and output are a terminal. */
    boolean interactive() {
        return isTerminal(StandardStream.IN) && isTerminal(StandardStream.OUT);
    }

    /** Returns the failure to write to standard output, if there was one. */
    Optional<IOException> outputFailure() {
        out.flush();
        return result.failure();
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
        return isStyled(StandardStream.OUT);
    }

    private boolean isStyled(StandardStream stream) {
        return movesCursor(stream) && environment.getOrDefault("NO_COLOR", "").isEmpty();
    }

    private boolean movesCursor(StandardStream stream) {
        return isTerminal(stream) && !environment.getOrDefault("TERM", "").startsWith("dumb");
    }

    /** Returns the text, dimmed if styles are supported. */
    String dimmed(String text) {
        return styled() && !text.isEmpty() ? DIM + text + PLAIN : text;
    }

    /** Returns untrusted text in a form that is safe to print: control characters are replaced on a terminal. */
    String shown(String text) {
        return isTerminal(StandardStream.OUT) ? Texts.printable(text) : text;
    }

    /** Returns whether {@link #status} shows anything. */
    boolean showsStatus() {
        return movesCursor(StandardStream.ERR);
    }

    /** Replaces the status line if standard error is a terminal, or erases it if {@code line} is empty. */
    void status(String line) {
        if (showsStatus()) {
            status.show(Columns.clipped(Texts.printable(line), columns() - 1)); // a full line would wrap
        }
    }
}
