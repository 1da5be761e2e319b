package kawi.template;

/** Python's {@code None}; a value of its own, so that Java's {@code null} never is one. */
enum None {
    NONE
}
