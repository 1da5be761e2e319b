package kawi.cli;

import org.jline.utils.WCWidth;

/** Widths of text on a terminal, on which East Asian characters and emoji take two columns and others none. */
final class Columns {

    private static final int EMOJI_PRESENTATION = 0xFE0F;

    private Columns() {}

    /** Returns the columns of a character. A selector of emoji presentation may widen the character before it. */
    static int of(int character) {
        return character == EMOJI_PRESENTATION ? 1 : Math.max(0, WCWidth.wcwidth(character));
    }

    static int of(String text) {
        return text.codePoints().map(Columns::of).sum();
    }

    /** Returns as much of the beginning of a text as fits. */
    static String clipped(String text, int columns) {
        int left = columns;
        int at = 0;
        while (at < text.length()) {
            int character = text.codePointAt(at);
            left -= of(character);
            if (left < 0) {
                return text.substring(0, at);
            }
            at += Character.charCount(character);
        }
        return text;
    }

    /** Returns the text, followed by blanks up to the given width. */
    static String padded(String text, int columns) {
        return text + " ".repeat(Math.max(0, columns - of(text)));
    }
}
