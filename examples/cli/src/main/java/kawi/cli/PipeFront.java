package kawi.cli;

import java.io.IOException;
import kawi.Cancellation;
import kawi.FinishReason;
import kawi.Reply;
import kawi.Turn;
import org.jspecify.annotations.Nullable;

/** A conversation with a file or another program: a message in each line, answers as plain text, all else on standard error. */
final class PipeFront implements ChatFront {

    private final Terminal terminal;
    private final LineInput lines;
    private boolean interrupted;
    private boolean unread;
    private boolean lineBegun;

    PipeFront(Terminal terminal) {
        this.terminal = terminal;
        this.lines = new LineInput(terminal.in());
    }

    /** Whether the user has ended the conversation, rather than its messages. */
    boolean interrupted() {
        return interrupted;
    }

    @Override
    public @Nullable String read() throws IOException {
        return interrupted || unread ? null : lines.read();
    }

    @Override
    public Reply answer(Turn turn) {
        try (Interruption interruption = new Interruption()) {
            Reply reply = turn.cancelWith(interruption.cancellation())
                    .send(piece -> show(piece, interruption.cancellation()));
            lineBegun |= reply.text().isEmpty(); // has a line as well
            interrupted = reply.finishReason() == FinishReason.CANCELLED && !unread;
            return reply;
        } finally {
            if (lineBegun) {
                terminal.out().println();
                lineBegun = false;
            }
            terminal.out().flush();
        }
    }

    /** Shows a piece of the answer, or ends it when nobody reads it any more. */
    private void show(String piece, Cancellation cancellation) {
        terminal.out().print(piece);
        lineBegun = !piece.endsWith("\n");
        if (terminal.out().checkError()) {
            unread = true;
            cancellation.cancel();
        }
    }

    @Override
    public void say(String line) {
        terminal.out().flush();
        terminal.err().println(line);
    }
}
