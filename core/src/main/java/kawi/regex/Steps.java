package kawi.regex;

/** The caller's limit on work, and its way to interrupt it. */
@FunctionalInterface
public interface Steps {

    /** Called before about {@code steps} times ten nanoseconds of work; throws an exception to end it. */
    void spend(long steps);
}
