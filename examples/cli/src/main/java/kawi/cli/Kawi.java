package kawi.cli;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
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
            "kawi COMMAND --help explains a command.",
            "",
            "Examples:",
            "  kawi \"Tell me a story about a fox who lost a kite.\"",
            "  kawi -m Qwen3.5-0.8B-Q4_K_M.gguf --temperature 0 \"Why is the sky blue?\"",
            "  kawi chat -m hf:Qwen/Qwen3.5-0.8B",
            "  kawi inspect Qwen3.5-0.8B-Q4_K_M.gguf"
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:Success.",
            "1:Failure; the reason is on standard error.",
            "2:Invalid usage.",
            "130:Interrupted with Ctrl-C."
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

    /** All commands by name, in the order of the help. */
    private static final Map<String, Function<Terminal, Object>> COMMANDS = new LinkedHashMap<>();

    static {
        COMMANDS.put("run", RunCommand::new);
        COMMANDS.put("chat", ChatCommand::new);
        COMMANDS.put("score", ScoreCommand::new);
        COMMANDS.put("tokenize", TokenizeCommand::new);
        COMMANDS.put("inspect", InspectCommand::new);
        COMMANDS.put("pull", PullCommand::new);
        COMMANDS.put("list", ListCommand::new);
        COMMANDS.put("bench", BenchCommand::new);
        COMMANDS.put("doctor", DoctorCommand::new);
        COMMANDS.put("make-random", MakeRandomCommand::new);
        COMMANDS.put("completion", CompletionCommand::new);
    }

    @Option(names = "--stacktrace", scope = ScopeType.INHERIT, description = "Print the stack trace of a failure.")
    private boolean stacktrace;

    private final Terminal terminal;

    private Kawi(Terminal terminal) {
        this.terminal = terminal;
    }

    public static void main(String[] args) {
        Locale.setDefault(Locale.Category.FORMAT, Locale.ROOT); // the same number format everywhere
        System.exit(execute(Terminal.ofProcess(), NativeArguments.recover(args)));
    }

    /** Executes a command and returns the exit code. */
    static int execute(Terminal terminal, String... args) {
        Kawi kawi = new Kawi(terminal);
        String[] all = withCommand(args);
        try {
            return kawi.commandLine(all[0]).execute(all);
        } catch (OutOfMemoryError e) {
            terminal.err().println("kawi: out of memory: " + e.getMessage());
            return FAILURE;
        } finally {
            terminal.out().flush();
            terminal.err().flush();
        }
    }

    /** Returns the program with all commands. */
    static CommandLine allCommands(Terminal terminal) {
        return new Kawi(terminal).commandLine("");
    }

    /** @param wanted the only command to set up; all if there is no such command. Each takes milliseconds. */
    private CommandLine commandLine(String wanted) {
        CommandLine line = new CommandLine(this);
        COMMANDS.forEach((name, command) -> {
            if (name.equals(wanted) || !COMMANDS.containsKey(wanted)) {
                line.addSubcommand(command.apply(terminal));
            }
        });
        for (CommandLine command : line.getSubcommands().values()) {
            command.getCommandSpec().mixinStandardHelpOptions(true).versionProvider(new Version());
        }
        // A prompt may begin with "@".
        line.setExpandAtFiles(false);
        line.setUsageHelpWidth(100);
        line.setOut(terminal.out());
        line.setErr(terminal.err());
        line.setParameterExceptionHandler(this::misused);
        line.setExecutionExceptionHandler(this::failed);
        return line;
    }

    private static String[] withCommand(String[] args) {
        if (args.length > 0
                && (COMMANDS.containsKey(args[0])
                        || List.of("-h", "--help", "-V", "--version").contains(args[0]))) {
            return args;
        }
        List<String> all = new ArrayList<>(Arrays.asList(args));
        all.addFirst("run");
        return all.toArray(String[]::new);
    }

    private int misused(ParameterException e, String[] args) {
        CommandLine line = e.getCommandLine();
        complain(line, String.valueOf(e.getMessage()));
        UnmatchedArgumentException.printSuggestions(e, terminal.err());
        terminal.err().println(line.getCommandSpec().qualifiedName() + " --help lists the options");
        return INVALID_USAGE;
    }

    private int failed(Exception e, CommandLine line, ParseResult arguments) {
        terminal.status("");
        terminal.out().flush();
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
