package kawi;

/**
 * Thrown when an image or a film cannot be read: it is damaged, its format is not supported, or it is too large.
 *
 * <p>The message names what was read, what was found and what is supported.
 */
public final class ImageException extends IllegalArgumentException {

    private static final long serialVersionUID = 1L;

    /** Creates an exception with the given message. */
    public ImageException(String message) {
        super(message);
    }

    /** Creates an exception with the given message and cause. */
    public ImageException(String message, Throwable cause) {
        super(message, cause);
    }
}
