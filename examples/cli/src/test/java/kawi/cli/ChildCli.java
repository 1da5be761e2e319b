package kawi.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The command in a process of its own, for what depends on real file descriptors, clocks and signals. */
final class ChildCli {

    private ChildCli() {}

    /** Returns a process that is not started yet. */
    static ProcessBuilder builder(Object... args) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                Kawi.class.getName()));
        for (Object arg : args) {
            command.add(arg.toString());
        }
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().remove("COLUMNS");
        return builder;
    }

    /** Starts a process with an empty standard input. */
    static Process start(Object... args) throws IOException {
        Process process = builder(args).start();
        process.getOutputStream().close();
        return process;
    }
}
