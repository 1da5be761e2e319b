package kawi.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import kawi.Concurrency;
import kawi.Model;
import kawi.demo.DemoModel;
import org.junit.jupiter.api.Test;

/** Clients that come and go at random: no answer is lost or left behind, and no thread. */
class RestlessClientsTest {

    private static final int CLIENTS = 8;
    private static final int REQUESTS = 12;
    private static final long RETRY_NANOS = 20_000_000;

    private final AtomicInteger complete = new AtomicInteger();
    private final AtomicInteger refused = new AtomicInteger();

    @Test
    void nothingIsLeftBehind() throws Exception {
        try (Model model = DemoModel.loader()
                        .concurrency(Concurrency.defaults().sequences(4).waiting(1))
                        .load();
                Server server =
                        Server.builder().model("demo", model).log(line -> {}).start()) {
            List<Thread> clients = new ArrayList<>();
            List<Throwable> failures = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                Random random = new Random(i);
                clients.add(Thread.ofVirtual().start(() -> {
                    try {
                        for (int request = 0; request < REQUESTS; request++) {
                            send(server, random);
                        }
                    } catch (Throwable e) {
                        synchronized (failures) {
                            failures.add(e);
                        }
                    }
                }));
            }
            for (Thread client : clients) {
                client.join();
            }
            assertEquals(List.of(), failures);
            assertTrue(complete.get() > CLIENTS, complete + " complete, " + refused + " refused");
            Wait.until("nothing is generated", () -> model.activity().running() == 0);
            Wait.until("no answer is counted", () -> {
                try (RawClient client = new RawClient(server)) {
                    return client.get("/metrics").response().body().contains("\nkawi_answers 0\n");
                } catch (IOException e) {
                    throw new IllegalStateException(e);
                }
            });
            assertEquals(0, model.activity().waiting());
        }
        Wait.until(
                "no thread is left",
                () -> Thread.getAllStackTraces().keySet().stream()
                        .noneMatch(thread -> thread.getName().startsWith("kawi-server")));
    }

    private void send(Server server, Random random) throws IOException {
        boolean stream = random.nextBoolean();
        String body = """
                {"messages": [{"role": "user", "content": "Tell me a story."}], "seed": %d, "max_tokens": %d, "stream": %s}""".formatted(random.nextInt(), 20 + random.nextInt(300), stream);
        try (RawClient client = new RawClient(server)) {
            switch (random.nextInt(5)) {
                case 0 -> client.post("/v1/chat/completions", body).reset();
                case 1 -> client.post("/v1/chat/completions", body);
                case 2 ->
                    client.send(
                            "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: 500\r\n\r\n{");
                case 3 -> {
                    RawClient.Response head =
                            client.post("/v1/chat/completions", body).head();
                    if (head.status() == 200 && stream) {
                        client.chunk();
                        client.chunk();
                    }
                }
                default -> {
                    RawClient.Response response =
                            client.post("/v1/chat/completions", body).response();
                    while (response.status() == 429) {
                        assertTrue(Integer.parseInt(response.header("Retry-After")) > 0);
                        refused.incrementAndGet();
                        LockSupport.parkNanos(RETRY_NANOS);
                        response = client.post("/v1/chat/completions", body).response();
                    }
                    assertEquals(200, response.status(), response.body());
                    assertTrue(
                            response.body().contains(stream ? "data: [DONE]\n\n" : "\"finish_reason\""),
                            response.body());
                    complete.incrementAndGet();
                }
            }
        }
    }
}
