package kawi.reply;

/**
 * Reads a tool call, from the character after the tag that begins it to its end. A {@link ReplyParser} asks the
 * {@link ReplyMarkup} for one at each such tag.
 */
public interface CallParser {

    /** What a character did. */
    enum Step {
        /** The call goes on. */
        MORE,
        /** The call has ended or was none; the text after it is {@link CallParser#rest()}. */
        ENDED
    }

    /** Begins to read calls of a dialect. */
    @FunctionalInterface
    interface Factory {

        /**
         * A parser for the call that begins here.
         *
         * @param opening the text of the tag that was just read
         * @param inThought whether it stands inside a thought
         * @param sink is told of the call, once it is certain that this is one
         */
        CallParser begin(String opening, boolean inThought, ReplySink sink);
    }

    /** Takes the next character. */
    Step accept(char c);

    /** Ends the reply: what has been read is a call, a malformed call or nothing. */
    void finish();

    /**
     * After {@link Step#ENDED}: whether the opening tag was ordinary text. Then its first character is taken as such,
     * and {@link #rest} begins with the second.
     */
    boolean isText();

    /** After {@link Step#ENDED}: the text that has been read and does not belong to the call. It is read again. */
    String rest();
}
