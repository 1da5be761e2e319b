package kawi.cli;

import java.io.IOException;
import kawi.Cancellation;
import kawi.FinishReason;
import kawi.Reply;
import kawi.Turn;
import org.jspecify.annotations.Nullable;

/** A conversation in a pipe: one message per line, answers as plain text, everything else on standard error. */
final class PipeFront implements ChatFront {

    private final Terminal terminal;
    private final LineInput lines;
    private boolean interrupted;
    private boolean outputClosed;
    private boolean lineBegun;

    PipeFront(Terminal terminal) {
        this.terminal = terminal;
        this.lines = new LineInput(terminal.in());
    }

    /** Returns whether the conversation was interrupted. */
    boolean interrupted() {
        return interrupted;
    }

    @Override
    public @Nullable String read() throws IOException {
        return interrupted || outputClosed ? null : lines.read();
    }

    @Override
    public Reply answer(Turn turn) {
        try (Interruption interruption = new Interruption();
                ProgressView view = new ProgressView(terminal, piece -> show(piece, interruption.cancellation()))) {
            Reply reply = turn.cancelWith(interruption.cancellation()).send(view);
            lineBegun |= reply.text().isEmpty(); // an empty answer is an empty line
            interrupted = reply.finishReason() == FinishReason.CANCELLED && !outputClosed;
            return reply;
        } finally {
            if (lineBegun) {
                terminal.out().println();
                lineBegun = false;
            }
            terminal.out().flush();
        }
    }

    /** Prints a piece of the answer, or ends the answer if the output is closed. */
    private void show(String piece, Cancellation cancellation) {
        terminal.out().print(piece);
        lineBegun = !piece.endsWith("\n");
        if (terminal.out().checkError()) {
            outputClosed = true;
            cancellation.cancel();
        }
    }

    @Override
    public void say(String line) {
        terminal.out().flush();
        terminal.err().println(line);
    }
}
