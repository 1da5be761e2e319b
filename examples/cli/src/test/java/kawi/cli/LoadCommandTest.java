package kawi.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

@Timeout(300)
class LoadCommandTest {

    private static final Object[] SHORT = {
        "load", "--prompt", "uniform:3-9", "--answer", "lognormal:6,0.5,12", "--requests", "7", "--warmup", "2"
    };

    private static Object[] with(Object... options) {
        return Stream.concat(Arrays.stream(SHORT), Arrays.stream(options)).toArray();
    }

    @Test
    void measuresAModelInThisProcess() {
        JsonNode closed = Cli.run(with("--clients", "3", "--json")).json();
        JsonNode open = Cli.run(with("--rate", "50", "--json", "--ttft", "60000", "--itl", "60000"))
                .json();
        for (JsonNode report : List.of(closed, open)) {
            assertEquals(7, report.get("completed").intValue(), report.toString());
            for (String other : List.of("rejected", "failed", "cancelled")) {
                assertEquals(0, report.get(other).intValue());
            }
            assertEquals(7, report.at("/end_to_end/count").intValue());
            assertTrue(report.at("/end_to_end/p50").doubleValue()
                    >= report.at("/first_token/p50").doubleValue());
            assertTrue(report.at("/first_token/max").doubleValue() > 0);
            assertTrue(report.get("tokens_per_second").doubleValue() > 0);
        }
        assertEquals(closed.get("answer_tokens"), open.get("answer_tokens"), "the same seed gives the same requests");
        assertEquals(closed.get("prompt_tokens"), open.get("prompt_tokens"));
        assertFalse(closed.has("goodput"));
        assertEquals(1.0, open.get("goodput").doubleValue());
        int tokens = closed.get("answer_tokens").intValue();
        LoadPlan plan = new LoadPlan(
                new LoadPlan.Closed(3),
                LengthDistribution.parse("uniform:3-9", ""),
                LengthDistribution.parse("lognormal:6,0.5,12", ""),
                1,
                7,
                1);
        assertEquals(
                LongStream.range(0, 7)
                        .mapToInt(i -> plan.request(i).answerTokens())
                        .sum(),
                tokens,
                "answers have exactly the lengths of the plan");
    }

    @Test
    void printsTablesForPeopleAndForMarkdown() {
        String table = Cli.run(with("--clients", "1,2", "--markdown")).result();
        List<String> lines = table.lines().toList();
        assertTrue(lines.getFirst().matches("demo-q8_0.gguf, .* prompts uniform:3-9, answers .*, seed 1"), table);
        assertTrue(lines.get(2).startsWith("| load | requests | rejected | failed | tokens/s | first token"), table);
        assertTrue(lines.get(4).startsWith("| 1 client | 7 | 0 | 0 | "), table);
        assertTrue(lines.get(5).startsWith("| 2 clients | 7 | 0 | 0 | "), table);

        String text = Cli.run(with("--rate", "50")).result();
        assertTrue(text.contains("50 requests/s: 7 requests completed in "), text);
        assertTrue(text.contains("first token"), text);
    }

    @Test
    void misuseIsASentence() {
        assertEquals(
                "kawi load: --url and -m exclude each other: the server has its own model",
                Cli.run("load", "--url", "http://localhost:1/v1", "-m", "x.gguf")
                        .complaint(2));
        for (String options : List.of(
                "--clients 0", "--rate 0", "--rate NaN", "--requests 0", "--duration -1", "--warmup -1", "--ttft 0")) {
            assertTrue(
                    Cli.run((Object[]) ("load " + options).split(" ", -1))
                            .complaint(2)
                            .contains("must be positive"),
                    options);
        }
        assertTrue(Cli.run("load", "--prompt", "many").complaint(2).startsWith("kawi load: --prompt is 'many'"));
        assertEquals(
                "kawi load: prompts of up to 1000 tokens and answers of up to 64 exceed the context length of 1024",
                Cli.run("load", "--prompt", "1000").complaint(1));
        assertTrue(Cli.run("load", "--url", "no address").complaint(2).startsWith("kawi load: --url is 'no address'"));
        assertEquals(
                "kawi load: input or output failed: http://localhost:1/v1 does not answer",
                Cli.run("load", "--url", "http://localhost:1/v1").complaint(1));
    }

    /** Handles a request for a completion, after the model has been listed. */
    @FunctionalInterface
    private interface Handler {
        void handle(HttpExchange exchange, JsonNode request) throws IOException;
    }

    private static Cli.Outcome againstServer(Handler handler, Object... options) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            server.setExecutor(threads);
            server.createContext("/v1/models", exchange -> send(exchange, 200, "{\"data\":[{\"id\":\"m-1\"}]}"));
            server.createContext("/v1/completions", exchange -> {
                try (exchange;
                        InputStream body = exchange.getRequestBody()) {
                    handler.handle(exchange, Cli.tree(new String(body.readAllBytes(), StandardCharsets.UTF_8)));
                }
            });
            server.start();
            String url = "http://localhost:%d/v1/".formatted(server.getAddress().getPort());
            return Cli.run(with(Stream.concat(Stream.of("--url", url, "--clients", "2"), Arrays.stream(options))
                    .toArray()));
        } finally {
            server.stop(0);
        }
    }

    private static void send(HttpExchange exchange, int status, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, bytes.length);
        try (OutputStream out = exchange.getResponseBody()) {
            out.write(bytes);
        }
    }

    private static String stream(JsonNode request) {
        StringBuilder stream = new StringBuilder(": a comment\n\n");
        int tokens = request.get("max_tokens").intValue();
        for (int i = 0; i < tokens; i++) {
            stream.append("data: {\"choices\":[{\"index\":0,\"text\":\"t%d \"}]}\r\n\r\n".formatted(i));
        }
        return stream
                + "data: {\"choices\":[],\"usage\":{\"completion_tokens\":%d}}\n\ndata: [DONE]\n\n".formatted(tokens);
    }

    @Test
    void measuresAServer() throws IOException {
        List<JsonNode> requests = new CopyOnWriteArrayList<>();
        List<String> keys = new CopyOnWriteArrayList<>();
        Cli.Outcome outcome = againstServer(
                (exchange, request) -> {
                    requests.add(request);
                    keys.add(String.valueOf(exchange.getRequestHeaders().getFirst("Authorization")));
                    send(exchange, 200, stream(request));
                },
                "--api-key",
                "s3cret",
                "--json");
        JsonNode report = outcome.json();
        assertEquals(7, report.get("completed").intValue());
        assertEquals(9, requests.size(), "two of them to warm up");
        assertEquals(List.of("Bearer s3cret"), keys.stream().distinct().toList());
        JsonNode request = requests.getLast();
        assertEquals("m-1", request.get("model").asString());
        assertTrue(request.get("prompt").isArray());
        assertTrue(
                request.get("stream").asBoolean() && request.get("ignore_eos").asBoolean());
        assertEquals(
                requests.subList(2, 9).stream()
                        .mapToInt(each -> each.get("max_tokens").intValue())
                        .sum(),
                report.get("answer_tokens").intValue());
        assertEquals(report.get("answer_tokens"), report.get("pieces"));
    }

    @Test
    void refusalsAndFailuresOfAServerAreCounted() throws IOException {
        AtomicInteger count = new AtomicInteger();
        String busy = "{\"error\":{\"message\":\"too many requests are waiting\"}}";
        JsonNode report = againstServer(
                        (exchange, request) -> {
                            switch (count.getAndIncrement()) {
                                case 2, 3 -> send(exchange, 429, busy);
                                case 4 -> send(exchange, 500, "it \uD83E\uDD8A broke");
                                case 5 -> send(exchange, 200, "data: {\"choices\":[{\"text\":\"cut\"}]}\n\n");
                                case 6 -> send(exchange, 200, "data: {\"error\":{\"message\":\"late\"}}\n\n");
                                default -> send(exchange, 200, stream(request));
                            }
                        },
                        "--json",
                        "--ttft",
                        "60000")
                .json();
        assertEquals(2, report.get("completed").intValue());
        assertEquals(2, report.get("rejected").intValue());
        assertEquals(3, report.get("failed").intValue());
        assertEquals(2.0 / 7, report.get("goodput").doubleValue());
        String problems = report.get("problems").toString();
        for (String problem : List.of(
                "status 429: too many requests are waiting",
                "status 500: it \uD83E\uDD8A broke",
                "the stream ended before the answer did",
                "late")) {
            assertTrue(problems.contains(problem), problems);
        }
    }

    @Test
    void aServerThatAnswersNothingIsAFailure() throws IOException {
        Cli.Outcome outcome = againstServer((exchange, request) -> send(exchange, 500, "no"));
        assertEquals(Kawi.FAILURE, outcome.code());
        assertTrue(outcome.out().contains("0 requests completed"), outcome.out());
    }

    @Test
    void theKeyMayBeAVariable() throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext(
                "/v1/models",
                exchange -> send(
                        exchange,
                        "Bearer k".equals(exchange.getRequestHeaders().getFirst("Authorization")) ? 200 : 401,
                        "{\"data\":[]}"));
        server.start();
        try {
            String url = "http://localhost:%d/v1".formatted(server.getAddress().getPort());
            assertEquals(
                    "kawi load: input or output failed: %s/models lists no model".formatted(url),
                    Cli.withEnvironment(Map.of("KAWI_API_KEY", "k"), "load", "--url", url)
                            .complaint(1));
            assertEquals(
                    "kawi load: input or output failed: %s/models: status 401: {\"data\":[]}".formatted(url),
                    Cli.withEnvironment(Map.of(), "load", "--url", url).complaint(1));
        } finally {
            server.stop(0);
        }
    }

    @Test
    void anInterruptedRunPrintsItsReport() throws Exception {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        CountDownLatch some = new CountDownLatch(12);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            server.setExecutor(threads);
            server.createContext("/v1/models", exchange -> send(exchange, 200, "{\"data\":[{\"id\":\"m-1\"}]}"));
            server.createContext("/v1/completions", exchange -> {
                try (InputStream body = exchange.getRequestBody()) {
                    String request = new String(body.readAllBytes(), StandardCharsets.UTF_8);
                    send(exchange, 200, stream(Cli.tree(request)));
                }
                some.countDown();
            });
            server.start();
            String url = "http://localhost:%d/v1".formatted(server.getAddress().getPort());
            Process process = ChildCli.start("load", "--url", url, "--duration", "1000", "--json", "--clients", "1");
            assertTrue(some.await(120, TimeUnit.SECONDS));
            process.toHandle().destroy();
            String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertTrue(process.waitFor() > 128);
            assertTrue(Cli.tree(out).get("completed").intValue() >= 3, out);
        } finally {
            server.stop(0);
        }
    }
}
