package kawi.server.protocol;

import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A response. */
public sealed interface ApiResponse {

    /** The headers in addition to those for the content, such as {@code Retry-After}. */
    Map<String, String> headers();

    /**
     * Returns an error in the form of OpenAI, for a request that a transport refuses by itself.
     *
     * @param status the HTTP status
     * @param type the kind of error in the words of OpenAI, such as {@code invalid_request_error}
     * @param code identifies the error for programs, or null
     * @param headers additional headers
     */
    static Complete error(int status, String type, @Nullable String code, String message, Map<String, String> headers) {
        return new ApiException(status, type, null, code, message, headers, null).response();
    }

    /**
     * A response with a body.
     *
     * @param status the HTTP status
     * @param headers additional headers
     * @param contentType such as {@code application/json}
     * @param body the body; the array is not copied and must not be modified
     */
    record Complete(int status, Map<String, String> headers, String contentType, byte[] body) implements ApiResponse {
        public Complete {
            headers = Map.copyOf(headers);
            Objects.requireNonNull(contentType, "contentType");
            Objects.requireNonNull(body, "body");
        }
    }

    /**
     * A response with status 200 and the content type {@code text/event-stream}.
     *
     * @param headers additional headers
     * @param source writes the events. The transport calls it once, or cancels the cancellation of the request
     */
    record Events(Map<String, String> headers, EventSource source) implements ApiResponse {
        public Events {
            headers = Map.copyOf(headers);
            Objects.requireNonNull(source, "source");
        }
    }
}
