package kawi.server.protocol;

import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.function.Supplier;
import kawi.BusyException;
import kawi.ClosedException;
import kawi.ContextLengthException;
import kawi.ImageException;
import kawi.ToolCallException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the exceptions of the library mean to a client. */
final class Failures {

    private static final Logger LOG = LoggerFactory.getLogger(Failures.class);

    private Failures() {}

    static ApiException of(Throwable thrown, String requestId) {
        return switch (thrown) {
            case ApiException known -> known;
            case ContextLengthException e ->
                ApiException.invalid(
                        null,
                        "context_length_exceeded",
                        "This model's maximum context length is %d tokens. However, your prompt has %d tokens."
                                .formatted(e.contextLength(), e.promptTokens()));
            case BusyException e ->
                new ApiException(
                        429,
                        "rate_limit_error",
                        null,
                        "rate_limit_exceeded",
                        sentence(String.valueOf(e.getMessage())),
                        Map.of(
                                "Retry-After",
                                String.valueOf(Math.ceilDiv(e.retryAfter().toMillis(), 1000))),
                        e);
            case ToolCallException e ->
                new ApiException(
                        500,
                        "server_error",
                        null,
                        "invalid_tool_call",
                        "The model called a tool in a way that cannot be understood: %s.".formatted(e.reason()));
            case CancellationException e -> cancelled();
            case ImageException e ->
                ApiException.invalid(null, "invalid_image", sentence(String.valueOf(e.getMessage())));
            case IllegalArgumentException e ->
                ApiException.invalid(null, "invalid_value", sentence(String.valueOf(e.getMessage())));
            case ClosedException e ->
                new ApiException(
                        503, "server_error", null, "model_unavailable", sentence(String.valueOf(e.getMessage())));
            case IllegalStateException e ->
                ApiException.invalid(null, "unsupported_value", sentence(String.valueOf(e.getMessage())));
            default -> {
                LOG.error("request {} failed", requestId, thrown);
                yield new ApiException(
                        500,
                        "server_error",
                        null,
                        "internal_error",
                        "The server had an error while processing the request %s.".formatted(requestId));
            }
        };
    }

    static ApiException cancelled() {
        return new ApiException(
                503, "server_error", null, "cancelled", "The answer was cancelled before it was complete.");
    }

    private static String sentence(String message) {
        return message.isEmpty()
                ? "The request failed."
                : message.substring(0, 1).toUpperCase(Locale.ROOT)
                        + message.substring(1)
                        + (message.endsWith(".") ? "" : ".");
    }

    /** Runs an operation of the library whose exceptions are about one field. */
    static <T> T at(String param, Supplier<T> operation) {
        try {
            return operation.get();
        } catch (ContextLengthException | ClosedException e) {
            throw e;
        } catch (IllegalArgumentException | IllegalStateException e) {
            throw new ApiException(
                    400,
                    ApiException.INVALID_REQUEST,
                    param,
                    "invalid_value",
                    "Invalid '%s': %s.".formatted(param, e.getMessage()),
                    Map.of(),
                    e);
        }
    }
}
