package kawi.server.traffic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicLong;
import kawi.Concurrency;
import kawi.Model;
import kawi.demo.DemoModel;
import kawi.server.Server;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Mixed traffic through the server, with clients that close their connections at any time. */
class ServerTrafficTest {

    private static final String CHAT = "/v1/chat/completions";
    private static final String COMPLETION = "/v1/completions";
    private static final int TOO_MANY_REQUESTS = 429;
    private static final String FOX = "Tell me a story about a fox who lost a kite.";
    private static final String TOOLS = """
            [{"type": "function", "function": {"name": "weather", "parameters": {"type": "object",
              "properties": {"city": {"enum": ["Solo", "Bandung"]}}, "required": ["city"]}}}]""";
    private static final String SCHEMA = """
            {"type": "json_schema", "json_schema": {"name": "age", "strict": true, "schema": {"type": "object",
              "properties": {"age": {"type": "integer", "minimum": 1, "maximum": 99}}, "required": ["age"],
              "additionalProperties": false}}}""";

    private final Clients clients = new Clients();
    private final LastLines log = new LastLines();
    private final AtomicLong requests = new AtomicLong();

    /** A way to send a request and to read the response to its end. */
    @FunctionalInterface
    private interface Exchange {
        Scenario.Answer answer(Clients.Lease lease, HttpRequest request, Scenario.Caller caller) throws Exception;
    }

    private Scenario scenario(String name, HttpRequest request, Exchange exchange) {
        return new Scenario(name, caller -> {
            String id = "traffic-" + requests.incrementAndGet();
            HttpRequest numbered = HttpRequest.newBuilder(request, (_, _) -> true)
                    .header("X-Request-Id", id)
                    .build();
            try (Clients.Lease lease = clients.lease()) {
                try {
                    Scenario.Answer answer = exchange.answer(lease, numbered, caller);
                    lease.ended();
                    return answer;
                } catch (IOException | CancellationException | CompletionException e) {
                    if (lease.hasLeft()) {
                        throw new Scenario.Cancelled();
                    }
                    throw new IOException("the log of the server: " + log.of(id), e);
                }
            }
        });
    }

    /** A streamed answer. To leave is to close the connection, between two events or while one is awaited. */
    private Scenario streamed(String name, URI address, String body) {
        HttpRequest post = post(address, body.replaceFirst("\\{", "{\"stream\": true, "));
        return scenario(name, post, (lease, request, caller) -> {
            HttpResponse<InputStream> response =
                    lease.client().send(request, HttpResponse.BodyHandlers.ofInputStream());
            try (InputStream in = response.body()) {
                caller.leave(() -> {
                    lease.leave();
                    close(in);
                });
                if (response.statusCode() == TOO_MANY_REQUESTS) {
                    assertTrue(response.headers().firstValue("Retry-After").isPresent());
                    in.readAllBytes();
                    lease.ended();
                    throw new Scenario.Refused();
                }
                assertEquals(200, response.statusCode());
                return read(in, caller);
            }
        });
    }

    private static void close(InputStream in) {
        try {
            in.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Scenario.Answer read(InputStream in, Scenario.Caller caller) throws IOException {
        StringBuilder text = new StringBuilder();
        StringBuilder rest = new StringBuilder();
        boolean done = false;
        BufferedReader reader = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
        for (String line = reader.readLine(); line != null; line = reader.readLine()) {
            if (line.equals("data: [DONE]")) {
                done = true;
            } else if (line.startsWith("data: ")) {
                JsonNode event = JsonMapper.shared().readTree(line.substring(6));
                assertTrue(event.has("choices"), line);
                for (JsonNode choice : event.get("choices")) {
                    String piece = choice.path("text")
                            .asString(choice.at("/delta/content").asString(""));
                    text.append(piece);
                    caller.text(piece);
                    rest.append(choice.at("/delta/reasoning_content").asString(""));
                    for (JsonNode call : choice.at("/delta/tool_calls")) {
                        rest.append(call.at("/function/name").asString(""));
                        rest.append(call.at("/function/arguments").asString(""));
                    }
                    rest.append(choice.path("finish_reason").asString(""));
                }
            }
        }
        if (!done) {
            throw new IOException("the stream ended without [DONE]");
        }
        return new Scenario.Answer(text.toString(), text + "/" + rest);
    }

    /** An answer in one piece. To leave is to close the connection while it is awaited. */
    private Scenario whole(String name, URI address, String body) {
        return scenario(name, post(address, body), (lease, request, caller) -> {
            var future = lease.client().sendAsync(request, HttpResponse.BodyHandlers.ofString());
            caller.leave(() -> {
                lease.leave();
                future.cancel(true);
            });
            for (int i = 0; i < 12; i++) {
                caller.text("");
            }
            HttpResponse<String> response = future.join();
            if (response.statusCode() == TOO_MANY_REQUESTS) {
                lease.ended();
                throw new Scenario.Refused();
            }
            assertEquals(200, response.statusCode(), response.body());
            JsonNode choices = JsonMapper.shared().readTree(response.body()).get("choices");
            StringBuilder whole = new StringBuilder();
            for (JsonNode choice : choices) {
                whole.append(choice.path("text").asString(""))
                        .append(choice.at("/message/content").asString(""))
                        .append(choice.at("/message/tool_calls/0/function"))
                        .append(choice.path("logprobs"))
                        .append(choice.get("finish_reason"));
            }
            return new Scenario.Answer("", whole.toString());
        });
    }

    /** A client that closes its connection in the middle of its request. */
    private static Scenario half(String name, Server server, String request) {
        return new Scenario(name, caller -> {
            try (Socket socket = new Socket(server.uri().getHost(), server.port())) {
                socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
                socket.getOutputStream().flush();
            }
            return new Scenario.Answer("", "");
        });
    }

    private static HttpRequest post(URI address, String body) {
        return HttpRequest.newBuilder(address)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
    }

    private static String chat(String options) {
        return "{\"model\": \"demo\", \"messages\": [{\"role\": \"user\", \"content\": \"%s\"}], %s}"
                .formatted(FOX, options);
    }

    private List<Scenario> scenarios(Server server) {
        URI chat = server.uri().resolve(CHAT);
        URI completion = server.uri().resolve(COMPLETION);
        List<Scenario> all = new ArrayList<>();
        for (int seed = 0; seed < 6; seed++) {
            String options = "\"seed\": %d, \"max_tokens\": %d, \"temperature\": 0.9".formatted(seed, 15 + 9 * seed);
            all.add(streamed("a stream with seed " + seed, chat, chat(options)));
            all.add(whole("a story with seed " + seed, chat, chat(options)));
        }
        all.add(whole("two choices", chat, chat("\"n\": 2, \"seed\": 3, \"max_tokens\": 20, \"logprobs\": true")));
        all.add(streamed(
                "a call",
                chat,
                chat("\"tools\": %s, \"tool_choice\": \"required\", \"seed\": 4, \"max_tokens\": 80"
                        .formatted(TOOLS))));
        all.add(streamed(
                "a schema", chat, chat("\"response_format\": %s, \"seed\": 5, \"max_tokens\": 40".formatted(SCHEMA))));
        all.add(streamed(
                "token ids",
                completion,
                "{\"model\": \"demo\", \"prompt\": [5, 6, 7, 8], \"seed\": 6, \"max_tokens\": 30}"));
        all.add(whole(
                "echo",
                completion,
                "{\"model\": \"demo\", \"prompt\": \"Once upon a time\", \"seed\": 7, \"max_tokens\": 5, "
                        + "\"echo\": true, "
                        + "\"logprobs\": 2}"));
        all.add(streamed(
                "a long prompt",
                completion,
                "{\"model\": \"demo\", \"prompt\": \"%s\", \"seed\": 8, \"max_tokens\": 20}"
                        .formatted((FOX + " ").repeat(45))));
        all.add(half("half a header", server, "POST %s HTTP/1.1\r\nHost: localhost\r\nContent-".formatted(CHAT)));
        all.add(half(
                "half a body",
                server,
                "POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{"
                        .formatted(CHAT)));
        all.add(half(
                "a request that nobody waits for",
                server,
                "POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
                        .formatted(COMPLETION, LONG.length(), LONG)));
        return all;
    }

    private static final String LONG =
            "{\"model\": \"demo\", \"prompt\": \"Once\", \"ignore_eos\": true, \"max_tokens\": 900, \"stream\": true}";

    @Test
    void everyAnswerIsThatAloneAndNothingIsLeft() throws Exception {
        // Twelve clients: sometimes more wait than may.
        Concurrency limits = Concurrency.defaults().sequences(5).waiting(5);
        try (Model model = DemoModel.loader().concurrency(limits).load();
                Server server = Server.builder().model("demo", model).log(log).start()) {
            new Traffic(scenarios(server), false, traffic -> {
                        clients.close();
                        Traffic.await(
                                "answers that nobody waits for are still running, or have left memory",
                                () -> model.activity().running() == 0
                                        && model.activity().waiting() == 0
                                        && model.activity().keyValueBytes() == 0
                                        && model.memoryUse().sequences() == 0);
                        assertTrue(model.activity().refused() >= traffic.refused());
                    })
                    .run();
        }
    }
}
