package kawi.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** Removes downloaded models. */
@Command(name = "remove", aliases = "rm", description = "Removes models from the cache.", footer = {"", "Examples:", "  kawi remove x"})
final class RemoveCommand implements Callable<Integer> {
    RemoveCommand(Terminal terminal) {}

    @Override
    public Integer call() {
        return 0;
    }
}
