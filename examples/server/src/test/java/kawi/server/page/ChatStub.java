package kawi.server.page;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A server that gives the page and, in place of a model, the answers of a test. It sends the strictest policy that the
 * page must work under.
 */
final class ChatStub implements AutoCloseable {

    private static final String POLICY =
            "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; "
                    + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
    private static final Map<String, String> TYPES = Map.of(
            "html", "text/html; charset=utf-8",
            "css", "text/css; charset=utf-8",
            "js", "text/javascript; charset=utf-8",
            "svg", "image/svg+xml");

    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final BlockingQueue<Answer> answers = new LinkedBlockingQueue<>();
    private final List<JsonNode> requests = new CopyOnWriteArrayList<>();
    private volatile String key = "";
    private volatile String modalities = "\"text\"";
    private volatile CountDownLatch models = new CountDownLatch(0);

    /** What answers a request. */
    @FunctionalInterface
    interface Answer {
        void send(Events events) throws Exception;
    }

    ChatStub() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.createContext("/", this::page);
        server.createContext("/v1/models", exchange -> {
            await(models);
            if (authorized(exchange)) {
                json(
                        exchange,
                        200,
                        "{\"object\":\"list\",\"data\":[{\"id\":\"stub-1\",\"object\":\"model\",\"architecture\":"
                                + "{\"input_modalities\":[%s]}}]}".formatted(modalities));
            }
        });
        server.createContext("/v1/chat/completions", this::chat);
        server.start();
    }

    URI address() {
        return URI.create("http://localhost:%d/".formatted(server.getAddress().getPort()));
    }

    /** Adds what answers the next request that has no answer yet. */
    void answer(Answer answer) {
        answers.add(answer);
    }

    /** Adds an answer that consists of a text in one piece. */
    void answer(String text) {
        answer(events -> events.text(text).finish("stop", 3));
    }

    /** Does not tell the models before the latch is open. */
    void holdModels(CountDownLatch latch) {
        models = latch;
    }

    private static void await(CountDownLatch latch) throws IOException {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    /** Describes the model as one that sees images from now on. */
    void seeImages() {
        modalities = "\"text\",\"image\"";
    }

    /** Requires a key from now on. */
    void requireKey(String required) {
        key = required;
    }

    /** Returns the requests for answers so far. */
    List<JsonNode> requests() {
        return requests;
    }

    private boolean authorized(HttpExchange exchange) throws IOException {
        String given = exchange.getRequestHeaders().getFirst("Authorization");
        if (key.isEmpty() || ("Bearer " + key).equals(given)) {
            return true;
        }
        json(exchange, 401, error("The API key is missing or wrong."));
        return false;
    }

    private void page(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        String name = path.equals("/") ? "index.html" : path.substring(1);
        try (InputStream file = ChatStub.class.getResourceAsStream("/kawi/server/page/" + name)) {
            if (file == null || name.contains("/")) {
                json(exchange, 404, error("There is no " + path));
                return;
            }
            exchange.getResponseHeaders().set("Content-Type", TYPES.get(name.substring(name.lastIndexOf('.') + 1)));
            exchange.getResponseHeaders().set("Content-Security-Policy", POLICY);
            exchange.getResponseHeaders().set("X-Content-Type-Options", "nosniff");
            send(exchange, 200, file.readAllBytes());
        }
    }

    private void chat(HttpExchange exchange) throws IOException {
        JsonNode request;
        try (InputStream body = exchange.getRequestBody()) {
            request = JsonMapper.shared().readTree(body.readAllBytes());
        }
        if (!authorized(exchange)) {
            return;
        }
        requests.add(request);
        try {
            answers.take().send(new Events(exchange));
        } catch (IOException e) {
            throw e; // the client has gone away
        } catch (Exception e) {
            throw new IOException(e);
        } finally {
            exchange.close();
        }
    }

    private static String error(String message) {
        return JsonMapper.shared().writeValueAsString(Map.of("error", Map.of("message", message)));
    }

    private static void json(HttpExchange exchange, int status, String body) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        send(exchange, status, body.getBytes(StandardCharsets.UTF_8));
    }

    private static void send(HttpExchange exchange, int status, byte[] body) throws IOException {
        exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
        try (OutputStream out = exchange.getResponseBody()) {
            out.write(body);
        }
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }

    /** The response to one request. */
    static final class Events {

        private final HttpExchange exchange;
        private @Nullable OutputStream out;

        Events(HttpExchange exchange) {
            this.exchange = exchange;
        }

        /** Refuses the request. */
        void refuse(int status, String message, Map<String, String> headers) throws IOException {
            headers.forEach(exchange.getResponseHeaders()::set);
            json(exchange, status, error(message));
        }

        /** Sends bytes of the stream as they are. */
        Events raw(String text) throws IOException {
            if (out == null) {
                exchange.getResponseHeaders().set("Content-Type", "text/event-stream");
                exchange.sendResponseHeaders(200, 0);
                out = exchange.getResponseBody();
            }
            out.write(text.getBytes(StandardCharsets.UTF_8));
            out.flush();
            return this;
        }

        Events delta(Object delta) throws IOException {
            return event(Map.of("choices", List.of(Map.of("index", 0, "delta", delta))));
        }

        Events text(String piece) throws IOException {
            return delta(Map.of("content", piece));
        }

        Events thought(String piece) throws IOException {
            return delta(Map.of("reasoning_content", piece, "reasoning", piece));
        }

        Events event(Object object) throws IOException {
            return raw("data: " + JsonMapper.shared().writeValueAsString(object) + "\n\n");
        }

        /** Ends the stream properly. */
        void finish(String reason, int tokens) throws IOException {
            event(Map.of("choices", List.of(Map.of("index", 0, "delta", Map.of(), "finish_reason", reason))));
            event(Map.of("choices", List.of(), "usage", Map.of("prompt_tokens", 9, "completion_tokens", tokens)));
            raw("data: [DONE]\n\n");
        }
    }
}
