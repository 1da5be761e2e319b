package kawi.cli;

import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** What makes a shell complete commands and options. */
@Command(
        name = "completion",
        description = "Prints a script with which a shell completes commands and options.",
        footer = {
            "",
            "Examples:",
            "  source <(kawi completion bash)                                       this bash only",
            "  echo 'source <(kawi completion bash)' >> ~/.bashrc                   every bash",
            "  echo 'source <(kawi completion zsh)' >> ~/.zshrc                     every zsh, after compinit",
            "  kawi completion fish > ~/.config/fish/completions/kawi.fish          every fish"
        })
final class CompletionCommand implements Callable<Integer> {

    /** A shell that can be served. */
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
                            // The script for bash is one for zsh too: it has zsh imitate bash.
                            case bash, zsh -> AutoComplete.bash("kawi", kawi);
                            case fish -> FishCompletion.script(kawi);
                        });
        return Kawi.DONE;
    }
}
