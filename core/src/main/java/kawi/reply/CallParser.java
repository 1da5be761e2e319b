package kawi.reply;

/**
 * Parses a tool call, from the character after the tag that begins it to its end. A {@link ReplyParser} obtains one
 * from the {@link ReplyMarkup} at each such tag.
 */
public interface CallParser {

    /** The result of accepting a character. */
    enum Step {
        /** The call continues. */
        MORE,
        /** The call has ended, or the text was not a call; {@link CallParser#rest()} is the text after it. */
        ENDED
    }

    /** Creates parsers for the calls of a dialect. */
    @FunctionalInterface
    interface Factory {

        /**
         * Creates a parser for a call.
         *
         * @param opening the text of the tag that was just read
         * @param inThought whether the call is inside a thought
         * @param sink receives the call once the text is certain to be one
         */
        CallParser begin(String opening, boolean inThought, ReplySink sink);
    }

    /** Accepts the next character. */
    Step accept(char c);

    /** Ends the reply: the text so far is a call, a malformed call or nothing. */
    void finish();

    /**
     * After {@link Step#ENDED}: whether the opening tag was ordinary text. If so, its first character is text and
     * {@link #rest} begins with the second.
     */
    boolean isText();

    /** After {@link Step#ENDED}: the accepted text that does not belong to the call. It is parsed again. */
    String rest();
}
