package kawi.cli;

import java.util.function.Consumer;

/**
 * Renders the Markdown that is common in answers as terminal styles, while the text arrives in pieces of any size:
 * headings, lists, fenced code, {@code **bold**}, {@code *italic*} and {@code `code`}. Everything else is shown
 * unchanged.
 *
 * <p>Text that may turn out to be markup is held back until its end has arrived, the line has ended, or
 * {@value #WINDOW} characters have arrived without it; in the last two cases it is ordinary text. So nothing is lost,
 * and the output does not depend on how the text was split into pieces.
 */
final class MarkdownStream {

    private static final int BOLD = 1;
    private static final int ITALIC = 2;
    private static final int UNDERLINE = 4;
    private static final int CODE = 8;

    /** The maximum length of bold, italic or code text, in characters. */
    private static final int WINDOW = 400;

    private static final int MAX_INDENTATION = 40;
    private static final int MAX_FENCE_LINE = 80;
    private static final int FENCE = 3;

    /** The position of something that does not exist. */
    private static final int NOT_FOUND = -1;
    /** The position of something that may exist, depending on text that has not arrived. */
    private static final int UNKNOWN = -2;

    private final Consumer<String> terminal;
    private final StringBuilder held = new StringBuilder();
    private final StringBuilder ready = new StringBuilder();

    private boolean lineStart = true;
    private int lineStyle;
    private int shownStyle;
    private char before = '\n';

    /** The opening fence of the code that is being shown; empty outside code. */
    private String fence = "";

    /** @param terminal receives text with ANSI escape sequences */
    MarkdownStream(Consumer<String> terminal) {
        this.terminal = terminal;
    }

    /** Adds text, and shows as much as is unambiguous. */
    void add(String piece) {
        held.append(piece);
        show(false);
    }

    /** Shows the rest. Text that is added afterwards is a new document. */
    void finish() {
        show(true);
        style(0);
        flush();
        lineStart = true;
        lineStyle = 0;
        before = '\n';
        fence = "";
    }

    private void show(boolean complete) {
        boolean running = true;
        while (running) {
            boolean wasStart = lineStart;
            int used = lineStart ? beginLine(complete) : fence.isEmpty() ? inline(complete) : code();
            held.delete(0, used);
            running = used > 0 || lineStart != wasStart;
        }
        flush();
    }

    private void flush() {
        if (!ready.isEmpty()) {
            terminal.accept(ready.toString());
            ready.setLength(0);
        }
    }

    // Each of the following methods shows some of the held text and returns the number of characters it has used: 0 if
    // it
    // must wait for more text, or has only changed the state.

    private int beginLine(boolean complete) {
        int lineEnd = held.indexOf("\n");
        boolean whole = lineEnd >= 0 || complete;
        String line = held.substring(0, lineEnd >= 0 ? lineEnd : held.length());
        if (line.isEmpty() && lineEnd < 0) {
            return 0;
        }
        int afterLine = lineEnd >= 0 ? lineEnd + 1 : line.length();
        if (!fence.isEmpty()) {
            if (closesFence(line, whole)) {
                if (!whole) {
                    return 0;
                }
                fence = "";
                return afterLine;
            }
            return enterLine(0);
        }
        int indentation = run(line, 0, ' ');
        if (indentation == line.length() && !whole && indentation < MAX_INDENTATION) {
            return 0;
        }
        char first = indentation < line.length() ? line.charAt(indentation) : '\n';
        int marks = run(line, indentation, first);
        boolean cut = indentation + marks == line.length() && !whole;
        return switch (first) {
            case '`', '~' -> {
                if (cut && marks <= MAX_FENCE_LINE) {
                    yield 0;
                }
                boolean opens = marks >= FENCE
                        && indentation <= FENCE
                        && line.length() <= MAX_FENCE_LINE
                        && line.indexOf('`', indentation + marks) < 0;
                if (!opens) {
                    yield enterLine(0);
                }
                if (!whole) {
                    yield 0;
                }
                fence = String.valueOf(first).repeat(marks);
                yield afterLine;
            }
            case '#' -> {
                if (cut && marks <= 6) {
                    yield 0;
                }
                boolean heading =
                        marks <= 6 && indentation + marks < line.length() && line.charAt(indentation + marks) == ' ';
                if (!heading) {
                    yield enterLine(0);
                }
                lineStyle = marks == 1 ? BOLD | UNDERLINE : BOLD;
                yield enterLine(indentation + marks + 1);
            }
            case '-', '*', '+' -> {
                if (cut && marks == 1) {
                    yield 0;
                }
                if (marks > 1 || indentation + 1 >= line.length() || line.charAt(indentation + 1) != ' ') {
                    yield enterLine(0);
                }
                write(line.substring(0, indentation) + "\u2022 ", 0);
                yield enterLine(indentation + 2);
            }
            default -> enterLine(0);
        };
    }

    /** Returns whether a line of code is the closing fence, or can become it. */
    private boolean closesFence(String line, boolean whole) {
        int start = Math.min(run(line, 0, ' '), FENCE);
        int marks = run(line, start, fence.charAt(0));
        int end = start + marks + run(line, start + marks, ' ');
        return end == line.length() && (marks >= fence.length() || (!whole && start + marks == end));
    }

    private int enterLine(int used) {
        lineStart = false;
        return used;
    }

    private int code() {
        int lineEnd = held.indexOf("\n");
        write(held.substring(0, lineEnd >= 0 ? lineEnd : held.length()), CODE);
        return lineEnd >= 0 ? endLine(lineEnd) : held.length();
    }

    private int inline(boolean complete) {
        int lineEnd = held.indexOf("\n");
        String line = held.substring(0, lineEnd >= 0 ? lineEnd : held.length());
        int used = inline(line, lineEnd >= 0 || complete, lineStyle);
        return lineEnd >= 0 ? endLine(lineEnd) : used;
    }

    private int endLine(int lineEnd) {
        write("\n", 0);
        lineStart = true;
        lineStyle = 0;
        return lineEnd + 1;
    }

    /**
     * Shows the text of a line.
     *
     * @param whole whether the text is complete
     * @return the number of characters used
     */
    private int inline(String text, boolean whole, int style) {
        int at = 0;
        while (at < text.length()) {
            char c = text.charAt(at);
            int windowEnd = Math.min(text.length(), at + WINDOW);
            boolean enough = whole || text.length() >= at + WINDOW;
            String window = text.substring(at, windowEnd);
            switch (c) {
                case '\\' -> {
                    if (window.length() == 1 && !enough) {
                        return at;
                    }
                    if (window.length() > 1 && isPunctuation(window.charAt(1))) {
                        at++;
                    }
                    write(text.substring(at, at + 1), style);
                    at++;
                }
                case '`', '*', '_' -> {
                    int marks = run(window, 0, c);
                    int close = c == '`' ? codeEnd(window, marks, enough) : emphasisEnd(window, marks, enough);
                    if (close == UNKNOWN) {
                        return at;
                    }
                    if (close == NOT_FOUND) {
                        write(window.substring(0, marks), style);
                        at += marks;
                        continue;
                    }
                    String inside = window.substring(marks, close);
                    if (c == '`') {
                        write(inside, style | CODE);
                    } else {
                        before = c;
                        inline(inside, true, style | (marks == 1 ? ITALIC : marks == 2 ? BOLD : BOLD | ITALIC));
                    }
                    before = c;
                    at += close + marks;
                }
                default -> {
                    int end = at + 1;
                    while (end < text.length() && "\\`*_".indexOf(text.charAt(end)) < 0) {
                        end++;
                    }
                    write(text.substring(at, end), style);
                    at = end;
                }
            }
        }
        return at;
    }

    /** Returns the end of code that begins with the given number of backticks. */
    private static int codeEnd(String text, int marks, boolean enough) {
        for (int at = marks; at < text.length(); ) {
            int run = run(text, at, '`');
            if (run == marks && (enough || at + run < text.length())) {
                return at;
            }
            at += Math.max(1, run);
        }
        return enough ? NOT_FOUND : UNKNOWN;
    }

    /** Returns the end of the emphasis at the beginning of the text. */
    private int emphasisEnd(String text, int marks, boolean enough) {
        if (marks == text.length()) {
            return enough ? NOT_FOUND : UNKNOWN;
        }
        char c = text.charAt(0);
        if (marks > 3 || Character.isLetterOrDigit(before) || Character.isWhitespace(text.charAt(marks))) {
            return NOT_FOUND;
        }
        int at = marks;
        while (at < text.length()) {
            char next = text.charAt(at);
            if (next == '\\') {
                at += 2;
            } else if (next == '`') {
                int run = run(text, at, '`');
                int end = codeEnd(text.substring(at), run, enough);
                if (end == UNKNOWN) {
                    return UNKNOWN;
                }
                at += end == NOT_FOUND ? run : end + run;
            } else if (next == c) {
                int run = run(text, at, c);
                boolean last = at + run == text.length();
                if (last && !enough) {
                    return UNKNOWN;
                }
                boolean closes = (run == marks || run == 3)
                        && run >= marks
                        && !Character.isWhitespace(text.charAt(at - 1))
                        && (last || c == '*' || !Character.isLetterOrDigit(text.charAt(at + run)));
                if (closes) {
                    return at + run - marks;
                }
                at += run;
            } else {
                at++;
            }
        }
        return enough ? NOT_FOUND : UNKNOWN;
    }

    private static boolean isPunctuation(char c) {
        return "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~".indexOf(c) >= 0;
    }

    private static int run(String text, int from, char c) {
        int end = from;
        while (end < text.length() && text.charAt(end) == c) {
            end++;
        }
        return end - from;
    }

    private void write(String text, int style) {
        if (!text.isEmpty()) {
            style(style);
            ready.append(text);
            before = text.charAt(text.length() - 1);
        }
    }

    private void style(int style) {
        if (style != shownStyle) {
            shownStyle = style;
            ready.append("\033[0")
                    .append((style & BOLD) != 0 ? ";1" : "")
                    .append((style & ITALIC) != 0 ? ";3" : "")
                    .append((style & UNDERLINE) != 0 ? ";4" : "")
                    .append((style & CODE) != 0 ? ";36" : "")
                    .append('m');
        }
    }
}
