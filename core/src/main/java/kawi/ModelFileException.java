package kawi;

/**
 * Thrown when a model's files cannot be used: they are missing, damaged, or require an unsupported feature.
 *
 * <p>The message is for the person who has to correct this: it names the file, the key or tensor and the byte offset if
 * there is one, what was found and what was expected.
 */
public final class ModelFileException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** Creates an exception with the given message. */
    public ModelFileException(String message) {
        super(message);
    }

    /** Creates an exception with the given message and cause. */
    public ModelFileException(String message, Throwable cause) {
        super(message, cause);
    }
}
