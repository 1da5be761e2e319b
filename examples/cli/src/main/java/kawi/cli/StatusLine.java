package kawi.cli;

import java.io.PrintWriter;

/**
 * One line on a terminal that is replaced and erased in place. If the process ends while the line is visible, for
 * example by Ctrl-C, it is erased as well, so that the prompt of the shell begins on an empty line.
 */
final class StatusLine {

    private static final String ERASE = "\r\033[K";

    private final PrintWriter writer;
    private boolean visible;
    private boolean hooked;
    private boolean ended;

    StatusLine(PrintWriter writer) {
        this.writer = writer;
    }

    /** Shows a line, or nothing if it is empty. */
    synchronized void show(String line) {
        if (ended || (line.isEmpty() && !visible)) {
            return;
        }
        if (!hooked) {
            hooked = true;
            try {
                Runtime.getRuntime().addShutdownHook(new Thread(this::end, "kawi-status"));
            } catch (IllegalStateException e) {
                return; // The shutdown has begun.
            }
        }
        writer.print(ERASE + line);
        writer.flush();
        visible = !line.isEmpty();
    }

    private synchronized void end() {
        show("");
        ended = true;
    }
}
