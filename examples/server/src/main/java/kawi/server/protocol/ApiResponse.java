package kawi.server.protocol;

import java.util.Map;
import java.util.Objects;

/** A response. */
public sealed interface ApiResponse {

    /** The headers in addition to those for the content, such as {@code Retry-After}. */
    Map<String, String> headers();

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
