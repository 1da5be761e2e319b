package kawi.cli;

import org.jline.reader.EOFError;
import org.jline.reader.ParsedLine;
import org.jline.reader.impl.DefaultParser;

/**
 * Determines where a typed message ends: at the end of the line, unless the line ends with a backslash; or, if the
 * message begins with {@code """}, at the next {@code """}.
 */
final class MessageParser extends DefaultParser {

    private static final String QUOTES = "\"\"\"";

    MessageParser() {
        setEscapeChars(null);
        setQuoteChars(new char[0]);
    }

    @Override
    public ParsedLine parse(String line, int cursor, ParseContext context) {
        if (context == ParseContext.ACCEPT_LINE && !isComplete(line)) {
            throw new EOFError(-1, -1, "the message continues");
        }
        return super.parse(line, cursor, context);
    }

    private static boolean isComplete(String typed) {
        return isQuoted(typed) ? closed(typed) : !typed.endsWith("\\");
    }

    private static boolean isQuoted(String typed) {
        return typed.stripLeading().startsWith(QUOTES);
    }

    private static boolean closed(String quoted) {
        String text = quoted.strip();
        return text.length() >= 2 * QUOTES.length() && text.endsWith(QUOTES);
    }

    /** Returns the message without the quotes, or without the backslashes at the ends of lines. */
    static String message(String typed) {
        if (!isQuoted(typed) || !closed(typed)) {
            return typed.replace("\\\n", "\n");
        }
        String text = typed.strip();
        String inside = text.substring(QUOTES.length(), text.length() - QUOTES.length());
        int start = inside.startsWith("\n") ? 1 : 0;
        int end = inside.length() > start && inside.endsWith("\n") ? inside.length() - 1 : inside.length();
        return inside.substring(start, end);
    }
}
