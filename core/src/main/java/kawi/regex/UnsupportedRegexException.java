package kawi.regex;

/**
 * Thrown for a pattern that may be correct, but whose matches are not decided here: it has a backreference, a flag or a
 * property of Unicode that is not supported, or needs too many states.
 */
public final class UnsupportedRegexException extends RegexException {

    private static final long serialVersionUID = 1L;

    UnsupportedRegexException(String message) {
        super(message);
    }
}
