package kawi.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.UnmatchedArgumentException;

/** The {@code kawi} command. Arguments that do not begin with a command are treated as arguments of {@code run}. */
@Command(
        name = "kawi",
        description = "Runs Qwen3.5 language models.",
        customSynopsis = {"kawi [OPTIONS] PROMPT...", "kawi COMMAND [OPTIONS] ..."},
        commandListHeading = "%nCommands:%n",
        footer = {
            "",
            "Without a command, kawi answers the prompt as \"run\" does. Without -m, the demo model is used.",
            "kawi help COMMAND explains a command.",
            "",
            "Examples:",
            "  kawi \"Tell me a story about a fox who lost a kite.\"",
            "  kawi -m Qwen3.5-0.8B-Q4_K_M.gguf --temperature 0 \"Why is the sky blue?\"",
            "  kawi chat -m hf:Qwen/Qwen3.5-0.8B",
            "  kawi inspect Qwen3.5-0.8B-Q4_K_M.gguf",
            "  git diff | kawi -m hf:Qwen/Qwen3.5-0.8B \"Summarise this change.\""
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:Success.",
            "1:Failure; the reason is on standard error.",
            "2:Invalid usage: the command line itself is wrong, whatever the files contain.",
            "130:Interrupted with Ctrl-C.",
            "141:The reader of the output has closed the pipe."
        },
        mixinStandardHelpOptions = true,
        versionProvider = Kawi.Version.class)
public final class Kawi {

    /** Success. */
    static final int SUCCESS = 0;
    /** Failure; the reason is on standard error. */
    static final int FAILURE = 1;
    /** Invalid usage. */
    static final int INVALID_USAGE = 2;
    /** Interrupted by the user: 128 plus the number of the signal, as in shells. */
    static final int INTERRUPTED = 130;
    /** The reader of the output has closed the pipe: 128 plus the number of the signal, as in shells. */
    static final int CLOSED_PIPE = 141;

    /** All commands by name, in the order of the help. */
    private static final Map<String, Function<Terminal, Object>> COMMANDS = new LinkedHashMap<>();

    static {
        COMMANDS.put("run", terminal -> new RunCommand(terminal, false));
        COMMANDS.put("chat", ChatCommand::new);
        COMMANDS.put("serve", ServeCommand::new);
        COMMANDS.put("score", ScoreCommand::new);
        COMMANDS.put("perplexity", PerplexityCommand::new);
        COMMANDS.put("tokenize", TokenizeCommand::new);
        COMMANDS.put("inspect", InspectCommand::new);
        COMMANDS.put("pull", PullCommand::new);
        COMMANDS.put("list", ListCommand::new);
        COMMANDS.put("remove", RemoveCommand::new);
        COMMANDS.put("quantize", QuantizeCommand::new);
        COMMANDS.put("imatrix", ImatrixCommand::new);
        COMMANDS.put("bench", BenchCommand::new);
        COMMANDS.put("density", DensityCommand::new);
        COMMANDS.put("load", LoadCommand::new);
        COMMANDS.put("doctor", DoctorCommand::new);
        COMMANDS.put("make-random", MakeRandomCommand::new);
        COMMANDS.put("completion", CompletionCommand::new);
        COMMANDS.put("help", HelpCommand::new);
    }

    /** Other names of commands, which people know from other tools. */
    private static final Map<String, String> ALIASES = Map.of("show", "inspect", "rm", "remove", "ls", "list");

    private static final String PROXY_CREDENTIALS = "jdk.http.auth.tunneling.disabledSchemes";

    private static final int HELP_COLUMNS = 100;
    /** The least that picocli accepts. */
    private static final int MIN_HELP_COLUMNS = 55;

    @Option(names = "--stacktrace", scope = ScopeType.INHERIT, description = "Print the stack trace of a failure.")
    private boolean stacktrace;

    private final Terminal terminal;

    private Kawi(Terminal terminal) {
        this.terminal = terminal;
    }

    public static void main(String[] args) {
        Locale.setDefault(Locale.Category.FORMAT, Locale.ROOT); // the same number format everywhere
        // By default, the JDK sends no passwords to proxies of https addresses, although users have put them into
        // https_proxy for that purpose.
        if (System.getProperty(PROXY_CREDENTIALS) == null) {
            System.setProperty(PROXY_CREDENTIALS, "");
        }
        System.exit(execute(Terminal.ofProcess(), NativeArguments.recover(args)));
    }

    /** Executes a command and returns the exit code. */
    static int execute(Terminal terminal, String... args) {
        Kawi kawi = new Kawi(terminal);
        String[] all = withCommand(args);
        boolean implied = all.length > args.length;
        CommandLine line = kawi.commandLine(all[0], implied);
        try {
            Optional<String> mistake = implied && args.length > 0
                    ? CommandNames.mistake(names(), args[0], List.of(args).subList(1, args.length))
                    : Optional.empty();
            if (mistake.isPresent()) {
                kawi.complain(line, mistake.get());
                return INVALID_USAGE;
            }
            return kawi.written(line, all[0], line.execute(all));
        } catch (OutOfMemoryError e) {
            terminal.err().println("kawi: out of memory: " + e.getMessage());
            return FAILURE;
        } finally {
            terminal.out().flush();
            terminal.err().flush();
        }
    }

    /**
     * Returns the exit code of a command after its output has been written. What a command prints is worthless if it
     * was not; a closed pipe, however, only means that its reader has read enough.
     */
    private int written(CommandLine line, String command, int code) {
        Optional<IOException> failure = terminal.outputFailure();
        if (failure.isEmpty()) {
            return code;
        }
        String reason = String.valueOf(failure.get().getMessage());
        String target = terminal.isProcess() ? StandardStream.OUT.target() : "";
        if (reason.toLowerCase(Locale.ROOT).contains("broken pipe")
                || reason.contains("pipe is being closed")
                || target.startsWith("pipe:")
                || target.startsWith("socket:")) {
            return CLOSED_PIPE;
        }
        CommandLine named = line.getSubcommands().getOrDefault(command, line);
        complain(named, "standard output cannot be written: " + reason);
        return FAILURE;
    }

    /** Returns the names of all commands. */
    static Set<String> names() {
        return COMMANDS.keySet();
    }

    /** The names of all commands, for completion. */
    static final class Names implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return names().iterator();
        }
    }

    /** Returns the program with all commands. */
    static CommandLine allCommands(Terminal terminal) {
        return new Kawi(terminal).commandLine("", false);
    }

    /**
     * @param wanted the only command to set up; all if there is no such command. Each takes milliseconds.
     * @param implied whether the command is {@code run} because there is no other
     */
    private CommandLine commandLine(String wanted, boolean implied) {
        CommandLine line = new CommandLine(this);
        String only = ALIASES.getOrDefault(wanted, wanted);
        COMMANDS.forEach((name, command) -> {
            if (name.equals(only) || !COMMANDS.containsKey(only)) {
                line.addSubcommand(implied ? new RunCommand(terminal, true) : command.apply(terminal));
            }
        });
        for (CommandLine command : line.getSubcommands().values()) {
            command.getCommandSpec().mixinStandardHelpOptions(true).versionProvider(new Version());
        }
        // A prompt may begin with "@".
        line.setExpandAtFiles(false);
        // An option on the command line overrides the same option of an alias in the shell.
        line.setOverwrittenOptionsAllowed(true);
        boolean narrow = terminal.isTerminal(StandardStream.OUT) && terminal.columns() < HELP_COLUMNS;
        line.setUsageHelpWidth(narrow ? Math.max(MIN_HELP_COLUMNS, terminal.columns() - 1) : HELP_COLUMNS);
        line.setOut(terminal.prose());
        line.setErr(terminal.err());
        line.setParameterExceptionHandler(this::misused);
        line.setExecutionExceptionHandler(this::failed);
        return line;
    }

    private static String[] withCommand(String[] args) {
        if (args.length > 0
                && (COMMANDS.containsKey(args[0])
                        || ALIASES.containsKey(args[0])
                        || List.of("-h", "--help", "-V", "--version").contains(args[0]))) {
            return args;
        }
        List<String> all = new ArrayList<>(Arrays.asList(args));
        all.addFirst("run");
        return all.toArray(String[]::new);
    }

    private int misused(ParameterException e, String[] args) {
        CommandLine line = e.getCommandLine();
        complain(line, Failure.usage(String.valueOf(e.getMessage())));
        if (!UnmatchedArgumentException.printSuggestions(e, terminal.err())
                && e instanceof UnmatchedArgumentException unmatched
                && unmatched.getUnmatched().stream().noneMatch(argument -> argument.startsWith("-"))) {
            terminal.err()
                    .printf("a prompt that begins with the name of a command needs quotation marks, or \"kawi run\"%n");
        }
        terminal.err().println(line.getCommandSpec().qualifiedName() + " --help lists the options");
        return INVALID_USAGE;
    }

    private int failed(Exception e, CommandLine line, ParseResult arguments) {
        terminal.status("");
        terminal.out().flush();
        terminal.prose().flush();
        complain(line, Failure.sentence(e));
        if (stacktrace) {
            e.printStackTrace(terminal.err());
        }
        if (e instanceof UsageException) {
            terminal.err().println(line.getCommandSpec().qualifiedName() + " --help lists the options");
            return INVALID_USAGE;
        }
        return FAILURE;
    }

    private void complain(CommandLine line, String sentence) {
        terminal.err().println(line.getCommandSpec().qualifiedName() + ": " + sentence);
    }

    /** The version of the jar that contains this class. */
    static final class Version implements CommandLine.IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = Kawi.class.getPackage().getImplementationVersion();
            return new String[] {"kawi " + (version == null ? "(built from source)" : version)};
        }
    }
}
