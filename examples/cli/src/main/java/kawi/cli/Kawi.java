package kawi.cli;

import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** The {@code kawi} command. */
@Command(
        name = "kawi",
        description = "Runs Qwen3.5 language models.",
        mixinStandardHelpOptions = true,
        versionProvider = Kawi.Version.class)
public final class Kawi implements Callable<Integer> {

    @Parameters(paramLabel = "PROMPT", description = "What to say to the model.")
    private List<String> prompt = List.of();

    private Kawi() {}

    public static void main(String[] args) {
        System.exit(new CommandLine(new Kawi()).execute(args));
    }

    @Override
    public Integer call() {
        System.out.println(String.join(" ", prompt));
        return 0;
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
