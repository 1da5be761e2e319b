package kawi.cli;

import java.util.function.Consumer;
import kawi.Progress;
import kawi.ReplyListener;

/** Shows the progress of long prompts, and passes on the text of the answer. */
final class ProgressView implements ReplyListener, AutoCloseable {

    private final ProgressLine progress;
    private final Consumer<String> text;

    ProgressView(Terminal terminal, Consumer<String> text) {
        this.progress = new ProgressLine(terminal);
        this.text = text;
    }

    @Override
    public void onProgress(Progress.Step step) {
        progress.update(step);
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
