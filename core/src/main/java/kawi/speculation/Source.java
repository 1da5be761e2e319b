package kawi.speculation;

/** Where a guess comes from. */
public enum Source {
    /** The constraint on the answer. */
    CONSTRAINT,

    /** Earlier tokens of the conversation. */
    LOOKUP,

    /** The model's own head for further tokens. */
    HEAD
}
