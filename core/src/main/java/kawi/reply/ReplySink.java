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

    /**
     * Notifies of a call whose function is known but whose arguments are not, for progress reports. Calls in JSON form
     * are not announced. {@link #onCall} or {@link #onMalformedCall} follows.
     */
    default void onCallBegin(String function) {}

    /** Receives a complete call. */
    void onCall(ParsedCall call);

    /** Receives text that began as a call but is not a valid one. */
    void onMalformedCall(MalformedCall call);
}
