package kawi.cli;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import kawi.Cancellation;
import kawi.Reply;
import kawi.Turn;
import org.jline.keymap.KeyMap;
import org.jline.reader.Binding;
import org.jline.reader.Candidate;
import org.jline.reader.EndOfFileException;
import org.jline.reader.LineReader;
import org.jline.reader.LineReaderBuilder;
import org.jline.reader.Reference;
import org.jline.reader.UserInterruptException;
import org.jline.terminal.Terminal.Signal;
import org.jline.terminal.Terminal.SignalHandler;
import org.jline.terminal.TerminalBuilder;
import org.jline.terminal.impl.DumbTerminal;
import org.jline.utils.InfoCmp;
import org.jline.utils.Signals;
import org.jspecify.annotations.Nullable;

/**
 * A conversation on a terminal, with line editing, history and streamed answers. No other class uses JLine's terminal.
 */
final class TerminalFront implements ChatFront, AutoCloseable {

    private static final String PROMPT = "> ";
    private static final String CONTINUED = ". ";

    /** Wrapping at the end of a row, and insertions and deletions, as terminfo writes them. */
    private static final Pattern HARMFUL =
            Pattern.compile("(?<!\\S)(am|mir|(dch1?|ich1?|smir|rmir)=(\\\\,|[^,])*),[ \\t]*");

    private final org.jline.terminal.Terminal jline;
    private final Terminal terminal;
    private final Map<String, String> environment;
    private @Nullable LineReader reader;
    private Optional<Path> history = Optional.empty();

    /** Uses a terminal until it is closed. */
    TerminalFront(org.jline.terminal.Terminal jline, Map<String, String> environment) {
        this.jline = jline;
        this.environment = new HashMap<>(environment);
        this.environment.put("TERM", jline.getType()); // the type that JLine has determined
        this.terminal = new Terminal(
                jline.input(),
                jline.output(),
                jline.output(),
                Set.of(StandardStream.values()),
                this.environment,
                () -> jline.getColumns() > 0 ? jline.getColumns() : Terminal.DEFAULT_COLUMNS);
    }

    /**
     * Restricts a type of terminal, before a terminal is created, to what is right with wide characters. At the end of
     * a row that is exactly full, JLine would print the second half of its last character again to make the terminal
     * wrap; and insertions and deletions in a row can cut a character in half.
     */
    static void restrict(String type) {
        try {
            String capabilities = InfoCmp.getInfoCmp(type);
            if (capabilities != null) {
                InfoCmp.setLoadedInfoCmp(type, HARMFUL.matcher(capabilities).replaceAll(""));
            }
        } catch (IOException e) {
            // JLine does not know the type either, and uses another one.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Opens the terminal of this process. */
    static TerminalFront open(Map<String, String> environment) {
        try {
            restrict(environment.getOrDefault("TERM", File.separatorChar == '/' ? "dumb" : "windows-vtp"));
            return new TerminalFront(
                    TerminalBuilder.builder()
                            .system(true)
                            .encoding(StandardCharsets.UTF_8)
                            .stdinEncoding(StandardCharsets.UTF_8)
                            .stdoutEncoding(StandardCharsets.UTF_8)
                            .graphemeCluster(false) // would query the terminal, which may not answer
                            .build(),
                    environment);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns the terminal for other output. */
    Terminal terminal() {
        return terminal;
    }

    /**
     * Prepares to read messages; until then, Ctrl-C ends the program.
     *
     * @param commands names to complete
     */
    void begin(Set<String> commands) {
        LineReaderBuilder builder = LineReaderBuilder.builder()
                .terminal(jline)
                .parser(new MessageParser())
                .completer((line, parsed, candidates) -> {
                    if (parsed.wordIndex() == 0 && parsed.line().startsWith("/")) {
                        commands.forEach(name -> candidates.add(new Candidate(name)));
                    }
                })
                .option(LineReader.Option.DISABLE_EVENT_EXPANSION, true)
                .variable(LineReader.SECONDARY_PROMPT_PATTERN, CONTINUED);
        history = HistoryFile.prepare(environment);
        history.ifPresent(file -> builder.variable(LineReader.HISTORY_FILE, file));
        reader = builder.build();
        bindUsualKeys(reader);
        jline.handle(Signal.INT, SignalHandler.SIG_IGN);
        if (jline instanceof DumbTerminal) {
            // It does not receive signals, but the user can press Ctrl-C all the same.
            Signals.register("INT", () -> jline.raise(Signal.INT));
        }
    }

    /** Binds the usual codes of keys, because not all terminals send those that were requested. */
    private static void bindUsualKeys(LineReader reader) {
        Map<String, String> keys = Map.of(
                "\033[A", LineReader.UP_LINE_OR_HISTORY,
                "\033[B", LineReader.DOWN_LINE_OR_HISTORY,
                "\033[C", LineReader.FORWARD_CHAR,
                "\033[D", LineReader.BACKWARD_CHAR,
                "\033[H", LineReader.BEGINNING_OF_LINE,
                "\033[F", LineReader.END_OF_LINE,
                "\033[3~", LineReader.DELETE_CHAR);
        KeyMap<Binding> map = Objects.requireNonNull(reader.getKeyMaps().get(LineReader.MAIN));
        keys.forEach((code, widget) -> map.bind(new Reference(widget), code));
    }

    @Override
    public @Nullable String read() {
        if (reader == null) {
            throw new IllegalStateException("begin() has not been called");
        }
        boolean warned = false;
        while (true) {
            try {
                return MessageParser.message(reader.readLine(PROMPT));
            } catch (EndOfFileException e) {
                return null;
            } catch (UserInterruptException e) {
                boolean empty = e.getPartialLine() == null || e.getPartialLine().isEmpty();
                if (empty && warned) {
                    return null;
                }
                warned = empty;
                if (empty) {
                    say("(press Ctrl-C again or Ctrl-D to leave)");
                }
            }
        }
    }

    @Override
    public Reply answer(Turn turn) {
        Cancellation cancellation = new Cancellation();
        SignalHandler before = jline.handle(Signal.INT, signal -> cancellation.cancel());
        boolean echo = jline.echo(false);
        try (AnswerView view = new AnswerView(terminal)) {
            return turn.cancelWith(cancellation).send(view);
        } finally {
            jline.echo(echo);
            jline.handle(Signal.INT, before);
        }
    }

    @Override
    public void say(String line) {
        terminal.prose().println(terminal.dimmed(terminal.shown(line)));
        terminal.prose().flush();
    }

    @Override
    public void close() {
        try {
            jline.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        history.ifPresent(HistoryFile::sync);
    }
}
