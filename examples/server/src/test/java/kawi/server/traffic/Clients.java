package kawi.server.traffic;

import java.net.http.HttpClient;
import java.util.concurrent.ConcurrentLinkedDeque;

/**
 * HTTP clients for requests whose callers may leave. A client serves one request at a time.
 *
 * <p>The client of the JDK (25.0.3) keeps connections in a pool. A connection goes back to it when the last byte of a
 * response has been parsed, which is before the request counts as finished. If the request is cancelled or the stream
 * of its body is closed in between, the connection is closed although it may serve another request by then. That one
 * fails with "HTTP/1.1 header parser received no bytes", caused by "connection closed locally"; the server has done
 * nothing wrong. A client that is not shared, and not used again after its caller has left, has no other request.
 */
final class Clients implements AutoCloseable {

    private final ConcurrentLinkedDeque<HttpClient> idle = new ConcurrentLinkedDeque<>();
    private final ConcurrentLinkedDeque<HttpClient> stopped = new ConcurrentLinkedDeque<>();

    /** A client for one request. */
    final class Lease implements AutoCloseable {

        private final HttpClient client;
        private volatile boolean left;
        private boolean ended;

        private Lease(HttpClient client) {
            this.client = client;
        }

        HttpClient client() {
            return client;
        }

        /** Says that the caller leaves; call this before the request is cancelled or its body closed. */
        void leave() {
            left = true;
        }

        boolean hasLeft() {
            return left;
        }

        /** Says that the response has been read to its end. */
        void ended() {
            ended = true;
        }

        /** Keeps the client for another request if this one has ended and the caller has not left. */
        @Override
        public void close() {
            if (ended && !left) {
                idle.push(client);
            } else {
                client.shutdownNow();
                stopped.removeIf(HttpClient::isTerminated);
                stopped.add(client);
            }
        }
    }

    Lease lease() {
        HttpClient client = idle.poll();
        return new Lease(client == null ? HttpClient.newHttpClient() : client);
    }

    /** Closes all clients, which must not be in use, and their connections. New ones can be leased. */
    @Override
    public void close() {
        for (HttpClient client = idle.poll(); client != null; client = idle.poll()) {
            client.close();
        }
        for (HttpClient client = stopped.poll(); client != null; client = stopped.poll()) {
            client.close();
        }
    }
}
