package kawi.server.protocol;

/** Answers requests. Implementations are safe for use by multiple threads. */
@FunctionalInterface
public interface Api {

    /**
     * Answers a request. Blocks until the response is complete or, if it is a stream of events, until the answer has
     * begun, so that a failure before that has its own status. May be called on a virtual thread. Failures are
     * responses; nothing is thrown.
     */
    ApiResponse handle(ApiRequest request);
}
