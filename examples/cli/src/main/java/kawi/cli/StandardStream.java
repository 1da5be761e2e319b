package kawi.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** The standard streams of a process. */
enum StandardStream {
    IN(0),
    OUT(1),
    ERR(2);

    private static final Path DESCRIPTORS = Path.of("/proc/self/fd");
    private static final List<String> DEVICES = List.of("/dev/pts/", "/dev/tty", "/dev/console");

    /** Exits with one bit for each of the three descriptors that is a terminal. */
    private static final String TEST = "r=0; [ -t 0 ] && r=1; [ -t 1 ] && r=$((r+2)); [ -t 2 ] && r=$((r+4)); exit $r";

    private final int descriptor;

    StandardStream(int descriptor) {
        this.descriptor = descriptor;
    }

    /** Returns the streams of this process that are terminals. */
    @SuppressWarnings("SystemConsoleNull") // null if there is no terminal
    static Set<StandardStream> terminals() {
        EnumSet<StandardStream> terminals = EnumSet.noneOf(StandardStream.class);
        if (Files.isDirectory(DESCRIPTORS)) {
            for (StandardStream stream : values()) {
                if (DEVICES.stream().anyMatch(stream.target()::startsWith)) {
                    terminals.add(stream);
                }
            }
        } else if (Files.isExecutable(Path.of("/bin/sh"))) {
            int bits = status(new ProcessBuilder("/bin/sh", "-c", TEST));
            for (StandardStream stream : values()) {
                if ((bits >> stream.descriptor & 1) != 0) {
                    terminals.add(stream);
                }
            }
        } else if (System.console() != null && System.console().isTerminal()) {
            terminals.addAll(EnumSet.allOf(StandardStream.class));
        }
        return terminals;
    }

    private static int status(ProcessBuilder command) {
        try {
            return command.inheritIO().start().waitFor();
        } catch (IOException e) {
            return 0;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return 0;
        }
    }

    /** Returns what Linux says that the stream is connected to, such as {@code pipe:[123]}; empty elsewhere. */
    String target() {
        try {
            return Files.readSymbolicLink(DESCRIPTORS.resolve(String.valueOf(descriptor)))
                    .toString();
        } catch (IOException | UnsupportedOperationException e) {
            return "";
        }
    }
}
