package kawi.reply;

/**
 * A piece of markup in a reply.
 *
 * @param text at least one character; no tag of a dialect is a prefix of another
 */
public record Tag(Kind kind, String text) {

    /** The meaning of a tag, which determines where it is recognized; elsewhere it is ordinary text. */
    public enum Kind {
        /** Begins a thought, if the answer has no text yet. */
        THOUGHT_BEGIN,
        /** Ends a thought. A second one before the text of the answer is dropped. */
        THOUGHT_END,
        /** Begins a call, if tools are offered. */
        CALL_BEGIN,
        /** Ends a call. Without a call it is dropped, if tools are offered. */
        CALL_END,
        /** Ends a part of a call. Without a call it is dropped directly after a call, and, like a frame, before one. */
        CALL_PART_END,
        /**
         * Encloses calls in other formats, such as the fence of a code block. Dropped at the beginning of a line, if
         * only white space is between it and a call, and with the letters that follow it directly, unless it ends with
         * {@code >}. It is only recognized if tools are offered.
         */
        CALL_FRAME
    }

    public Tag {
        if (text.isEmpty()) {
            throw new IllegalArgumentException("a tag of kind %s has no text".formatted(kind));
        }
    }
}
