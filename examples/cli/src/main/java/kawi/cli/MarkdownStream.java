package kawi.cli;

import java.util.function.Consumer;

/**
 * Turns the little Markdown that answers are full of into a terminal's styles, while the answer comes in pieces of any size: headings, lists,
 * fenced code, {@code **bold**}, {@code *italic*} and {@code `code`}. Everything else is shown as it is.
 *
 * <p>Markup disappears only once it is certain to be markup: what may still become some is held back, until its end has come, or the line has
 * ended, or {@value #WINDOW} characters have come without it; then it is ordinary text. So nothing is ever lost, and how the text was cut into pieces
 * cannot be seen.
 */
final class MarkdownStream {

    private static final int BOLD = 1;
    private static final int ITALIC = 2;
    private static final int UNDERLINE = 4;
    private static final int CODE = 8;

    /** How far apart the two ends of bold, italic or code may be. */
    private static final int WINDOW = 400;

    private static final int DEEPEST_INDENTATION = 40;
    private static final int LONGEST_FENCE_LINE = 80;
    private static final int FENCE = 3;

    /** The place of something that is not there. */
    private static final int NOWHERE = -1;
    /** The place of something that may be there when more of the text is known. */
    private static final int UNKNOWN = -2;

    private final Consumer<String> terminal;
    private final StringBuilder held = new StringBuilder();
    private final StringBuilder ready = new StringBuilder();

    private boolean lineStart = true;
    private int lineStyle;
    private int shownStyle;
    private char before = '\n';

    /** The opening fence of the code that is being shown, or empty. */
    private String fence = "";

    /** @param terminal takes text with ANSI escape sequences */
    MarkdownStream(Consumer<String> terminal) {
        this.terminal = terminal;
    }

    /** Shows as much as is certain. */
    void add(String piece) {
        held.append(piece);
        show(false);
    }

    /** Shows the rest; what comes then is a new text. */
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
        boolean goesOn = true;
        while (goesOn) {
            boolean wasStart = lineStart;
            int used = lineStart ? beginLine(complete) : fence.isEmpty() ? inline(complete) : code();
            held.delete(0, used);
            goesOn = used > 0 || lineStart != wasStart;
        }
        flush();
    }

    private void flush() {
        if (!ready.isEmpty()) {
            terminal.accept(ready.toString());
            ready.setLength(0);
        }
    }

    // Each of the following shows some of what is held and returns how many characters that were. They return 0 when
    // they have to wait, or have only changed the state.

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
        if (indentation == line.length() && !whole && indentation < DEEPEST_INDENTATION) {
            return 0;
        }
        char first = indentation < line.length() ? line.charAt(indentation) : '\n';
        int marks = run(line, indentation, first);
        boolean cut = indentation + marks == line.length() && !whole;
        return switch (first) {
            case '`', '~' -> {
                if (cut && marks <= LONGEST_FENCE_LINE) {
                    yield 0;
                }
                boolean opens = marks >= FENCE
                        && indentation <= FENCE
                        && line.length() <= LONGEST_FENCE_LINE
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

    /** Whether a line of code is the fence at its end, or can become one. */
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
     * @param whole whether nothing more will come
     * @return how many characters are done with
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
                    if (close == NOWHERE) {
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

    /** Where code that begins with so many backticks ends. */
    private static int codeEnd(String text, int marks, boolean enough) {
        for (int at = marks; at < text.length(); ) {
            int run = run(text, at, '`');
            if (run == marks && (enough || at + run < text.length())) {
                return at;
            }
            at += Math.max(1, run);
        }
        return enough ? NOWHERE : UNKNOWN;
    }

    /** Where the emphasis ends that the text begins with. */
    private int emphasisEnd(String text, int marks, boolean enough) {
        if (marks == text.length()) {
            return enough ? NOWHERE : UNKNOWN;
        }
        char c = text.charAt(0);
        if (marks > 3 || Character.isLetterOrDigit(before) || Character.isWhitespace(text.charAt(marks))) {
            return NOWHERE;
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
                at += end == NOWHERE ? run : end + run;
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
        return enough ? NOWHERE : UNKNOWN;
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
