package kawi.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.regex.Pattern;

/** Error messages for exceptions. */
final class Failure {

    /** Methods of the library that are options here, in a message: {@code topP is 3.0}, {@code ignoreEnd()}. */
    private static final Pattern METHOD = Pattern.compile("\\b(?:ModelLoader\\.)?"
            + "(topP|topK|minP|typicalP|repetitionPenalty|presencePenalty|frequencyPenalty|penaltyWindow"
            + "|logitBias|maxTokens|thinkingBudget|loopGuard|stopTokens|ignoreEnd|contextLength|keysAndValues"
            + "|ropeScaling|chatTemplate|imageTokens|(?<=ModelLoader\\.)vision)\\b(\\([^)]*\\))?");

    /** Options whose names differ from those of the methods. */
    private static final Map<String, String> OPTIONS = Map.of(
            "stopTokens", "--stop-token",
            "ignoreEnd", "--ignore-eos",
            "contextLength", "--ctx",
            "keysAndValues", "--kv",
            "vision", "--mmproj");

    private Failure() {}

    /** Returns the message for an exception. Exceptions that Kawi throws deliberately have messages for users. */
    static String sentence(Throwable e) {
        String message = Objects.requireNonNullElse(e.getMessage(), "");
        return switch (e) {
            case UncheckedIOException unchecked -> sentence(Objects.requireNonNull(unchecked.getCause()));
            case NoSuchFileException missing -> missing.getFile() + ": there is no such file";
            case AccessDeniedException denied -> denied.getFile() + ": access is denied";
            case FileAlreadyExistsException existing -> existing.getFile() + " already exists";
            case FileSystemException file -> message;
            case IOException io -> "input or output failed: " + message;
            case CancellationException cancelled -> "interrupted";
            case IllegalArgumentException known when !message.isEmpty() -> named(message);
            case IllegalStateException known when !message.isEmpty() -> named(message);
            case UnsupportedOperationException known when !message.isEmpty() -> named(message);
            case RuntimeException own when own.getClass().getName().startsWith("kawi.") -> named(message);
            default -> "unexpected " + e + "; use --stacktrace for details";
        };
    }

    /** Returns a message with the names of options instead of those of methods. */
    static String named(String message) {
        return METHOD.matcher(message).replaceAll(found -> option(found.group(1)));
    }

    /** Returns a message of picocli in words for users. */
    static String usage(String message) {
        return named(message)
                .replace("option option", "option")
                .replaceAll("(?i) is not an? (int|integer|long|short)\\b", " is not an integer")
                .replaceAll("(?i) is not an? (float|double)\\b", " is not a number");
    }

    private static String option(String method) {
        String hyphenated = method.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
        return OPTIONS.getOrDefault(method, "--" + hyphenated);
    }
}
