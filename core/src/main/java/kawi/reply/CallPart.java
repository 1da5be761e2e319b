package kawi.reply;

/** A part of the text that a {@link CallParser} has parsed. */
public sealed interface CallPart {

    /**
     * Ordinary text, which contains no markup.
     *
     * @param text its characters
     */
    record Text(String text) implements CallPart {}

    /** A call that was understood. */
    record Understood(ParsedCall call) implements CallPart {}

    /** A call that was not understood. */
    record Refused(MalformedCall call) implements CallPart {}
}
