package kawi.server;

import java.util.Map;
import kawi.server.protocol.ApiResponse;
import org.jspecify.annotations.Nullable;

/** A request that the transport refuses, with the error in the form of OpenAI. */
final class Refusal extends Exception {

    private static final long serialVersionUID = 1;

    private final int status;
    private final @Nullable String code;
    private final transient Map<String, String> headers;

    Refusal(int status, @Nullable String code, String message) {
        this(status, code, message, Map.of());
    }

    Refusal(int status, @Nullable String code, String message, Map<String, String> headers) {
        super(message, null, false, false);
        this.status = status;
        this.code = code;
        this.headers = headers;
    }

    int status() {
        return status;
    }

    ApiResponse.Complete response() {
        return ApiResponse.error(status, type(), code, String.valueOf(getMessage()), headers);
    }

    private String type() {
        return switch (status) {
            case 401 -> "authentication_error";
            case 403 -> "permission_error";
            case 429 -> "rate_limit_error";
            case 503 -> "overloaded_error";
            default -> status < 500 ? "invalid_request_error" : "server_error";
        };
    }
}
