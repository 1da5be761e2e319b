package kawi.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients that break the rules, or try to hold what others need. After each of them, others are still answered. */
class HostileClientTest {

    private static final Limits LIMITS = Limits.defaults().bodyBytes(100_000).headerBytes(8_000);
    private static final Duration SHORT = Duration.ofMillis(300);

    private final StubApi api = new StubApi();
    private Server server = start(LIMITS);

    private Server start(Limits limits) {
        return Server.builder().api(api).limits(limits).log(line -> {}).start();
    }

    private void restart(Limits limits) {
        server.close();
        server = start(limits);
    }

    @AfterEach
    void othersAreAnswered() {
        Wait.until("others are answered", () -> {
            try (RawClient client = new RawClient(server)) {
                RawClient.Response response =
                        client.post("/v1/completions", "fine").response();
                return response.body().equals("POST /v1/completions fine");
            } catch (IOException e) {
                return false; // the limit on connections still holds
            }
        });
        server.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "G",
                "POST /v1/chat/completions HTTP/1.1\r\nHost: loc",
                "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n",
                "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nhalf",
                "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhalf"
            })
    void aRequestThatDoesNotArriveIsClosed(String part) throws IOException {
        restart(LIMITS.receiveTime(SHORT));
        try (RawClient client = new RawClient(server)) {
            client.send(part);
            assertTrue(client.closedByServer());
        }
        assertEquals(List.of(), api.requests);
    }

    @Test
    void aRequestThatArrivesByteByByteIsClosed() throws IOException {
        restart(LIMITS.receiveTime(SHORT));
        try (RawClient client = new RawClient(server)) {
            client.send("GET /v1/models HTTP/1.1\r\nHost: localhost\r\nX-Slow: ");
            boolean refused = false;
            for (int i = 0; i < 6_000 && !refused; i++) {
                try {
                    client.send("x");
                    Thread.sleep(10);
                } catch (IOException e) {
                    refused = true; // long before a minute has passed
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            }
            assertTrue(refused);
        }
    }

    @Test
    void manySlowClientsDoNotKeepOthersOut() throws IOException {
        restart(LIMITS.receiveTime(Duration.ofSeconds(2)));
        List<RawClient> slow = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            slow.add(new RawClient(server).send("POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nContent-Le"));
        }
        try (RawClient client = new RawClient(server)) {
            assertEquals(200, client.post("/v1/completions", "hello").response().status());
        }
        for (RawClient client : slow) {
            assertTrue(client.closedByServer());
            client.close();
        }
    }

    @Test
    void connectionsBeyondTheLimitAreClosed() throws IOException {
        restart(LIMITS.connections(2));
        try (RawClient first = new RawClient(server);
                RawClient second = new RawClient(server);
                RawClient third = new RawClient(server)) {
            first.post("/v1/completions", "wait");
            second.send("GET");
            Wait.until("two are processed", () -> server.requests() == 2);
            third.send("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n");
            assertTrue(third.closedByServer());
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aBodyBeyondTheLimitIsRefused(boolean chunked) throws IOException {
        byte[] body = new byte[5_000_000];
        try (RawClient client = new RawClient(server)) {
            if (chunked) {
                client.send("POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n");
                client.send("%x\r\n".formatted(body.length)).send(body).send("\r\n0\r\n\r\n");
            } else {
                client.post("/v1/completions", body);
            }
            RawClient.Response response = client.response();
            assertEquals(413, response.status());
            assertTrue(response.body().contains("\"code\":\"request_too_large\""), response.body());
            assertTrue(response.body().contains("100000 bytes"), response.body());
            assertEquals("close", response.header("Connection"));
            assertTrue(client.closedByServer());
        }
        assertEquals(List.of(), api.requests);
    }

    @ParameterizedTest
    @ValueSource(longs = {100_001, 1L << 31, 1L << 40, Long.MAX_VALUE})
    void aLengthBeyondTheLimitIsRefusedWithoutTheBody(long length) throws IOException {
        try (RawClient client = new RawClient(server)) {
            client.send(
                    "POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n".formatted(length));
            assertEquals(413, client.response().status());
        }
    }

    @Test
    void aBodyOfTheLimitIsAccepted() throws IOException {
        String body = "x".repeat(100_000);
        try (RawClient client = new RawClient(server)) {
            assertEquals(200, client.post("/v1/completions", body).response().status());
            client.send("POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n");
            client.send("186a0\r\n" + body + "\r\n0\r\n\r\n"); // 100,000
            assertEquals("POST /v1/completions " + body, client.response().body());
        }
    }

    @Test
    void announcedBodiesTakeNoMemory() throws IOException {
        restart(LIMITS.bodyBytes(1 << 30).connections(200));
        List<RawClient> clients = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            clients.add(new RawClient(server)
                    .send("POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000000\r\n\r\nx"));
        }
        try (RawClient client = new RawClient(server)) {
            assertEquals(200, client.post("/v1/completions", "hello").response().status());
        }
        for (RawClient client : clients) {
            client.close();
        }
    }

    @Test
    void aLargeHeaderIsRefused() throws IOException {
        try (RawClient client = new RawClient(server)) {
            RawClient.Response response =
                    client.get("/v1/models", "X-Large: " + "x".repeat(8_000)).response();
            assertEquals(431, response.status());
            assertTrue(response.body().contains("\"error\""), response.body());
        }
        try (RawClient client = new RawClient(server)) {
            assertEquals(414, client.get("/" + "x".repeat(9_000)).response().status());
        }
        try (RawClient client = new RawClient(server)) {
            assertTrue(closes(client, "GET / HTTP/1.1\r\n" + "X-More: x\r\n".repeat(100_000)));
        }
        try (RawClient client = new RawClient(server)) {
            assertTrue(closes(client, "x".repeat(10_000_000)));
        }
    }

    private static boolean closes(RawClient client, String text) throws IOException {
        try {
            client.send(text);
        } catch (IOException e) {
            return true;
        }
        return client.closedByServer();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "nonsense\r\n\r\n",
                "GET\r\n\r\n",
                "GET /\r\n\r\n",
                "GET http://[ HTTP/1.1\r\nHost: localhost\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n",
                "GET / HTTP/1.1\r\n\r\n",
                "GET / HTTP/1.1\r\nHo st: localhost\r\n\r\n",
                "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
                "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: ten\r\n\r\n",
                "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
                "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
                "POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: gzip\r\n\r\n",
                "POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
                "POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\nhello\r\n",
                "POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nfffffffff\r\nhello\r\n",
                "POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhelloXX0\r\n\r\n",
                "\u0000\u0001\u0002\u0003\r\n\r\n"
            })
    void aMalformedRequestIsRefused(String request) throws IOException {
        restart(LIMITS.receiveTime(SHORT));
        try (RawClient client = new RawClient(server)) {
            client.send(request);
            int status;
            try {
                status = client.head().status();
            } catch (IOException e) {
                return; // closed without a response
            }
            assertTrue(status >= 400 && status < 600, request + " " + status);
        }
        assertEquals(List.of(), api.requests);
    }

    @Test
    void aChunkedBodyIsRead() throws IOException {
        try (RawClient client = new RawClient(server)) {
            client.send("POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: Chunked\r\n\r\n");
            client.send("1\r\nh\r\n").send("4;name=value\r\nel").send("lo\r\n").send("0\r\n\r\n");
            assertEquals("POST /v1/completions hello", client.response().body());
        }
    }

    @Test
    void aClientThatAsksBeforeItSendsIsToldToContinue() throws IOException {
        try (RawClient client = new RawClient(server)) {
            client.send(
                    "POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
            assertEquals(100, client.head().status());
            client.send("hello");
            assertEquals("POST /v1/completions hello", client.response().body());
        }
    }

    @Test
    void requestsInOnePacketAreAnsweredInOrder() throws IOException {
        String request = "POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\n\r\n";
        try (RawClient client = new RawClient(server)) {
            client.send(
                    request + "1" + request + "2" + "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n" + request + "3");
            assertEquals("POST /v1/completions 1", client.response().body());
            assertEquals("POST /v1/completions 2", client.response().body());
            assertEquals("{\"status\":\"ok\"}", client.response().body());
            assertEquals("POST /v1/completions 3", client.response().body());
        }
    }

    @Test
    void aRequestOfHttp10IsAnswered() throws IOException {
        try (RawClient client = new RawClient(server)) {
            client.send("POST /v1/completions HTTP/1.0\r\nContent-Length: 5\r\n\r\nhello");
            assertEquals("POST /v1/completions hello", client.response().body());
            assertTrue(client.closedByServer());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"a b", "a\tb", "ü", "<script>", ""})
    void aRequestIdOfOtherCharactersIsReplaced(String id) throws IOException {
        try (RawClient client = new RawClient(server)) {
            String returned =
                    client.get("/health", "X-Request-Id: " + id).response().header("X-Request-Id");
            assertTrue(returned.startsWith("req_"), returned);
        }
    }

    @Test
    void headersCannotBeInjected() throws IOException {
        try (RawClient client = new RawClient(server)) {
            for (String path :
                    List.of("/%0d%0aX-Injected:%201", "/health%0d%0aX-Injected:%201", "/v1/models?a=%0aX-Injected:1")) {
                RawClient.Response response =
                        client.get(path, "X-Request-Id: x\rX-Injected: 1").response();
                assertFalse(
                        response.headers().toString().toLowerCase(Locale.ROOT).contains("injected"), path);
            }
        }
    }

    @Test
    void bytesThatAreNotTextAreGivenToTheApiAsTheyAre() throws IOException {
        byte[] body = {(byte) 0xFF, (byte) 0xC0, 0, (byte) 0x80};
        try (RawClient client = new RawClient(server)) {
            assertEquals(200, client.post("/v1/completions", body).response().status());
        }
        assertEquals(
                new String(body, StandardCharsets.ISO_8859_1),
                new String(api.requests.getFirst().body(), StandardCharsets.ISO_8859_1));
    }

    @Test
    void aPathCannotLeaveTheServer() throws IOException {
        try (RawClient client = new RawClient(server)) {
            for (String path : List.of("/../../etc/passwd", "/..%2f..%2fetc/passwd", "/./health")) {
                assertEquals("GET " + path + " ", client.get(path).response().body());
            }
        }
    }
}
