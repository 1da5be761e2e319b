package kawi.cli;

import java.io.PrintWriter;
import java.io.Writer;
import java.util.function.IntSupplier;

/**
 * Breaks lines between words, on a terminal. A character is shown as soon as it arrives. If it turns out that a word
 * does not fit into its line, the part of it that has been shown is erased and repeated on the next line:
 *
 * <pre>
 *    columns 0 to n-2     text; the last column stays empty, so that the cursor never waits behind it
 *    ESC [ k D, ESC [ K   back to the start of the word, and erase it
 *    \n                   then the word again
 * </pre>
 *
 * <p>A line can also be broken before a character of two columns, except closing punctuation. A word that is longer
 * than a line, such as an address, is left to the terminal, which wraps it such that it can be copied. So are the lines
 * between two fences of code. Escape sequences take no columns.
 */
final class WrappingWriter extends Writer {

    private static final char ESCAPE = '\033';
    private static final String FENCE = "```";

    private final PrintWriter terminal;
    private final IntSupplier width;

    /** The part of the current word that has been shown. */
    private final StringBuilder word = new StringBuilder();
    /** The first characters of the current line that are not blank, up to the length of a fence. */
    private final StringBuilder lineHead = new StringBuilder();

    private final StringBuilder ready = new StringBuilder();

    /** The number of columns to use. */
    private int limit;

    private int column;
    private int wordColumns;
    private boolean tooLong;
    private boolean breakPending;
    private boolean fenced;
    private int escape;
    private char highSurrogate;

    WrappingWriter(PrintWriter terminal, IntSupplier width) {
        this.terminal = terminal;
        this.width = width;
    }

    @Override
    public void write(char[] text, int from, int count) {
        int columns = width.getAsInt();
        limit = Math.max(2, columns - 1);
        for (int i = from; i < from + count; i++) {
            char c = text[i];
            if (Character.isHighSurrogate(c)) {
                highSurrogate = c;
            } else if (Character.isLowSurrogate(c) && highSurrogate != 0) {
                add(Character.toCodePoint(highSurrogate, c));
                highSurrogate = 0;
            } else {
                add(c);
            }
        }
        terminal.append(ready);
        ready.setLength(0);
    }

    private void add(int c) {
        if (escape > 0 || c == ESCAPE) {
            escape(c);
        } else if (c == '\n' || c == '\r') {
            endLine(c);
        } else if (c == ' ' || c == '\t') {
            blank(c);
        } else {
            character(c, Columns.of(c));
        }
    }

    /** A sequence is ESC and a character, or ESC [, parameters, and a letter. */
    private void escape(int c) {
        word.appendCodePoint(c);
        ready.appendCodePoint(c);
        boolean ended = escape == 1 ? c != '[' : escape == 2 && c >= '@' && c <= '~';
        escape = ended ? 0 : c == ESCAPE ? 1 : 2;
    }

    private void endLine(int c) {
        ready.append((char) c);
        if (lineHead.toString().equals(FENCE)) {
            fenced = !fenced;
        }
        lineHead.setLength(0);
        column = 0;
        breakPending = false;
        beginWord();
    }

    private void beginWord() {
        word.setLength(0);
        wordColumns = 0;
        tooLong = false;
    }

    private void blank(int c) {
        int columns = c == '\t' ? 8 - column % 8 : 1;
        if (column + columns > limit && !fenced) {
            breakPending = true; // blanks at the end of a line are dropped
        } else if (!breakPending) {
            ready.append((char) c);
            column += columns;
        }
        beginWord();
    }

    private void character(int c, int columns) {
        if (lineHead.length() < FENCE.length()) {
            lineHead.appendCodePoint(c);
        }
        if (breakPending) {
            breakLine();
        }
        if (columns == 2 && !closes(c)) {
            beginWord();
        }
        if (column + columns > limit && !fenced && !tooLong) {
            makeRoom(columns);
        }
        word.appendCodePoint(c);
        wordColumns += columns;
        ready.appendCodePoint(c);
        column += columns;
        if (tooLong && column > limit) {
            column -= limit + 1; // the terminal wraps at its last column
        }
    }

    private void breakLine() {
        ready.append('\n');
        column = 0;
        breakPending = false;
    }

    /** Moves the current word to the next line, unless it is longer than a line. */
    private void makeRoom(int columns) {
        if (wordColumns + columns > limit) {
            tooLong = true;
            return;
        }
        if (wordColumns > 0) {
            ready.append("\033[%dD\033[K".formatted(wordColumns));
        }
        breakLine();
        ready.append(word);
        column = wordColumns;
    }

    private static boolean closes(int c) {
        return switch (Character.getType(c)) {
            case Character.END_PUNCTUATION, Character.FINAL_QUOTE_PUNCTUATION, Character.OTHER_PUNCTUATION -> true;
            default -> false;
        };
    }

    @Override
    public void flush() {
        terminal.flush();
    }

    @Override
    public void close() {
        terminal.close();
    }
}
