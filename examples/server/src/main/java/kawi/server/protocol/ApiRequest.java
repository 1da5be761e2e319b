package kawi.server.protocol;

import java.util.Objects;
import kawi.Cancellation;

/**
 * A request, already authenticated and limited in size by the transport.
 *
 * @param method the HTTP method in upper case
 * @param path the path without the query, such as {@code /v1/chat/completions}
 * @param body the body; empty if there is none. The array is not copied and must not be modified
 * @param cancellation to be cancelled by the transport when the client goes away; ends the answer within one token
 * @param requestId identifies the request in the log
 */
public record ApiRequest(String method, String path, byte[] body, Cancellation cancellation, String requestId) {

    public ApiRequest {
        Objects.requireNonNull(method, "method");
        Objects.requireNonNull(path, "path");
        Objects.requireNonNull(body, "body");
        Objects.requireNonNull(cancellation, "cancellation");
        Objects.requireNonNull(requestId, "requestId");
    }

    /** Returns a path without the version at its beginning: {@code /models} for {@code /v1/models}. */
    public static String withoutVersion(String path) {
        return path.startsWith("/v1/") ? path.substring("/v1".length()) : path;
    }
}
