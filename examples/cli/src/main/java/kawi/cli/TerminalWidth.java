package kawi.cli;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.IntSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The width of the terminal of this process: that in the environment variable COLUMNS, which the launcher sets, or what
 * {@code stty} reports. It is determined when it is first needed.
 */
final class TerminalWidth implements IntSupplier {

    private static final Pattern SIZE = Pattern.compile("\\d{1,4} ([1-9]\\d{1,3})\\s*");

    private final Map<String, String> environment;
    private final Set<StandardStream> terminals;
    private int columns;

    TerminalWidth(Map<String, String> environment, Set<StandardStream> terminals) {
        this.environment = environment;
        this.terminals = terminals;
    }

    /** Returns the width in COLUMNS, if it is a sensible number. */
    static OptionalInt of(Map<String, String> environment) {
        String variable = environment.getOrDefault("COLUMNS", "");
        return variable.matches("[1-9]\\d{1,3}") ? OptionalInt.of(Integer.parseInt(variable)) : OptionalInt.empty();
    }

    @Override
    public synchronized int getAsInt() {
        if (columns == 0) {
            columns = of(environment).orElseGet(this::ask);
        }
        return columns;
    }

    private int ask() {
        if (terminals.isEmpty() || File.separatorChar != '/') {
            return Terminal.DEFAULT_COLUMNS;
        }
        int descriptor = terminals.contains(StandardStream.ERR) ? 2 : terminals.contains(StandardStream.OUT) ? 1 : 0;
        try {
            Process stty = new ProcessBuilder("stty", "size")
                    .redirectInput(new File("/dev/fd/" + descriptor))
                    .start();
            Matcher size = SIZE.matcher(new String(stty.getInputStream().readAllBytes(), StandardCharsets.US_ASCII));
            return size.matches() ? Integer.parseInt(size.group(1)) : Terminal.DEFAULT_COLUMNS;
        } catch (IOException e) {
            return Terminal.DEFAULT_COLUMNS;
        }
    }
}
