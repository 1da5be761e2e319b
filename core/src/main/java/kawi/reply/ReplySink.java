package kawi.reply;

/**
 * Receives the parts of a reply from a {@link ReplyParser}, in order. Pieces of text are never empty and split
 * surrogate pairs only where the parser's input does.
 */
public interface ReplySink {

    /** Receives a piece of the thought. The concatenated pieces are the trimmed thought. */
    void onThought(String text);

    /** Receives a piece of the answer. */
    void onText(String text);

    /** Receives a complete call that counts: no call of the reply that is only a draft is passed to the sink. */
    void onCall(ParsedCall call);

    /** Receives text that began as a call but is not a valid one, if the call would count. */
    void onMalformedCall(MalformedCall call);
}
