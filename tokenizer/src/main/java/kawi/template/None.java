package kawi.template;

/** Python's {@code None}. It is represented by an object, so that Java's {@code null} is never a template value. */
enum None {
    NONE
}
