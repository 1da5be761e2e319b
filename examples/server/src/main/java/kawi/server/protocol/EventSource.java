package kawi.server.protocol;

import java.io.IOException;

/** The events of a response. */
@FunctionalInterface
public interface EventSource {

    /**
     * Writes all events, as they occur. Blocks until the last one has been written or the request has been cancelled.
     *
     * @throws IOException if the sink throws one; the answer is then cancelled
     */
    void writeTo(EventSink sink) throws IOException;
}
