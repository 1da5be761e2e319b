package kawi.cli;

import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Parameters;

/** Prints completion scripts for shells. */
@Command(
        name = "completion",
        description = "Prints a script for a shell to complete commands and options.",
        footer = {
            "",
            "Examples:",
            "  source <(kawi completion bash)                                       this shell only",
            "  echo 'source <(kawi completion bash)' >> ~/.bashrc                   every new bash",
            "  echo 'source <(kawi completion zsh)' >> ~/.zshrc                     every new zsh, after compinit",
            "  kawi completion fish > ~/.config/fish/completions/kawi.fish          every new fish"
        })
final class CompletionCommand implements Callable<Integer> {

    /** The supported shells. */
    private enum Shell {
        bash,
        zsh,
        fish
    }

    @Parameters(paramLabel = "SHELL", description = "One of ${COMPLETION-CANDIDATES}.")
    private Shell shell = Shell.bash;

    private final Terminal terminal;

    CompletionCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        CommandLine kawi = Kawi.allCommands(terminal);
        terminal.out()
                .print(
                        switch (shell) {
                            // The script for bash also works in zsh, where it enables bash completion.
                            case bash, zsh -> bash(kawi);
                            case fish -> FishCompletion.script(kawi);
                        });
        return Kawi.SUCCESS;
    }

    /** Returns the script that picocli generates, with the negated names that it omits. */
    private static String bash(CommandLine kawi) {
        Map<String, String> negated = new TreeMap<>();
        for (CommandLine command : kawi.getSubcommands().values()) {
            for (OptionSpec option : command.getCommandSpec().options()) {
                negated(option).ifPresent(name -> negated.put(option.longestName(), name));
            }
        }
        String script = AutoComplete.bash("kawi", kawi);
        for (Map.Entry<String, String> option : negated.entrySet()) {
            String quoted = "'%s'".formatted(option.getKey());
            script = script.replace(quoted, "%s '%s'".formatted(quoted, option.getValue()));
        }
        return script;
    }

    /** Returns the name that negates an option, if there is one. */
    static Optional<String> negated(OptionSpec option) {
        return option.negatable() ? Optional.of(option.longestName().replaceFirst("^--", "--no-")) : Optional.empty();
    }
}
