package kawi;

/**
 * A model file cannot be used: it is missing, is not what it should be, is damaged, or asks for something Kawi does not do.
 *
 * <p>The message is a sentence for whoever has to put it right: the file, the key or tensor and the byte offset where there
 * is one, what was found and what was expected.
 */
public final class ModelFileException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** An exception with the sentence {@code message}. */
    public ModelFileException(String message) {
        super(message);
    }

    /** An exception with the sentence {@code message}, which was brought about by {@code cause}. */
    public ModelFileException(String message, Throwable cause) {
        super(message, cause);
    }
}
