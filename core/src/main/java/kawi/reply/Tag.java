package kawi.reply;

/**
 * A piece of markup in a reply.
 *
 * @param text at least one character; none of the tags of a dialect begins with another
 */
public record Tag(Kind kind, String text) {

    /** What a tag means, and so where it is one; elsewhere it is ordinary text. */
    public enum Kind {
        /** Begins a thought, as long as there is no text of an answer. */
        THOUGHT_BEGIN,
        /** Ends a thought. A second one before the text of the answer is dropped. */
        THOUGHT_END,
        /** Begins a call, wherever tools are offered. */
        CALL_BEGIN,
        /** Ends a call. One that stands alone is dropped wherever tools are offered. */
        CALL_END,
        /** Ends a part of a call. One that stands alone is dropped directly behind a call. */
        CALL_PART_END
    }

    public Tag {
        if (text.isEmpty()) {
            throw new IllegalArgumentException("a tag of kind %s has no text".formatted(kind));
        }
    }
}
