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

/** The {@code kawi} command. Arguments that begin with no command are a prompt, as if {@code run} came first. */
@Command(
        name = "kawi",
        description = "Runs Qwen3.5 language models.",
        customSynopsis = {"kawi [OPTIONS] PROMPT...", "kawi COMMAND [OPTIONS] ..."},
        commandListHeading = "%nCommands:%n",
        footer = {
            "",
            "Without a command, run answers the prompt; without a model, the demo model runs.",
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
            "0:It is done.",
            "1:Something failed; a sentence on standard error says what.",
            "2:The arguments make no sense.",
            "130:The user ended it with Ctrl-C."
        },
        mixinStandardHelpOptions = true,
        versionProvider = Kawi.Version.class)
public final class Kawi {

    /** The command did what it was asked for. */
    static final int SUCCESS = 0;
    /** Something failed; a sentence on standard error says what. */
    static final int FAILURE = 1;
    /** The arguments make no sense. */
    static final int INVALID_USAGE = 2;
    /** The user ended it: 128 and the number of the signal, as shells have it. */
    static final int INTERRUPTED = 130;

    /** All commands by their names, in the order in which help lists them. */
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

    @Option(
            names = "--stacktrace",
            scope = ScopeType.INHERIT,
            description = "Show where in the program a failure happened.")
    private boolean stacktrace;

    private final Terminal terminal;

    private Kawi(Terminal terminal) {
        this.terminal = terminal;
    }

    public static void main(String[] args) {
        Locale.setDefault(Locale.Category.FORMAT, Locale.ROOT); // numbers look the same everywhere
        System.exit(execute(Terminal.ofProcess(), NativeArguments.recover(args)));
    }

    /** Does what the arguments say and returns the exit code. */
    static int execute(Terminal terminal, String... args) {
        Kawi kawi = new Kawi(terminal);
        String[] all = withCommand(args);
        try {
            return kawi.commandLine(all[0]).execute(all);
        } catch (OutOfMemoryError e) {
            terminal.err().println("kawi: the memory does not suffice: " + e.getMessage());
            return FAILURE;
        } finally {
            terminal.out().flush();
            terminal.err().flush();
        }
    }

    /** The program with all its commands. */
    static CommandLine allCommands(Terminal terminal) {
        return new Kawi(terminal).commandLine("");
    }

    /** @param wanted the command to prepare for, or anything else to prepare for all: each takes milliseconds */
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
        // A prompt may well begin with "@".
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
        terminal.err().println(line.getCommandSpec().qualifiedName() + " --help explains the options");
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
            terminal.err().println(line.getCommandSpec().qualifiedName() + " --help explains the options");
            return INVALID_USAGE;
        }
        return FAILURE;
    }

    private void complain(CommandLine line, String sentence) {
        terminal.err().println(line.getCommandSpec().qualifiedName() + ": " + sentence);
    }

    /** The version of the jar that this class was loaded from. */
    static final class Version implements CommandLine.IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = Kawi.class.getPackage().getImplementationVersion();
            return new String[] {"kawi " + (version == null ? "(built from source)" : version)};
        }
    }
}
