package kawi.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;

/**
 * Recovers arguments in UTF-8. If the locale is ASCII, as in most containers, the JVM replaces every byte that is not
 * ASCII by U+FFFD before it calls {@code main}. On Linux, the original bytes are still available.
 */
final class NativeArguments {

    private static final Path COMMAND_LINE = Path.of("/proc/self/cmdline");

    private NativeArguments() {}

    /** Returns {@code args}, repaired if that is necessary and possible. */
    static String[] recover(String[] args) {
        boolean damaged = Stream.of(args).anyMatch(arg -> arg.indexOf('\uFFFD') >= 0);
        if (!damaged || "UTF-8".equals(System.getProperty("sun.jnu.encoding")) || !Files.isReadable(COMMAND_LINE)) {
            return args;
        }
        try {
            return last(args, Files.readAllBytes(COMMAND_LINE));
        } catch (IOException e) {
            return args;
        }
    }

    /** Returns the last arguments of a command line, in which each argument ends with a zero byte. */
    static String[] last(String[] args, byte[] commandLine) {
        String[] all = new String(commandLine, StandardCharsets.UTF_8).split("\0", -1);
        int end = all.length - 1; // the element after the last zero byte is empty
        return end < args.length ? args : Arrays.copyOfRange(all, end - args.length, end);
    }
}
