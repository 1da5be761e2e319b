package kawi.reply;

/**
 * Receives what a {@link ReplyParser} finds, in the order of the reply. Pieces of text are never empty and split
 * surrogate pairs only where the pieces given to the parser do.
 */
public interface ReplySink {

    /** More of the thought. All pieces joined are the thought, trimmed. */
    void onThought(String text);

    /** More of the answer. */
    void onText(String text);

    /**
     * A call has begun and its function is known, but not its arguments: for showing progress. A call in JSON form is
     * not announced. What follows is {@link #onCall} or {@link #onMalformedCall}.
     */
    default void onCallBegin(String function) {}

    /** A complete call. */
    void onCall(ParsedCall call);

    /** Something that began as a call and is not one. */
    void onMalformedCall(MalformedCall call);
}
