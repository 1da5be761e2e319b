package kawi.server.protocol;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** A request that fails, with what its response says. */
final class ApiException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    static final String INVALID_REQUEST = "invalid_request_error";

    private final int status;
    private final String type;
    private final @Nullable String param;
    private final @Nullable String code;
    private final transient Map<String, String> headers;

    /**
     * @param type the kind of error in the words of OpenAI, such as {@code invalid_request_error}
     * @param param the path of the field that is wrong, or null
     * @param code identifies the error for programs, or null
     */
    ApiException(int status, String type, @Nullable String param, @Nullable String code, String message) {
        this(status, type, param, code, message, Map.of(), null);
    }

    ApiException(
            int status,
            String type,
            @Nullable String param,
            @Nullable String code,
            String message,
            Map<String, String> headers,
            @Nullable Throwable cause) {
        super(message, cause);
        this.status = status;
        this.type = type;
        this.param = param;
        this.code = code;
        this.headers = headers;
    }

    /** A field whose value is wrong. */
    static ApiException invalid(@Nullable String param, String code, String message) {
        return new ApiException(400, INVALID_REQUEST, param, code, message);
    }

    /** A field that is known and cannot be honoured. */
    static ApiException unsupported(String param, String reason) {
        return invalid(param, "unsupported_parameter", "Unsupported parameter: '%s': %s.".formatted(param, reason));
    }

    @Nullable String code() {
        return code;
    }

    int status() {
        return status;
    }

    /** The object under the key {@code error}. */
    ObjectNode error() {
        return JsonNodeFactory.instance
                .objectNode()
                .put("message", getMessage())
                .put("type", type)
                .put("param", param)
                .put("code", code);
    }

    ApiResponse.Complete response() {
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        body.set("error", error());
        return Json.response(status, headers, body);
    }
}
