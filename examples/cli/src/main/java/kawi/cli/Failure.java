package kawi.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.Objects;
import java.util.concurrent.CancellationException;

/** Error messages for exceptions. */
final class Failure {

    private Failure() {}

    /** Returns the message for an exception. Exceptions that Kawi throws deliberately have messages for users. */
    static String sentence(Throwable e) {
        String message = Objects.requireNonNullElse(e.getMessage(), "");
        return switch (e) {
            case UncheckedIOException unchecked -> sentence(Objects.requireNonNull(unchecked.getCause()));
            case NoSuchFileException missing -> missing.getFile() + ": there is no such file";
            case AccessDeniedException denied -> denied.getFile() + ": access is denied";
            case FileSystemException file -> message;
            case IOException io -> "input or output failed: " + message;
            case CancellationException cancelled -> "interrupted";
            case IllegalArgumentException known when !message.isEmpty() -> message;
            case IllegalStateException known when !message.isEmpty() -> message;
            case UnsupportedOperationException known when !message.isEmpty() -> message;
            case RuntimeException own when own.getClass().getName().startsWith("kawi.") -> message;
            default -> "unexpected " + e + "; use --stacktrace for details";
        };
    }
}
