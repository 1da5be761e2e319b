package kawi.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The server on another provider of {@code com.sun.net.httpserver}, which is on the class path of this test only. */
class OtherProviderTest {

    private final StubApi api = new StubApi();
    private Server server = start(Limits.defaults());

    private Server start(Limits limits) {
        return Server.builder().api(api).limits(limits).log(line -> {}).start();
    }

    private void restart(Limits limits) {
        server.close();
        server = start(limits);
    }

    @BeforeAll
    static void theProviderIsNotTheJdks() throws IOException {
        String name = HttpServer.create().getClass().getName();
        assertTrue(name.startsWith("robaho."), name);
    }

    @AfterEach
    void close() {
        server.close();
    }

    @Test
    void requestsAreAnsweredOnOneConnection() throws IOException {
        try (RawClient client = new RawClient(server)) {
            RawClient.Response response =
                    client.post("/v1/completions", "hello", "X-Request-Id: one").response();
            assertEquals("POST /v1/completions hello", response.body());
            assertEquals("one", response.header("X-Request-Id"));
            assertEquals("{\"status\":\"ok\"}", client.get("/health").response().body());
            assertEquals(405, client.post("/health", "").response().status());
            assertEquals(
                    403,
                    client.get("/v1/models", "Origin: https://evil.example")
                            .response()
                            .status());
            client.send("POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n");
            client.send("5\r\nhello\r\n0\r\n\r\n");
            assertEquals("POST /v1/completions hello", client.response().body());
        }
    }

    @Test
    void eventsArriveOneByOne() throws IOException {
        try (RawClient client = new RawClient(server)) {
            client.post("/v1/chat/completions", "stream");
            assertEquals("text/event-stream", client.head().header("Content-Type"));
            for (int i = 0; i < 3; i++) {
                api.steps.release();
                assertEquals("data: {\"event\": %d}\n\n".formatted(i), client.chunk());
            }
        }
        Wait.until("the answer is cancelled", () -> api.cancelled.get() == 1);
    }

    @Test
    void limitsHold() throws IOException {
        restart(Limits.defaults().bodyBytes(1000));
        try (RawClient client = new RawClient(server)) {
            assertEquals(
                    413,
                    client.post("/v1/completions", "x".repeat(100_000))
                            .response()
                            .status());
        }
        restart(Limits.defaults().receiveTime(Duration.ofMillis(300)));
        for (String part : List.of(
                "POST /v1/comp", "POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nx")) {
            try (RawClient client = new RawClient(server)) {
                client.send(part);
                assertTrue(client.closedByServer());
            }
        }
        restart(Limits.defaults().writeTime(Duration.ofMillis(300)));
        try (RawClient client = new RawClient(server, 4096)) {
            client.post("/v1/chat/completions", "flood");
            Wait.until("the answer is cancelled", () -> api.cancelled.get() == 1);
        }
    }

    @Test
    void closingLetsAnswersEnd() throws IOException {
        try (RawClient client = new RawClient(server)) {
            client.post("/v1/chat/completions", "wait");
            Wait.until("the answer is generated", () -> api.requests.size() == 1);
            Thread closing = Thread.ofVirtual().start(server::close);
            Wait.until("the server is stopping", () -> server.isStopping());
            api.steps.release();
            assertEquals("waited", client.response().body());
            Wait.until("the server is closed", () -> !closing.isAlive());
        }
    }
}
