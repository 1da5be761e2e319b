package kawi.server;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import kawi.Cancellation;
import kawi.server.protocol.ApiRequest;
import kawi.server.protocol.ApiResponse;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers HTTP requests: checks them, answers those that concern the server itself, and gives the others to the API.
 *
 * <p>The order of the checks is that of their cost, and nothing of a body is read before the client is known to be
 * allowed to send one.
 */
final class RequestHandler implements HttpHandler {

    private static final Logger LOGGER = LoggerFactory.getLogger(Server.class);

    private static final int MAX_URI = 8 << 10;
    private static final int MAX_FRAMES = 20;
    private static final int MAX_LOGGED = 100;
    private static final Pattern NOT_PRINTABLE = Pattern.compile("[^!#-~]");
    private static final int LINGER_BYTES = 64 << 20;
    private static final Duration LINGER_TIME = Duration.ofSeconds(5);
    private static final String METHODS = "GET, HEAD, POST, OPTIONS";

    /** Paths at which text is generated; they also exist without the version. */
    private static final Set<String> ANSWERS = Set.of("/chat/completions", "/completions", "/responses");

    /** Paths that have figures of their own; clients must not determine the number of series. */
    private static final Set<String> MEASURED = Set.of(
            "/",
            "/health",
            "/metrics",
            "/props",
            "/tokenize",
            "/detokenize",
            "/tokenizer_info",
            "/apply-template",
            "/models",
            "/chat/completions",
            "/completions",
            "/responses",
            "/embeddings");

    private static final byte[] COMMENT = ": keep-alive\n\n".getBytes(StandardCharsets.US_ASCII);

    private final Work work;
    private final Access access;
    private final Limits limits;
    private final RequestBodies bodies;
    private final Peers peers;
    private final Metrics metrics;
    private final Page page = new Page();
    private final Supplier<String> figures;
    private final Consumer<String> log;

    /**
     * Creates a handler.
     *
     * @param figures returns the text for {@code /metrics}
     * @param log takes a line for each request
     */
    RequestHandler(
            Work work,
            Access access,
            Limits limits,
            Peers peers,
            Metrics metrics,
            Supplier<String> figures,
            Consumer<String> log) {
        this.work = work;
        this.access = access;
        this.limits = limits;
        this.bodies = new RequestBodies(limits.bodyBytes(), 8L * limits.bodyBytes());
        this.peers = peers;
        this.metrics = metrics;
        this.figures = figures;
        this.log = log;
    }

    @Override
    public void handle(HttpExchange exchange) throws IOException {
        long begun = System.nanoTime();
        Watch watch = RequestThreads.watch();
        Response response = new Response(exchange, watch, limits.writeTime());
        String id = RequestIds.of(exchange.getRequestHeaders().getFirst("X-Request-Id"));
        String path = exchange.getRequestURI().getRawPath();
        InetAddress address = exchange.getRemoteAddress().getAddress();
        watch.limit(limits.receiveTime());
        boolean complete = false;
        boolean unread = false;
        work.activity().begin();
        try {
            response.headers(
                    Map.of("X-Request-Id", id, "X-Content-Type-Options", "nosniff", "Cache-Control", "no-store"));
            try {
                respond(exchange, watch, response, id, path, begun);
            } catch (Refusal refusal) {
                unread = refuse(exchange, response, refusal);
            }
            complete = true;
        } catch (InterruptedException e) {
            throw new IOException("the client has gone away", e); // has the server close the connection
        } finally {
            work.activity().end();
            Duration time = Duration.ofNanos(System.nanoTime() - begun);
            metrics.request(measured(path), response.status(), time);
            if (!complete) {
                metrics.disconnected();
            }
            log.accept(line(id, address, exchange.getRequestMethod(), path, response.status(), complete, time));
        }
        if (unread) {
            watch.limit(LINGER_TIME);
            discard(exchange.getRequestBody());
            response.end();
        }
        watch.limit(limits.receiveTime()); // for what the server does with the connection after this
    }

    /** Returns a line of the log. Nothing in it can look like another line, or control a terminal. */
    private static String line(
            String id, InetAddress address, String method, String path, int status, boolean complete, Duration time) {
        return String.format(
                Locale.ROOT,
                "%s %s \"%s %s\" %d%s %.3f s",
                id,
                address.getHostAddress(),
                printable(method),
                printable(path),
                status,
                complete ? "" : " aborted",
                time.toNanos() / 1e9);
    }

    private static String printable(String text) {
        String start = text.length() > MAX_LOGGED ? text.substring(0, MAX_LOGGED) + "..." : text;
        return NOT_PRINTABLE.matcher(start).replaceAll("?");
    }

    private void respond(HttpExchange exchange, Watch watch, Response response, String id, String path, long begun)
            throws IOException, InterruptedException, Refusal {
        Headers headers = exchange.getRequestHeaders();
        checkSize(exchange);
        access.checkHost(exchange.getProtocol(), headers);
        response.headers(access.checkOrigin(headers));
        String method = exchange.getRequestMethod();
        if (method.equals("OPTIONS")) {
            response.send(options(headers));
            return;
        }
        Optional<ApiResponse.Complete> file = page.file(path);
        if (file.isPresent() || path.equals("/health")) {
            requireGet(path, method);
            response.send(file.isPresent() ? file.get() : health());
            response.end();
            return;
        }
        access.checkKey(headers);
        if (path.equals("/metrics")) {
            requireGet(path, method);
            response.send(text(200, Metrics.CONTENT_TYPE, figures.get()));
            response.end();
            return;
        }
        boolean generates = ANSWERS.contains(ApiRequest.withoutVersion(path)) && method.equals("POST");
        work.check(generates);
        RequestBodies.Body body = bodies.read(exchange.getRequestBody(), length(headers));
        response.requestRead();
        watch.unlimited();
        ApiRequest request =
                new ApiRequest(method.equals("HEAD") ? "GET" : method, path, body.bytes(), new Cancellation(), id);
        Answer answer;
        try {
            answer = work.start(request, generates, body::close);
        } catch (Refusal refusal) {
            body.close();
            throw refusal;
        }
        boolean complete = false;
        try (Peers.Peer _ = peers.watch(exchange.getLocalAddress(), exchange.getRemoteAddress(), () -> {
            answer.abandon();
            watch.abort();
        })) {
            write(answer, request, response, begun);
            complete = true;
        } finally {
            if (!complete) {
                answer.abandon();
            }
        }
    }

    private static String measured(String path) {
        return MEASURED.contains(ApiRequest.withoutVersion(path)) ? path : "other";
    }

    private void checkSize(HttpExchange exchange) throws Refusal {
        int line = exchange.getRequestURI().toString().length();
        if (line > Math.min(MAX_URI, limits.headerBytes())) {
            throw new Refusal(
                    414,
                    null,
                    "the address of the request has %d characters, expected %d at most".formatted(line, MAX_URI));
        }
        long size = line;
        for (Map.Entry<String, List<String>> header :
                exchange.getRequestHeaders().entrySet()) {
            for (String value : header.getValue()) {
                size += header.getKey().length() + value.length() + 4;
            }
        }
        if (size > limits.headerBytes()) {
            throw new Refusal(
                    431,
                    null,
                    "the header of the request has %d bytes, the limit of this server is %d"
                            .formatted(size, limits.headerBytes()));
        }
    }

    /** Returns the length of the body, or -1 if the header does not give it. */
    private static long length(Headers headers) throws Refusal {
        String value = headers.getFirst("Content-Length");
        if (value == null) {
            return -1;
        }
        try {
            return Long.parseUnsignedLong(value.strip());
        } catch (NumberFormatException e) {
            throw new Refusal(400, null, "the length of the request's body is not a number");
        }
    }

    private static ApiResponse.Complete options(Headers headers) {
        boolean preflight = headers.containsKey("Origin") && headers.containsKey("Access-Control-Request-Method");
        Map<String, String> response = preflight
                ? Map.of(
                        "Access-Control-Allow-Methods", METHODS,
                        "Access-Control-Allow-Headers", "Authorization, Content-Type, X-Request-Id",
                        "Access-Control-Max-Age", "600")
                : Map.of("Allow", METHODS);
        return new ApiResponse.Complete(204, response, "", new byte[0]);
    }

    private static void requireGet(String path, String method) throws Refusal {
        if (!method.equals("GET") && !method.equals("HEAD")) {
            throw new Refusal(
                    405,
                    "method_not_allowed",
                    "%s does not support %s".formatted(path, method),
                    Map.of("Allow", "GET, HEAD, OPTIONS"));
        }
    }

    private ApiResponse.Complete health() {
        return work.isStopping()
                ? text(503, "application/json", "{\"status\":\"stopping\"}")
                : text(200, "application/json", "{\"status\":\"ok\"}");
    }

    private static ApiResponse.Complete text(int status, String contentType, String text) {
        return new ApiResponse.Complete(status, Map.of(), contentType, text.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Sends a refusal. If the client is still sending its request, the server must read on for a while before the
     * connection is closed: otherwise the operating system would reset the connection, and the client would not see
     * why.
     *
     * @return whether the request has not been read completely
     */
    private static boolean refuse(HttpExchange exchange, Response response, Refusal refusal) throws IOException {
        Headers headers = exchange.getRequestHeaders();
        boolean unread = !response.isRequestRead()
                && (headers.containsKey("Transfer-Encoding")
                        || !"0"
                                .equals(headers.getOrDefault("Content-Length", List.of("0"))
                                        .getFirst()));
        if (unread) {
            response.closeConnection();
        }
        response.send(refusal.response());
        if (!unread) {
            response.end();
        }
        return unread;
    }

    private static void discard(InputStream in) throws IOException {
        byte[] buffer = new byte[16 << 10];
        int count = 0;
        int read;
        while (count < LINGER_BYTES && (read = in.read(buffer)) >= 0) {
            count += read;
        }
    }

    /** Writes the response of the API. */
    private void write(Answer answer, ApiRequest request, Response response, long begun)
            throws IOException, InterruptedException, Refusal {
        switch (answer.take()) {
            case Answer.Item.Response(ApiResponse.Complete whole) -> response.send(whole);
            case Answer.Item.Response(ApiResponse.Events events) -> {
                response.sendEventHeaders(events.headers());
                writeEvents(answer, request, response, begun);
            }
            case Answer.Item.End _
            when request.cancellation().isCancelled() ->
                throw new IOException("the client left before the answer began");
            case Answer.Item.End end -> throw failed(request, end.failure());
            case Answer.Item.Event event -> throw new IllegalStateException("an event precedes the response");
        }
        response.end();
    }

    private void writeEvents(Answer answer, ApiRequest request, Response response, long begun)
            throws IOException, InterruptedException {
        boolean any = false;
        while (true) {
            Answer.Item item = answer.poll(limits.keepAlive().toNanos());
            switch (item) {
                case null -> response.write(COMMENT);
                case Answer.Item.Event event -> {
                    if (!any) {
                        metrics.firstEvent(measured(request.path()), Duration.ofNanos(System.nanoTime() - begun));
                        any = true;
                    }
                    response.write(event.bytes());
                }
                case Answer.Item.End end -> {
                    if (request.cancellation().isCancelled()) {
                        // The client must not take what it has for a complete answer.
                        throw new IOException("the answer was cancelled");
                    }
                    if (end.failure() != null) {
                        response.write(Answer.event(
                                failed(request, end.failure()).response().body()));
                    }
                    return;
                }
                case Answer.Item.Response second -> throw new IllegalStateException("there is a second response");
            }
            if (!answer.hasNext()) {
                response.flush();
            }
        }
    }

    /**
     * Reports an unexpected failure. Its message may quote what the client has sent, so the log has the type and the
     * place only.
     */
    private static Refusal failed(ApiRequest request, @Nullable Throwable failure) {
        if (failure != null) {
            String place = Arrays.stream(failure.getStackTrace())
                    .limit(MAX_FRAMES)
                    .map(frame -> "\n    at " + frame)
                    .collect(Collectors.joining());
            LOGGER.error(
                    "{} failed: {}{}", request.requestId(), failure.getClass().getName(), place);
        }
        return new Refusal(
                500,
                "internal_error",
                "the request failed unexpectedly; the log has the reason at " + request.requestId());
    }
}
