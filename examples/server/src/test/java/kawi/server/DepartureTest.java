package kawi.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Clients that go away or stop reading, and servers that are closed, while an answer is being generated. */
class DepartureTest {

    private final StubApi api = new StubApi();
    private final List<String> log = new CopyOnWriteArrayList<>();
    private Server server = start(Limits.defaults());

    private Server start(Limits limits) {
        return Server.builder().api(api).limits(limits).log(log::add).start();
    }

    private void restart(Limits limits) {
        server.close();
        server = start(limits);
    }

    @AfterEach
    void close() {
        server.close();
    }

    /** Waits until the state of connections has been read. */
    private void awaitReadings(int count) {
        long enough = server.peers().readings() + count;
        Wait.until("the state of connections was read", () -> server.peers().readings() >= enough);
    }

    @Test
    void closingTheConnectionCancelsAStream() throws IOException {
        try (RawClient client = new RawClient(server)) {
            client.post("/v1/chat/completions", "flood").head();
            assertTrue(client.chunk().startsWith("event: flood\ndata: xxx"));
        }
        Wait.until("the answer is cancelled", () -> api.cancelled.get() == 1);
        Wait.until("the log says so", () -> log.size() == 1);
        assertTrue(log.getFirst().contains("\" 200 aborted "), log.getFirst());
    }

    @Test
    void resettingTheConnectionCancelsAStream() throws IOException {
        RawClient client = new RawClient(server);
        client.post("/v1/chat/completions", "flood").head();
        client.chunk();
        client.reset();
        Wait.until("the answer is cancelled", () -> api.cancelled.get() == 1);
    }

    @Test
    void closingTheConnectionCancelsAnAnswerThatIsNotStreamed() throws IOException {
        assumeTrue(Files.exists(Path.of("/proc/self/net/tcp")), "only Linux tells that a client has gone away");
        for (boolean reset : new boolean[] {false, true}) {
            int before = api.cancelled.get();
            int requests = api.requests.size();
            RawClient client = new RawClient(server);
            client.post("/v1/chat/completions", "wait");
            Wait.until("the answer is generated", () -> api.requests.size() == requests + 1);
            // The connection must have been seen before its absence says anything.
            awaitReadings(3);
            if (reset) {
                client.reset();
            } else {
                client.close();
            }
            Wait.until("the answer is cancelled", () -> api.cancelled.get() == before + 1);
        }
    }

    @Test
    void aClientThatWaitsIsNotTakenForGone() throws IOException {
        try (RawClient client = new RawClient(server)) {
            client.post("/v1/chat/completions", "wait");
            awaitReadings(5);
            api.steps.release();
            assertEquals("waited", client.response().body());
        }
        assertEquals(0, api.cancelled.get());
    }

    @Test
    void aClientThatDoesNotReadAStreamIsClosed() throws IOException {
        restart(Limits.defaults().writeTime(Duration.ofMillis(300)));
        try (RawClient client = new RawClient(server, 4096)) {
            client.post("/v1/chat/completions", "flood");
            Wait.until("the answer is cancelled", () -> api.cancelled.get() == 1);
        }
    }

    @Test
    void aClientThatDoesNotReadAResponseIsClosed() throws IOException {
        restart(Limits.defaults().writeTime(Duration.ofMillis(300)));
        try (RawClient client = new RawClient(server, 4096)) {
            client.post("/v1/chat/completions", "large");
            Wait.until("the response is given up", () -> log.size() == 1);
            assertTrue(log.getFirst().contains("200 aborted"), log.getFirst());
        }
    }

    @Test
    void aClientThatReadsSlowlyGetsAll() throws IOException {
        try (RawClient client = new RawClient(server, 4096)) {
            String body =
                    client.post("/v1/chat/completions", "large").response().body();
            assertEquals(16 << 20, body.length());
        }
    }

    @Test
    void aClientThatDoesNotReadDoesNotHoldUpOthers() throws IOException {
        try (RawClient stalled = new RawClient(server, 4096);
                RawClient client = new RawClient(server)) {
            stalled.post("/v1/chat/completions", "flood");
            int[] last = {-1};
            Wait.until("its answer waits for it", () -> {
                int events = api.events.get();
                boolean same = events > 0 && events == last[0];
                last[0] = events;
                return same;
            });
            assertEquals(
                    "POST /v1/completions hello",
                    client.post("/v1/completions", "hello").response().body());
        }
        Wait.until("the answer is cancelled", () -> api.cancelled.get() == 1);
    }

    @Test
    void closingTheServerLetsAnswersEnd() throws Exception {
        try (RawClient client = new RawClient(server);
                RawClient stream = new RawClient(server);
                RawClient idle = new RawClient(server)) {
            assertEquals(200, idle.get("/health").response().status());
            client.post("/v1/chat/completions", "wait");
            stream.post("/v1/chat/completions", "stream").head();
            Wait.until("both are being generated", () -> api.requests.size() == 2);
            CompletableFuture<Void> closed = CompletableFuture.runAsync(server::close);
            Wait.until("the server is stopping", () -> {
                try {
                    return idle.get("/health").response().status() == 503;
                } catch (IOException e) {
                    throw new IllegalStateException(e);
                }
            });
            Wait.until("no connection is accepted", () -> {
                try (RawClient other = new RawClient(server)) {
                    other.get("/health").response();
                    return false;
                } catch (IOException e) {
                    return true;
                }
            });
            RawClient.Response refused = idle.post("/v1/completions", "hello").response();
            assertEquals(503, refused.status());
            assertFalse(closed.isDone());
            api.steps.release(5);
            assertEquals("waited", client.response().body());
            String events = "";
            for (String chunk = stream.chunk(); !chunk.isEmpty(); chunk = stream.chunk()) {
                events += chunk;
            }
            assertTrue(events.endsWith("data: [DONE]\n\n"), events);
            closed.get(60, TimeUnit.SECONDS);
        }
        assertEquals(0, api.cancelled.get());
    }

    @Test
    void closingTheServerCancelsAnswersThatTakeTooLong() throws IOException {
        restart(Limits.defaults().shutdownTime(Duration.ofMillis(100)));
        try (RawClient client = new RawClient(server);
                RawClient stream = new RawClient(server)) {
            client.post("/v1/chat/completions", "wait");
            stream.post("/v1/chat/completions", "stream").head();
            Wait.until("both are being generated", () -> api.requests.size() == 2);
            server.close();
            assertEquals(2, api.cancelled.get());
            assertEquals("cancelled", client.response().body());
            // Without the last chunk: what the client has is not complete.
            assertThrows(IOException.class, stream::chunk);
        }
    }

    @Test
    void closingAnIdleServerTakesNoTime() {
        server.close();
        server.close();
        assertThrows(
                IOException.class, () -> new RawClient(server).get("/health").response());
    }
}
