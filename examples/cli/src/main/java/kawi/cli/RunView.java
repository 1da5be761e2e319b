package kawi.cli;

import java.io.PrintWriter;
import kawi.Cancellation;
import kawi.Progress;
import kawi.ReplyListener;

/**
 * Streams an answer to standard output. On a terminal, also shows thoughts and the progress of long prompts on standard
 * error.
 */
final class RunView implements ReplyListener, AutoCloseable {

    private final Terminal terminal;
    private final Cancellation cancellation;
    private final ProgressLine progress;
    private boolean thinking;

    /** @param cancellation ends the answer if the output is closed */
    RunView(Terminal terminal, Cancellation cancellation) {
        this.terminal = terminal;
        this.cancellation = cancellation;
        this.progress = new ProgressLine(terminal);
    }

    @Override
    public void onProgress(Progress.Step step) {
        progress.update(step);
    }

    @Override
    public void onThinking(String piece) {
        progress.close();
        if (terminal.isTerminal(StandardStream.OUT) && terminal.isTerminal(StandardStream.ERR)) {
            thinking = true;
            terminal.err().print(terminal.dimmed(terminal.shown(piece)));
            terminal.err().flush();
        }
    }

    @Override
    public void onText(String piece) {
        close();
        PrintWriter out = terminal.prose();
        out.print(terminal.shown(piece));
        if (out.checkError()) {
            cancellation.cancel();
        }
    }

    @Override
    public void close() {
        progress.close();
        if (thinking) {
            terminal.err().print("\n\n");
            terminal.err().flush();
            thinking = false;
        }
    }
}
