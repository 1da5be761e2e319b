package kawi.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Prints completion scripts for shells. */
@Command(
        name = "completion",
        description = "Prints a script for a shell to complete commands, options, their values, and files.",
        footer = {
            "",
            "The scripts complete kawi wherever it is, such as ./kawi. If kawi is not on the PATH, replace it by its path "
                    + "in the following lines.",
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
                            case bash -> BashCompletion.script(kawi);
                            case zsh -> ZshCompletion.script(kawi);
                            case fish -> FishCompletion.script(kawi);
                        });
        return Kawi.SUCCESS;
    }
}
