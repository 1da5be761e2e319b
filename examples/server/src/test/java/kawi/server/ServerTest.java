package kawi.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What well-behaved clients see. */
class ServerTest {

    private final StubApi api = new StubApi();
    private final List<String> log = new CopyOnWriteArrayList<>();
    private Server server = start(builder());

    private Server.Builder builder() {
        return Server.builder().api(api).log(log::add);
    }

    private static Server start(Server.Builder builder) {
        return builder.start();
    }

    private void restart(Server.Builder builder) {
        server.close();
        server = start(builder);
    }

    @AfterEach
    void close() {
        server.close();
    }

    private static JsonNode error(RawClient.Response response) {
        return JsonMapper.shared().readTree(response.body()).get("error");
    }

    @Test
    void aRequestIsAnswered() throws IOException {
        try (RawClient client = new RawClient(server)) {
            RawClient.Response response =
                    client.post("/v1/chat/completions", "hello").response();
            assertEquals(200, response.status());
            assertEquals("POST /v1/chat/completions hello", response.body());
            assertEquals("application/json", response.header("Content-Type"));
            assertEquals("no-store", response.header("Cache-Control"));
            assertEquals("nosniff", response.header("X-Content-Type-Options"));
            // the connection is used again
            assertEquals("GET /v1/models ", client.get("/v1/models").response().body());
        }
    }

    @Test
    void theClientOfTheJdkIsAnswered() throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpResponse<String> response = client.send(
                    HttpRequest.newBuilder(server.uri().resolve("/v1/completions"))
                            .POST(HttpRequest.BodyPublishers.ofString("grüße"))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            assertEquals("POST /v1/completions grüße", response.body());
        }
    }

    @Test
    void eventsArriveOneByOne() throws IOException {
        try (RawClient client = new RawClient(server)) {
            client.post("/v1/chat/completions", "stream");
            api.steps.release();
            RawClient.Response head = client.head();
            assertEquals(200, head.status());
            assertEquals("text/event-stream", head.header("Content-Type"));
            assertEquals("no", head.header("X-Accel-Buffering"));
            assertEquals("data: {\"event\": 0}\n\n", client.chunk());
            for (int i = 1; i < 3; i++) {
                api.steps.release(); // the next event is produced only after the last one has been seen
                assertEquals("data: {\"event\": %d}\n\n".formatted(i), client.chunk());
            }
            api.steps.release();
            String end = client.chunk();
            end = end.contains("DONE") ? end : end + client.chunk();
            assertEquals("data: {\"event\": 3}\n\ndata: [DONE]\n\n", end);
            assertEquals("", client.chunk());
        }
    }

    @Test
    void aCommentIsWrittenWhileNothingIsProduced() throws IOException {
        restart(builder().limits(Limits.defaults().keepAlive(Duration.ofMillis(20))));
        try (RawClient client = new RawClient(server)) {
            client.post("/v1/chat/completions", "stream").head();
            assertEquals(": keep-alive\n\n", client.chunk());
            assertEquals(": keep-alive\n\n", client.chunk());
            api.steps.release(4);
            String chunk = client.chunk();
            while (chunk.equals(": keep-alive\n\n")) {
                chunk = client.chunk();
            }
            assertTrue(chunk.startsWith("data: {\"event\": 0}\n\n"), chunk);
        }
    }

    @Test
    void aFailureIsAnErrorWithoutItsMessage() throws IOException {
        try (RawClient client = new RawClient(server)) {
            RawClient.Response response = client.post("/v1/chat/completions", "fail", "X-Request-Id: abc")
                    .response();
            assertEquals(500, response.status());
            assertEquals("server_error", error(response).get("type").asString());
            assertTrue(error(response).get("message").asString().contains("abc"), response.body());
            assertFalse(response.body().contains("secret"), response.body());

            RawClient.Response stream =
                    client.post("/v1/chat/completions", "fail later").response();
            assertEquals(200, stream.status());
            assertTrue(stream.body().startsWith("data: first\n\ndata: {\"error\":"), stream.body());
            assertFalse(stream.body().contains("secret"), stream.body());
        }
    }

    @Test
    void healthIsKnownWithoutAKey() throws IOException {
        restart(builder().apiKey("k"));
        try (RawClient client = new RawClient(server)) {
            assertEquals("{\"status\":\"ok\"}", client.get("/health").response().body());
            RawClient.Response head = client.send("HEAD /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
                    .headResponse();
            assertEquals(200, head.status());
            assertEquals("15", head.header("Content-Length"));
            assertEquals("{\"status\":\"ok\"}", client.get("/health").response().body());
        }
    }

    @Test
    void thePageAndItsFilesAreServedWithoutAKey() throws IOException {
        restart(builder().apiKey("k"));
        try (RawClient client = new RawClient(server)) {
            RawClient.Response page = client.get("/").response();
            assertEquals(200, page.status());
            assertEquals("text/html; charset=utf-8", page.header("Content-Type"));
            assertTrue(page.header("Content-Security-Policy").startsWith("default-src 'none'; script-src 'self'; "));
            assertTrue(page.body().startsWith("<!doctype html>"), page.body());
            RawClient.Response script = client.get("/page.js").response();
            assertEquals("text/javascript; charset=utf-8", script.header("Content-Type"));
            assertEquals(page.body(), client.get("/index.html").response().body());
            for (String path : List.of("/none.js", "/page", "/page/index.html", "/Page.class", "/../page/page.js")) {
                assertEquals(401, client.get(path).response().status(), path);
            }
        }
    }

    @Test
    void figuresCountRequests() throws IOException {
        try (RawClient client = new RawClient(server)) {
            client.post("/v1/completions", "one").response();
            client.post("/v1/completions", "two").response();
            client.get("/strange/path").response();
            // A request is counted after its response has been sent.
            Wait.until("the requests are counted", () -> {
                String counted = metrics(client);
                return counted.contains("path=\"other\",status=\"200\"} 1\n")
                        && counted.contains("path=\"/v1/completions\",status=\"200\"} 2\n")
                        && counted.contains("\nkawi_answers 0\n");
            });
            RawClient.Response response = client.get("/metrics").response();
            assertEquals("text/plain; version=0.0.4; charset=utf-8", response.header("Content-Type"));
            String body = response.body();
            assertTrue(body.contains("kawi_requests_total{path=\"/v1/completions\",status=\"200\"} 2\n"), body);
            assertTrue(
                    body.contains("kawi_request_duration_seconds_bucket{path=\"/v1/completions\",le=\"+Inf\"} 2\n"),
                    body);
            assertTrue(body.contains("\nkawi_answers 0\n"), body);
            body.lines()
                    .filter(line -> !line.startsWith("#"))
                    .forEach(line -> assertTrue(line.matches("[a-z_]+(\\{([a-z]+=\"[^\"]*\",?)+})? [0-9.E+-]+"), line));
        }
    }

    @Test
    void requestsWithoutTheKeyAreRefused() throws IOException {
        restart(builder().apiKey("correct horse".replace(' ', '-')));
        for (String header : List.of(
                "X-Nothing: 1",
                "Authorization: Bearer correct-horsf",
                "Authorization: Bearer correct-horse-battery",
                "Authorization: Bearer correct",
                "Authorization: Bearer ",
                "Authorization: Basic correct-horse",
                "Authorization: correct-horse")) {
            try (RawClient client = new RawClient(server)) {
                RawClient.Response response =
                        client.post("/v1/completions", "hello", header).response();
                assertEquals(401, response.status(), header);
                assertEquals("invalid_api_key", error(response).get("code").asString());
                assertEquals("Bearer", response.header("WWW-Authenticate"));
            }
        }
        for (String path : List.of("/metrics", "/v1/models", "/unknown")) {
            try (RawClient client = new RawClient(server)) {
                assertEquals(401, client.get(path).response().status(), path);
            }
        }
        assertEquals(List.of(), api.requests);
        try (RawClient client = new RawClient(server)) {
            String key = "Authorization: Bearer correct-horse";
            assertEquals(
                    "POST /v1/completions hello",
                    client.post("/v1/completions", "hello", key).response().body());
            assertEquals(
                    200,
                    client.get("/metrics", "authorization: bearer correct-horse")
                            .response()
                            .status());
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "localhost",
                "localhost:81",
                "127.0.0.1",
                "[::1]:8080",
                "LOCALHOST",
                "127.9.8.7",
                "kawi.localhost:1"
            })
    void theLoopbackAddressHasTheseNames(String host) throws IOException {
        try (RawClient client = new RawClient(server)) {
            client.send("GET /v1/models HTTP/1.1\r\nHost: %s\r\n\r\n".formatted(host));
            assertEquals(200, client.response().status());
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "evil.example",
                "evil.example:80",
                "localhost.evil.example",
                "127.0.0.1.evil.example",
                "localhost@evil",
                "",
                "[::2]"
            })
    void otherNamesAreRefused(String host) throws IOException {
        try (RawClient client = new RawClient(server)) {
            client.send("GET /v1/models HTTP/1.1\r\nHost: %s\r\n\r\n".formatted(host));
            RawClient.Response response = client.response();
            assertEquals(403, response.status());
            assertEquals("host_not_allowed", error(response).get("code").asString());
        }
        assertEquals(List.of(), api.requests);
    }

    @Test
    void furtherNamesCanBeAllowed() throws IOException {
        restart(builder().hosts("Kawi.example"));
        try (RawClient client = new RawClient(server)) {
            client.send("GET /v1/models HTTP/1.1\r\nHost: kawi.EXAMPLE:443\r\n\r\n");
            assertEquals(200, client.response().status());
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Origin: https://evil.example",
                "Origin: null",
                "Origin: http://localhost:1",
                "Origin: http://localhost.evil.example",
                "Sec-Fetch-Site: cross-site",
                "Sec-Fetch-Site: same-site"
            })
    void otherOriginsAreRefused(String header) throws IOException {
        try (RawClient client = new RawClient(server)) {
            RawClient.Response response =
                    client.post("/v1/chat/completions", "hello", header).response();
            assertEquals(403, response.status());
            assertEquals("origin_not_allowed", error(response).get("code").asString());
            assertEquals("", response.header("Access-Control-Allow-Origin"));
        }
        assertEquals(List.of(), api.requests);
    }

    @Test
    void thePageOfTheServerMayUseIt() throws IOException {
        try (RawClient client = new RawClient(server)) {
            RawClient.Response response = client.post("/v1/chat/completions", "hello", "Origin: http://localhost")
                    .response();
            assertEquals(200, response.status());
            assertEquals(
                    200,
                    client.get("/health", "Sec-Fetch-Site: same-origin")
                            .response()
                            .status());
            // a link on another page
            assertEquals(
                    200,
                    client.get("/health", "Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: navigate")
                            .response()
                            .status());
        }
    }

    @Test
    void anAllowedOriginIsToldSo() throws IOException {
        restart(builder().cors("https://app.example").apiKey("k"));
        try (RawClient client = new RawClient(server)) {
            RawClient.Response preflight =
                    client.send("""
                            OPTIONS /v1/chat/completions HTTP/1.1
                            Host: localhost
                            Origin: https://app.example
                            Access-Control-Request-Method: POST
                            Access-Control-Request-Headers: authorization

                            """.replace("\n", "\r\n")).response();
            assertEquals(204, preflight.status());
            assertEquals("https://app.example", preflight.header("Access-Control-Allow-Origin"));
            assertTrue(preflight.header("Access-Control-Allow-Headers").contains("Authorization"));
            assertTrue(preflight.header("Access-Control-Allow-Methods").contains("POST"));

            String[] headers = {"Origin: https://app.example", "Authorization: Bearer k"};
            RawClient.Response response =
                    client.post("/v1/completions", "hello", headers).response();
            assertEquals(200, response.status());
            assertEquals("https://app.example", response.header("Access-Control-Allow-Origin"));
            assertEquals("Origin", response.header("Vary"));
        }
        try (RawClient client = new RawClient(server)) {
            assertEquals(
                    403,
                    client.get("/health", "Origin: https://other.example")
                            .response()
                            .status());
        }
    }

    @Test
    void everyOriginCanBeAllowed() throws IOException {
        restart(builder().cors("*"));
        try (RawClient client = new RawClient(server)) {
            RawClient.Response response =
                    client.get("/v1/models", "Origin: null").response();
            assertEquals("*", response.header("Access-Control-Allow-Origin"));
        }
    }

    @Test
    void aRequestIdIsReturnedAndLogged() throws IOException {
        try (RawClient client = new RawClient(server)) {
            String path = "/v1/completions?prompt=private";
            assertEquals(
                    "a.B-1",
                    client.post(path, "words", "X-Request-Id: a.B-1").response().header("X-Request-Id"));
            // A line is written after its response has been sent, so two requests could write theirs in either order.
            Wait.until("a line of the log", () -> log.size() == 1);
            String made = client.post("/v1/completions", "words").response().header("X-Request-Id");
            assertTrue(made.matches("req_[0-9a-f]{16}"), made);
            Wait.until("two lines of the log", () -> log.size() == 2);
            assertTrue(
                    log.get(0).matches("a\\.B-1 127\\.0\\.0\\.1 \"POST /v1/completions\" 200 [0-9.]+ s"), log.get(0));
            assertTrue(log.get(1).startsWith(made), log.get(1));
        }
    }

    @Test
    void theLogHasNoControlCharacters() throws IOException {
        try (RawClient client = new RawClient(server)) {
            client.send("G\u001b[2JT\"\n /v1/models\u00e9 HTTP/1.1\r\nHost: localhost\r\n\r\n")
                    .response();
        }
        Wait.until("a line of the log", () -> !log.isEmpty());
        assertTrue(log.getFirst().contains(" \"G?[2JT?? /v1/models??\" 200 "), log.getFirst());
    }

    @ParameterizedTest
    @CsvSource({"PUT,/health", "POST,/metrics", "DELETE,/", "TRACE,/health"})
    void otherMethodsAreRefused(String method, String path) throws IOException {
        try (RawClient client = new RawClient(server)) {
            RawClient.Response response = client.send(
                            "%s %s HTTP/1.1\r\nHost: localhost\r\n\r\n".formatted(method, path))
                    .response();
            assertEquals(405, response.status());
            assertEquals("GET, HEAD, OPTIONS", response.header("Allow"));
            assertEquals("method_not_allowed", error(response).get("code").asString());
        }
    }

    @Test
    void methodsAreListed() throws IOException {
        try (RawClient client = new RawClient(server)) {
            RawClient.Response response = client.send("OPTIONS /v1/models HTTP/1.1\r\nHost: localhost\r\n\r\n")
                    .response();
            assertEquals(204, response.status());
            assertEquals("GET, HEAD, POST, OPTIONS", response.header("Allow"));
        }
    }

    @Test
    void tooManyAnswersAreRefusedWithATimeToRetry() throws IOException {
        restart(builder().limits(Limits.defaults().answers(2)));
        try (RawClient first = new RawClient(server);
                RawClient second = new RawClient(server);
                RawClient third = new RawClient(server)) {
            first.post("/v1/chat/completions", "wait");
            second.post("/v1/completions", "wait");
            Wait.until("both run", () -> api.requests.size() == 2);
            RawClient.Response response = third.post("/v1/responses", "hello").response();
            assertEquals(429, response.status());
            assertEquals("rate_limit_error", error(response).get("type").asString());
            assertTrue(Integer.parseInt(response.header("Retry-After")) >= 1);
        }
        try (RawClient client = new RawClient(server)) {
            // what generates nothing is not limited
            assertEquals(200, client.post("/tokenize", "hello").response().status());
            String metrics = client.get("/metrics").response().body();
            assertTrue(metrics.contains("kawi_rejected_total{limit=\"answers\"} 1\n"), metrics);
            Wait.until("both have been cancelled", () -> api.cancelled.get() == 2);
            Wait.until("there is room", () -> figure(client, "kawi_answers").equals("0"));
            assertEquals(200, client.post("/v1/responses", "hello").response().status());
        }
    }

    private static String figure(RawClient client, String name) {
        return metrics(client)
                .lines()
                .filter(line -> line.startsWith(name + " "))
                .findFirst()
                .orElseThrow()
                .substring(name.length() + 1);
    }

    private static String metrics(RawClient client) {
        try {
            return client.get("/metrics").response().body();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void aPortInUseIsReported() {
        Server.Builder second = builder().port(server.port());
        String message = String.valueOf(
                assertThrows(UncheckedIOException.class, second::start).getMessage());
        assertTrue(message.startsWith("cannot listen on 127.0.0.1, port " + server.port()), message);
    }

    @Test
    void aServerWithoutModelsIsAMistake() {
        Server.Builder none = Server.builder();
        assertThrows(IllegalStateException.class, none::start);
        assertThrows(IllegalArgumentException.class, () -> none.apiKey("two words"));
        assertThrows(IllegalArgumentException.class, () -> none.port(65_536));
    }
}
