package kawi.reply;

import java.util.List;

/**
 * Parses tool calls, from the character after the tag that begins the first one. A {@link ReplyParser} obtains a parser
 * from the {@link ReplyMarkup} at each such tag. A parser decides by itself how much text it needs, up to the end of
 * the reply: a call is reported only when it is known where it ends.
 */
public interface CallParser {

    /** The result of accepting a character. */
    enum Step {
        /** More text is needed. */
        MORE,
        /** The text is understood: see {@link CallParser#parts()} and {@link CallParser#rest()}. */
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
         * @param tools the tools that may be called
         */
        CallParser begin(String opening, boolean inThought, OfferedTools tools);
    }

    /** Accepts the next character. */
    Step accept(char c);

    /** Ends the reply: all of the text becomes parts. */
    void finish();

    /**
     * After the end: what the text was, beginning with the opening tag. Empty if the tag is to be dropped. If the text
     * is not a call, this is a {@link CallPart.Text} that has at least the first character of the tag.
     */
    List<CallPart> parts();

    /** After {@link Step#ENDED}: the accepted text after the parts. It is parsed again. */
    String rest();
}
