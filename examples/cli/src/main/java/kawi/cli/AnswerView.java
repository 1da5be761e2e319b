package kawi.cli;

import java.io.PrintWriter;
import kawi.Progress;
import kawi.ReplyListener;
import kawi.ToolCall;
import kawi.ToolResult;

/** Shows an answer on a terminal: thoughts dimmed, one line for each tool call, Markdown as styles. */
final class AnswerView implements ReplyListener, AutoCloseable {

    /** The part of the answer that is being shown. */
    private enum Part {
        NOTHING,
        THOUGHT,
        TEXT,
        TOOL
    }

    private static final int MAX_RESULT = 200;

    private final Terminal terminal;
    private final PrintWriter out;
    private final ProgressLine progress;
    private final MarkdownStream markdown;
    private Part part = Part.NOTHING;
    private boolean lineBegun;

    AnswerView(Terminal terminal) {
        this.terminal = terminal;
        this.out = terminal.prose();
        this.progress = new ProgressLine(terminal);
        this.markdown = new MarkdownStream(out::print);
    }

    @Override
    public void onProgress(Progress.Step step) {
        progress.update(step);
    }

    @Override
    public void onDropped(int messages, int tokens) {
        begin(Part.NOTHING);
        out.println(terminal.dimmed("[%s]".formatted(AnswerReport.dropped(messages, tokens))));
        out.flush();
    }

    @Override
    public void onThinking(String piece) {
        if (part != Part.THOUGHT) {
            begin(Part.THOUGHT);
            if (!terminal.styled()) {
                out.println("[thinking]");
            }
        }
        out.print(terminal.dimmed(terminal.shown(piece)));
        shown(piece);
    }

    @Override
    public void onText(String piece) {
        if (part != Part.TEXT) {
            boolean thoughtBefore = part == Part.THOUGHT;
            begin(Part.TEXT);
            if (thoughtBefore) {
                out.println(terminal.styled() ? "" : "[answer]");
            }
        }
        String printable = terminal.shown(piece);
        if (terminal.styled()) {
            markdown.add(printable);
        } else {
            out.print(printable);
        }
        shown(piece);
    }

    @Override
    public void onToolCall(ToolCall call) {
        begin(Part.TOOL);
        out.print(terminal.dimmed("[%s %s]".formatted(call.name(), line(call.arguments()))));
        lineBegun = true;
        out.flush();
    }

    @Override
    public void onToolResult(ToolResult result) {
        out.println(terminal.dimmed(" " + line(result.text())));
        lineBegun = false;
        out.flush();
    }

    private String line(String text) {
        String line = terminal.shown(text).replaceAll("\\s+", " ");
        return line.length() <= MAX_RESULT
                ? line
                : line.substring(0, line.offsetByCodePoints(0, MAX_RESULT / 2)) + "...";
    }

    private void begin(Part next) {
        progress.close();
        markdown.finish();
        if (lineBegun) {
            out.println();
            lineBegun = false;
        }
        part = next;
    }

    private void shown(String piece) {
        if (!piece.isEmpty()) {
            lineBegun = !piece.endsWith("\n");
        }
        out.flush();
    }

    /** Ends the last line. */
    @Override
    public void close() {
        begin(Part.NOTHING);
        out.flush();
    }
}
