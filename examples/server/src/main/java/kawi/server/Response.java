package kawi.server;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Map;
import kawi.server.protocol.ApiResponse;

/**
 * The response of an exchange. The time that it spends writing is limited: a client that does not read lets the buffers
 * of the connection fill up, and then the next write blocks.
 */
final class Response {

    private static final int CHUNK_BYTES = 64 << 10;
    private static final String HEAD = "HEAD";

    private final HttpExchange exchange;
    private final Watch watch;
    private final long maxBudgetNanos;
    private int status;
    private boolean requestRead;
    private long budgetNanos;

    Response(HttpExchange exchange, Watch watch, Duration writeTime) {
        this.exchange = exchange;
        this.watch = watch;
        this.maxBudgetNanos = writeTime.toNanos();
        this.budgetNanos = maxBudgetNanos;
    }

    /** Returns the status that was sent, or 0. */
    int status() {
        return status;
    }

    /** Adds headers to those that are sent. */
    void headers(Map<String, String> headers) {
        Headers all = exchange.getResponseHeaders();
        headers.forEach(all::set);
    }

    /** Notes that the request has been read completely. */
    void requestRead() {
        requestRead = true;
    }

    /** Returns whether the request has been read completely. */
    boolean isRequestRead() {
        return requestRead;
    }

    /** Has the connection closed after the response. */
    void closeConnection() {
        exchange.getResponseHeaders().set("Connection", "close");
    }

    /** Sends a response. Its stream remains open. */
    void send(ApiResponse.Complete response) throws IOException {
        headers(response.headers());
        byte[] body = response.body();
        if (!response.contentType().isEmpty()) {
            headers(Map.of("Content-Type", response.contentType()));
        }
        status = response.status();
        if (exchange.getRequestMethod().equals(HEAD) && body.length > 0) {
            headers(Map.of("Content-Length", Integer.toString(body.length)));
        }
        boolean none = exchange.getRequestMethod().equals(HEAD) || body.length == 0;
        timed(() -> exchange.sendResponseHeaders(status, none ? -1 : body.length));
        if (none) {
            return;
        }
        OutputStream out = exchange.getResponseBody();
        for (int at = 0; at < body.length; at += CHUNK_BYTES) {
            int from = at;
            int count = Math.min(CHUNK_BYTES, body.length - at);
            timed(() -> out.write(body, from, count));
            earn(count);
        }
        timed(out::flush);
    }

    /** Sends the headers of a stream of events. */
    void sendEventHeaders(Map<String, String> headers) throws IOException {
        headers(headers);
        // Proxies that would collect a response before they pass it on are told not to.
        headers(Map.of("Content-Type", "text/event-stream", "X-Accel-Buffering", "no"));
        status = 200;
        timed(() ->
                exchange.sendResponseHeaders(status, exchange.getRequestMethod().equals(HEAD) ? -1 : 0));
        flush();
    }

    /** Writes a part of a stream of events, which is sent by {@link #flush}. */
    void write(byte[] bytes) throws IOException {
        OutputStream out = exchange.getResponseBody();
        timed(() -> out.write(bytes));
        earn(bytes.length);
    }

    private void earn(int bytes) {
        budgetNanos =
                Math.min(maxBudgetNanos, budgetNanos + Duration.ofSeconds(1).toNanos() * bytes / CHUNK_BYTES);
    }

    void flush() throws IOException {
        timed(exchange.getResponseBody()::flush);
    }

    /** Ends the response. */
    void end() throws IOException {
        timed(exchange.getResponseBody()::close);
    }

    @FunctionalInterface
    private interface Writing {
        void run() throws IOException;
    }

    private void timed(Writing writing) throws IOException {
        long begun = System.nanoTime();
        watch.limit(Duration.ofNanos(Math.max(0, budgetNanos)));
        try {
            writing.run();
        } finally {
            watch.unlimited();
            budgetNanos -= System.nanoTime() - begun;
        }
        if (watch.isExpired()) {
            throw new IOException("the client does not read the response");
        }
    }
}
