package kawi.spring.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import kawi.server.protocol.Api;
import kawi.server.protocol.ApiRequest;
import kawi.server.protocol.ApiResponse;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.support.GenericApplicationContext;

/** The requests and responses of a handler of the OpenAI protocol, over HTTP. */
final class OpenAiControllerTest {

    private static final CompletableFuture<ApiRequest> ENDLESS = new CompletableFuture<>();
    private static final CompletableFuture<IOException> ENDED = new CompletableFuture<>();

    private static ConfigurableApplicationContext context;
    private static ApplicationClient client;

    @BeforeAll
    static void start() {
        context = new SpringApplicationBuilder(KawiApplication.class)
                .initializers(starting -> ((GenericApplicationContext) starting)
                        .registerBean("stub", Api.class, () -> OpenAiControllerTest::answer))
                .run("--server.port=0", "--app.openai.enabled=true");
        client =
                new ApplicationClient(context.getEnvironment().getRequiredProperty("local.server.port", Integer.class));
    }

    @AfterAll
    static void stop() {
        client.close();
        context.close();
    }

    private static ApiResponse answer(ApiRequest request) {
        return switch (request.path()) {
            case "/v1/echo" ->
                new ApiResponse.Complete(
                        418,
                        Map.of("Retry-After", "7"),
                        "application/json; charset=utf-8",
                        (request.method() + " " + new String(request.body(), StandardCharsets.UTF_8))
                                .getBytes(StandardCharsets.UTF_8));
            case "/v1/events" ->
                new ApiResponse.Events(Map.of("X-Request-Id", request.requestId()), sink -> {
                    sink.comment("");
                    sink.event(null, "{\"text\":\"héllo\"}");
                    sink.event("done", "[DONE]");
                });
            case "/v1/endless" ->
                new ApiResponse.Events(Map.of(), sink -> {
                    ENDLESS.complete(request);
                    try {
                        while (true) {
                            sink.event(null, "x".repeat(1000));
                        }
                    } catch (IOException e) {
                        ENDED.complete(e);
                        throw e;
                    }
                });
            default -> throw new AssertionError(request.path());
        };
    }

    @Test
    void aCompleteResponse() {
        HttpResponse<String> response = client.send(client.post("/v1/echo", "é", "b"));
        assertThat(response.statusCode()).isEqualTo(418);
        assertThat(response.headers().firstValue("Retry-After")).hasValue("7");
        assertThat(response.headers().firstValue("Content-Type"))
                .hasValueSatisfying(type -> assertThat(type).startsWith("application/json"));
        assertThat(response.body()).startsWith("POST {").contains("\"conversation\":\"é\"");
    }

    @Test
    void events() {
        HttpResponse<String> response = client.send(client.post("/v1/events", "a", "b"));
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.headers().firstValue("X-Request-Id")).isPresent();
        assertThat(response.headers().firstValue("Content-Type"))
                .hasValueSatisfying(type -> assertThat(type).startsWith("text/event-stream"));
        assertThat(response.body()).isEqualTo(": \n\ndata: {\"text\":\"héllo\"}\n\nevent: done\ndata: [DONE]\n\n");
    }

    @Test
    void aClientThatDisconnectsCancelsItsRequest() throws Exception {
        try (InputStream events = client.open(client.post("/v1/endless", "a", "b"))) {
            assertThat(events.read()).isEqualTo('d');
        }
        assertThat(ENDED.get(1, TimeUnit.MINUTES)).isNotNull();
        ApiRequest request = ENDLESS.get(1, TimeUnit.MINUTES);
        while (!request.cancellation().isCancelled()) {
            Thread.sleep(5);
        }
    }

    @Test
    void aBodyThatIsTooLargeIsRefused() {
        assertThat(client.send(client.post("/v1/echo", "a", "x".repeat(5 << 20)))
                        .statusCode())
                .isEqualTo(413);
    }
}
