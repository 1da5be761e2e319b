package kawi.spring.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A client of the running application, with what must hold however it was started. */
final class ApplicationClient implements AutoCloseable {

    /** Arguments of an application on a free port that gives the same answers each time. */
    static final List<String> ARGUMENTS =
            List.of("--server.port=0", "--spring.ai.kawi.chat.seed=7", "--app.openai.enabled=true");

    private static final Duration LIMIT = Duration.ofMinutes(2);
    private static final JsonMapper JSON = JsonMapper.shared();

    private final HttpClient http = HttpClient.newHttpClient();
    private final String base;

    ApplicationClient(int port) {
        this.base = "http://localhost:" + port;
    }

    JsonNode get(String path) {
        return json(send(HttpRequest.newBuilder(URI.create(base + path)).timeout(LIMIT)));
    }

    JsonNode chat(String conversation, String message) {
        return json(send(post("/api/chat", conversation, message)));
    }

    List<JsonNode> stream(String conversation, String message) {
        HttpResponse<String> response = send(post("/api/stream", conversation, message));
        assertThat(response.headers().firstValue("Content-Type"))
                .hasValueSatisfying(type -> assertThat(type).startsWith("text/event-stream"));
        return Stream.of(response.body().split("\n\n"))
                .map(event -> JSON.readTree(event.substring("data:".length())))
                .toList();
    }

    HttpResponse<String> send(HttpRequest.Builder request) {
        try {
            return http.send(request.build(), BodyHandlers.ofString());
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** Sends a request and returns the body as it arrives. */
    InputStream open(HttpRequest.Builder request) throws IOException, InterruptedException {
        HttpResponse<InputStream> response = http.send(request.build(), BodyHandlers.ofInputStream());
        assertThat(response.statusCode()).isEqualTo(200);
        return response.body();
    }

    HttpRequest.Builder post(String path, String conversation, String message) {
        return post(path, JSON.writeValueAsString(Map.of("conversation", conversation, "message", message)));
    }

    private HttpRequest.Builder post(String path, String body) {
        return HttpRequest.newBuilder(URI.create(base + path))
                .timeout(LIMIT)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body));
    }

    private static JsonNode json(HttpResponse<String> response) {
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return JSON.readTree(response.body());
    }

    private static String query(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    /** Asks for everything that the application offers. */
    void checkEverything() {
        JsonNode health = get("/actuator/health");
        assertThat(health.at("/components/kawi/status").asString()).isEqualTo("UP");
        assertThat(health.at("/components/kawi/details/model").asString()).isEqualTo("demo-q8_0.gguf");

        JsonNode answer = chat("first", "Tell me a story.");
        assertThat(answer.get("text").asString()).isNotBlank();
        assertThat(answer.get("finishReason").asString()).isIn("STOP", "LENGTH");
        assertThat(answer.get("completionTokens").asInt()).isPositive();
        JsonNode next = chat("first", "And then?");
        assertThat(next.get("promptTokens").asInt())
                .as("the conversation is remembered")
                .isGreaterThan(answer.get("promptTokens").asInt()
                        + answer.get("completionTokens").asInt()
                        - 20);

        List<JsonNode> pieces = stream("second", "Tell me a story.");
        StringBuilder text = new StringBuilder();
        pieces.forEach(piece -> text.append(piece.get("text").asString()));
        assertThat(text).hasToString(answer.get("text").asString());
        assertThat(pieces).hasSizeGreaterThan(2);
        assertThat(pieces.getLast().get("finishReason")).isEqualTo(answer.get("finishReason"));
        assertThat(pieces.subList(0, pieces.size() - 1)).noneMatch(piece -> piece.has("finishReason"));

        JsonNode recipe = get("/api/recipe?dish=" + query("ginger tea"));
        assertThat(recipe.propertyNames()).containsExactlyInAnyOrder("title", "steps", "minutes");
        assertThat(recipe.get("title").asString()).hasSizeLessThanOrEqualTo(40);
        assertThat(recipe.get("steps").isArray()).isTrue();
        assertThat(recipe.get("minutes").isInt()).isTrue();

        assertThat(get("/api/library?question=" + query("Is the library open on Sunday?"))
                        .get("text")
                        .asString())
                .isNotBlank();
        assertThat(get("/actuator/metrics/spring.ai.tool")
                        .at("/measurements/0/value")
                        .asInt())
                .as("calls of the tool")
                .isEqualTo(1);
        assertThat(get("/actuator/metrics/gen_ai.client.operation?tag=gen_ai.system:kawi")
                        .at("/measurements/0/value")
                        .asInt())
                .as("answers, two of them with the tool")
                .isEqualTo(6);
        assertThat(get("/actuator/metrics/kawi.memory.used")
                        .at("/measurements/0/value")
                        .asDouble())
                .isPositive();

        checkOpenAi();

        HttpResponse<String> tooLong = send(post("/api/chat", "third", "word ".repeat(2000)));
        assertThat(tooLong.statusCode()).isEqualTo(400);
        assertThat(JSON.readTree(tooLong.body()).get("detail").asString()).contains("the context holds 1024");
    }

    private void checkOpenAi() {
        assertThat(get("/v1/models").at("/data/0/id").asString()).isEqualTo("demo-q8_0.gguf");
        String body = """
                {"model": "demo-q8_0.gguf", "seed": 3, "max_tokens": 20, "stream": %s,
                 "messages": [{"role": "user", "content": "Tell me a story."}]}""";
        JsonNode completion = json(send(post("/v1/chat/completions", body.formatted(false))));
        String text = completion.at("/choices/0/message/content").asString();
        assertThat(text).isNotBlank();
        assertThat(completion.at("/usage/completion_tokens").asInt()).isEqualTo(20);

        String events = send(post("/v1/chat/completions", body.formatted(true))).body();
        assertThat(events).endsWith("data: [DONE]\n\n");
        String streamed = Stream.of(events.split("\n\n"))
                .filter(event -> event.startsWith("data: {"))
                .map(event -> JSON.readTree(event.substring("data: ".length())))
                .map(chunk -> chunk.at("/choices/0/delta/content").asString(""))
                .collect(Collectors.joining());
        assertThat(streamed).isEqualTo(text);
    }

    @Override
    public void close() {
        http.close();
    }
}
