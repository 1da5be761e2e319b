package kawi.server.protocol;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Executors;
import kawi.Cancellation;
import org.jspecify.annotations.Nullable;

/** The least that makes an API an HTTP server. */
final class TestServer implements AutoCloseable {

    private final Api api;
    private final HttpServer server;

    TestServer(Api api) throws IOException {
        this.api = api;
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", this::exchange);
        server.start();
    }

    String url() {
        return "http://127.0.0.1:%d/v1".formatted(server.getAddress().getPort());
    }

    private void exchange(HttpExchange exchange) throws IOException {
        try (exchange) {
            ApiRequest request = new ApiRequest(
                    exchange.getRequestMethod(),
                    exchange.getRequestURI().getPath(),
                    exchange.getRequestBody().readAllBytes(),
                    new Cancellation(),
                    "test");
            ApiResponse response = api.handle(request);
            response.headers().forEach(exchange.getResponseHeaders()::set);
            switch (response) {
                case ApiResponse.Complete complete -> {
                    exchange.getResponseHeaders().set("Content-Type", complete.contentType());
                    exchange.sendResponseHeaders(complete.status(), complete.body().length);
                    exchange.getResponseBody().write(complete.body());
                }
                case ApiResponse.Events events -> {
                    exchange.getResponseHeaders().set("Content-Type", "text/event-stream");
                    exchange.sendResponseHeaders(200, 0);
                    events.source().writeTo(new Sink(exchange.getResponseBody()));
                }
            }
        }
    }

    private record Sink(OutputStream out) implements EventSink {
        @Override
        public void event(@Nullable String name, String data) throws IOException {
            write((name == null ? "" : "event: " + name + "\n") + "data: " + data + "\n\n");
        }

        @Override
        public void comment(String text) throws IOException {
            write(": " + text + "\n\n");
        }

        private void write(String text) throws IOException {
            out.write(text.getBytes(StandardCharsets.UTF_8));
            out.flush();
        }
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
