package kawi.cli;

import java.util.function.Consumer;
import kawi.Progress;
import kawi.ReplyListener;

/** Shows the progress of long prompts, and passes on the text of the answer. */
final class ProgressView implements ReplyListener, AutoCloseable {

    private final Terminal terminal;
    private final ProgressLine progress;
    private final Consumer<String> text;

    ProgressView(Terminal terminal, Consumer<String> text) {
        this.terminal = terminal;
        this.progress = new ProgressLine(terminal);
        this.text = text;
    }

    @Override
    public void onProgress(Progress.Step step) {
        progress.update(step);
    }

    @Override
    public void onDropped(int messages, int tokens) {
        terminal.err().println(AnswerReport.dropped(messages, tokens));
    }

    @Override
    public void onThinking(String piece) {
        close();
    }

    @Override
    public void onText(String piece) {
        close();
        text.accept(piece);
    }

    @Override
    public void close() {
        progress.close();
    }
}
