package kawi.spark;

/** A row for which there is no answer. The message says why. */
final class RowException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    RowException(String message) {
        super(message);
    }
}
