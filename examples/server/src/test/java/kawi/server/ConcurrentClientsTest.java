package kawi.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.LockSupport;
import kawi.Concurrency;
import kawi.Model;
import kawi.Prompt;
import kawi.demo.DemoModel;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A real model behind the server: clients get what they would get alone, and what they leave behind ends. */
class ConcurrentClientsTest {

    private static final String CHAT = "/v1/chat/completions";

    private static Model model;
    private static Server server;

    /** A request, and where its text is in the response. */
    private record Client(String path, String body) {

        String text() {
            try (RawClient client = new RawClient(server)) {
                RawClient.Response response = client.post(path, body).response();
                assertEquals(200, response.status(), response.body());
                return response.header("Content-Type").startsWith("text/event-stream")
                        ? streamed(response.body())
                        : texts(JsonMapper.shared().readTree(response.body()));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private static String streamed(String events) {
            StringBuilder text = new StringBuilder();
            events.lines()
                    .filter(line -> line.startsWith("data: {"))
                    .map(line -> JsonMapper.shared().readTree(line.substring(6)))
                    .forEach(event -> {
                        JsonNode delta =
                                event.path("choices").path(0).path("delta").path("content");
                        text.append(delta.isString() ? delta.asString() : "");
                    });
            return text.toString();
        }

        private static String texts(JsonNode response) {
            StringBuilder text = new StringBuilder();
            for (JsonNode choice : response.path("choices")) {
                text.append(choice.path("message").path("content").asString(""));
                text.append(choice.path("text").asString(""));
            }
            for (JsonNode item : response.path("output")) {
                text.append(item.path("content").path(0).path("text").asString(""));
            }
            return text.toString();
        }
    }

    private static String chat(String message, int seed, String more) {
        return """
                {"model": "demo", "messages": [{"role": "user", "content": "%s"}], "seed": %d, "max_tokens": 60%s}""".formatted(message, seed, more);
    }

    private static final List<Client> CLIENTS = List.of(
            new Client(CHAT, chat("Tell me a story about a fox.", 1, "")),
            new Client(CHAT, chat("Tell me a story about a fox.", 2, ", \"temperature\": 1.2")),
            new Client(CHAT, chat("Tell me a story about a kite.", 3, ", \"stream\": true")),
            new Client(CHAT, chat("A story about a bird and a tree, please.", 4, ", \"stream\": true, \"top_p\": 0.9")),
            new Client(CHAT, chat("Tell me a story.", 5, ", \"temperature\": 0, \"frequency_penalty\": 0.5")),
            new Client(
                    "/v1/completions",
                    "{\"model\": \"demo\", \"prompt\": [\"Once upon a time\", \"The dog\"], \"max_tokens\": 40, \"seed\": 6}"),
            new Client(
                    "/v1/completions",
                    "{\"model\": \"demo\", \"prompt\": \"One day\", \"max_tokens\": 80, \"seed\": 7, \"logprobs\": 2}"),
            new Client(
                    "/v1/responses",
                    "{\"model\": \"demo\", \"input\": \"Tell me about the sea.\", \"max_output_tokens\": 50, \"temperature\": 0}"));

    @BeforeAll
    static void start() {
        model = DemoModel.loader()
                .concurrency(Concurrency.defaults().sequences(8))
                .load();
        server = Server.builder()
                .model("demo", model)
                .model("slow", slow())
                .limits(Limits.defaults().shutdownTime(Duration.ZERO))
                .log(line -> {})
                .start();
    }

    @AfterAll
    static void close() {
        server.close();
        model.close();
    }

    @Test
    void eightClientsGetWhatEachGetsAlone() {
        List<String> alone = CLIENTS.stream().map(Client::text).toList();
        assertEquals(CLIENTS.size(), new HashSet<>(alone).size(), alone.toString());
        CyclicBarrier together = new CyclicBarrier(CLIENTS.size());
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<CompletableFuture<String>> answers = new ArrayList<>();
            for (Client client : CLIENTS) {
                answers.add(CompletableFuture.supplyAsync(
                        () -> {
                            try {
                                together.await();
                            } catch (Exception e) {
                                throw new IllegalStateException(e);
                            }
                            return client.text();
                        },
                        threads));
            }
            assertEquals(alone, answers.stream().map(CompletableFuture::join).toList());
        }
    }

    /** The model, but a token takes a while, so that an answer of a thousand does not end by itself. */
    private static Model slow() {
        return (Model) Proxy.newProxyInstance(
                ConcurrentClientsTest.class.getClassLoader(), new Class<?>[] {Model.class}, (_, method, arguments) -> {
                    Object result = method.invoke(model, arguments);
                    return result instanceof Prompt prompt
                            ? prompt.logitsProcessor((tokens, logits) -> LockSupport.parkNanos(20_000_000))
                            : result;
                });
    }

    /** A long answer: the end of the text is not generated, which has no bias above that of a ban. */
    private static String endless(boolean stream) {
        int end = model.endTokens().iterator().next();
        StringBuilder bias = new StringBuilder();
        for (int token : model.endTokens()) {
            bias.append(token == end ? "" : ", ").append("\"%d\": -100".formatted(token));
        }
        return chat("Tell me a story.", 1, "")
                .replace("\"demo\"", "\"slow\"")
                .replace("\"max_tokens\": 60", "\"max_tokens\": 200000")
                .replaceFirst("\\{", "{\"stream\": %s, \"logit_bias\": {%s}, ".formatted(stream, bias));
    }

    @Test
    void aClientThatGoesAwayFreesThePlaceOfItsAnswer() throws IOException {
        for (boolean stream : new boolean[] {true, false}) {
            try (RawClient client = new RawClient(server)) {
                client.post(CHAT, endless(stream));
                Wait.until("the answer is generated", () -> model.activity().running() == 1);
                if (stream) {
                    client.head();
                    client.chunk();
                } else {
                    long enough = server.peers().readings() + 3;
                    Wait.until("the client was seen", () -> server.peers().readings() >= enough);
                }
                assertEquals(1, model.activity().running());
            }
            Wait.until("the answer has ended", () -> model.activity().running() == 0);
        }
    }

    @Test
    void figuresTellWhatTheModelDoes() throws IOException {
        try (RawClient client = new RawClient(server)) {
            long before = figure(client, "kawi_generated_tokens_total");
            String body = client.post(CHAT, chat("Hello", 1, ", \"temperature\": 0"))
                    .response()
                    .body();
            JsonNode usage = JsonMapper.shared().readTree(body).get("usage");
            int tokens = usage.get("completion_tokens").asInt();
            assertTrue(tokens > 1, body);
            long generated = figure(client, "kawi_generated_tokens_total") - before;
            // The last token of an answer is not processed.
            assertTrue(generated == tokens || generated == tokens - 1, generated + " of " + tokens);
            assertNotEquals(0, figure(client, "kawi_prompt_tokens_total"));
            assertEquals(0, figure(client, "kawi_waiting"));
        }
    }

    private static long figure(RawClient client, String name) throws IOException {
        String line = client.get("/metrics")
                .response()
                .body()
                .lines()
                .filter(it -> it.startsWith(name + "{model=\"demo\"} "))
                .findFirst()
                .orElseThrow();
        return Long.parseLong(line.substring(line.lastIndexOf(' ') + 1));
    }

    @Test
    void hostileBodiesAreErrorsOfTheProtocol() throws IOException {
        byte[] notText = "{\"messages\": [{\"role\": \"user\", \"content\": \"?\"}]}"
                .replace('?', '\u00e9')
                .getBytes(StandardCharsets.ISO_8859_1);
        List<byte[]> bodies = List.of(
                notText,
                "[".repeat(100_000).getBytes(StandardCharsets.UTF_8),
                ("{\"messages\": " + "[".repeat(5_000) + "]".repeat(5_000) + "}").getBytes(StandardCharsets.UTF_8),
                "{\"a\":".repeat(50_000).getBytes(StandardCharsets.UTF_8),
                new byte[] {0, 1, 2, 3},
                new byte[0],
                "null".getBytes(StandardCharsets.UTF_8),
                ("{\"max_tokens\": " + "9".repeat(100_000) + "}").getBytes(StandardCharsets.UTF_8));
        try (RawClient client = new RawClient(server)) {
            for (byte[] body : bodies) {
                for (String path : List.of(CHAT, "/v1/completions", "/v1/responses", "/tokenize")) {
                    RawClient.Response response = client.post(path, body).response();
                    assertEquals(400, response.status(), path + " " + response.body());
                    String type = JsonMapper.shared()
                            .readTree(response.body())
                            .path("error")
                            .path("type")
                            .asString("");
                    assertEquals("invalid_request_error", type);
                }
            }
        }
    }
}
