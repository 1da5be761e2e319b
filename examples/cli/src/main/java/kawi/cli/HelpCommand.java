package kawi.cli;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Explains a command. */
@Command(
        name = "help",
        description = "Explains a command, as COMMAND --help does.",
        footer = {"", "Examples:", "  kawi help", "  kawi help chat"})
final class HelpCommand implements Callable<Integer> {

    @Parameters(
            paramLabel = "COMMAND",
            arity = "0..1",
            completionCandidates = Kawi.Names.class,
            description = "The command. Default: an overview of all commands.")
    private @Nullable String command;

    private final Terminal terminal;

    HelpCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        CommandLine kawi = Kawi.allCommands(terminal);
        CommandLine explained = command == null ? kawi : kawi.getSubcommands().get(command);
        if (explained == null) {
            Optional<String> nearest = CommandNames.nearest(List.copyOf(Kawi.names()), String.valueOf(command));
            throw new UsageException("there is no command %s; %s"
                    .formatted(
                            command,
                            nearest.map("did you mean \"kawi help %s\"?"::formatted)
                                    .orElse("the commands are " + String.join(", ", Kawi.names()))));
        }
        explained.usage(terminal.prose());
        return Kawi.SUCCESS;
    }
}
