package kawi.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;

/**
 * Arguments as they were typed. Where the locale is plain ASCII, as in most containers, the JVM turns every byte of
 * UTF-8 among the arguments into U+FFFD before {@code main} sees it. Linux still knows what they were.
 */
final class NativeArguments {

    private static final Path COMMAND_LINE = Path.of("/proc/self/cmdline");

    private NativeArguments() {}

    /** {@code args}, repaired where that is necessary and possible. */
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

    /** The last arguments of a command line, each of which ends with a zero byte. */
    static String[] last(String[] args, byte[] commandLine) {
        String[] all = new String(commandLine, StandardCharsets.UTF_8).split("\0", -1);
        int end = all.length - 1; // what comes after the last zero byte is nothing
        return end < args.length ? args : Arrays.copyOfRange(all, end - args.length, end);
    }
}
