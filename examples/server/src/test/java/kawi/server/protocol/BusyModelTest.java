package kawi.server.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import kawi.Concurrency;
import kawi.Model;
import kawi.demo.DemoModel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A model that answers one request at a time, and is answering one. */
@Timeout(120)
class BusyModelTest {

    private static final String ENDLESS =
            "{\"prompt\":\"Once\",\"max_tokens\":100000,\"ignore_eos\":true,\"stream\":true}";

    private static Model model(int waiting) {
        return DemoModel.loader()
                .concurrency(Concurrency.defaults().sequences(1).waiting(waiting))
                .load();
    }

    private static ApiRequest occupy(OpenAi api) {
        ApiRequest endless = Client.request("POST", "/v1/completions", ENDLESS.getBytes(StandardCharsets.UTF_8));
        assertInstanceOf(ApiResponse.Events.class, api.handle(endless));
        return endless;
    }

    @Test
    void aRequestThatCannotWaitIsToldWhenToTryAgain() {
        try (Model model = model(0)) {
            OpenAi api = new OpenAi(Map.of("demo", model));
            ApiRequest endless = occupy(api);
            for (String stream : new String[] {"true", "false"}) {
                Client.Answer answer = new Client(api).complete("{'prompt':'x','stream':" + stream + "}");
                assertEquals(429, answer.status(), answer.toString());
                assertEquals("rate_limit_exceeded", answer.code());
                assertTrue(Integer.parseInt(answer.headers().get("Retry-After")) >= 1);
            }
            endless.cancellation().cancel();
        }
    }

    @Test
    void aRequestThatHasWaitedTooLongIsToldSo() {
        try (Model model = model(5)) {
            OpenAi api = new OpenAi(Map.of("demo", model), Duration.ofMillis(50));
            ApiRequest endless = occupy(api);
            assertEquals(
                    429,
                    new Client(api).complete("{'prompt':'x','stream':true}").status());
            endless.cancellation().cancel();
        }
    }

    @Test
    void aBatchThatExceedsThePlacesIsAnswered() {
        try (Model model = model(0)) {
            Client client = new Client(new OpenAi(Map.of("demo", model)));
            assertEquals(
                    5,
                    client.complete("{'prompt':['a','b','c','d','e'],'max_tokens':2}")
                            .body()
                            .get("choices")
                            .size());
        }
    }
}
