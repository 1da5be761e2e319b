package kawi.server.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import kawi.Model;
import kawi.demo.DemoModel;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

@Timeout(60)
class LiveEventsTest {

    private static final byte[] NO_BODY = {};

    private static ApiRequest request() {
        return Client.request("POST", "/", NO_BODY);
    }

    private static List<String> written(ApiResponse response) throws IOException {
        List<String> written = new ArrayList<>();
        assertInstanceOf(ApiResponse.Events.class, response).source().writeTo(new EventSink() {
            @Override
            public void event(@Nullable String name, String data) {
                written.add(data);
            }

            @Override
            public void comment(String text) {}
        });
        return written;
    }

    @Test
    void aFailureBeforeTheFirstEventIsThrown() {
        ApiException failure = ApiException.invalid("x", "y", "No.");
        assertSame(
                failure,
                assertThrows(
                        ApiException.class,
                        () -> LiveEvents.start(
                                request(),
                                Duration.ZERO,
                                events -> {
                                    throw failure;
                                },
                                (thrown, events) -> events.add(null, "reported"))));
    }

    @Test
    void aFailureAfterTheFirstEventIsAnEvent() throws IOException {
        ApiResponse response = LiveEvents.start(
                request(),
                Duration.ZERO,
                events -> {
                    events.add(null, "one");
                    throw ApiException.invalid("x", "y", "No.");
                },
                (failure, events) -> events.add(null, String.valueOf(failure.getMessage())));
        assertEquals(List.of("one", "No."), written(response));
    }

    @Test
    void moreEventsThanTheQueueHoldsAreWrittenInOrder() throws IOException {
        ApiResponse response = LiveEvents.start(
                request(),
                Duration.ZERO,
                events -> {
                    for (int i = 0; i < 5000; i++) {
                        events.add(null, String.valueOf(i));
                    }
                },
                (failure, events) -> {});
        List<String> written = written(response);
        assertEquals(5000, written.size());
        assertEquals("4999", written.getLast());
    }

    @Test
    void aProducerEndsWhenItsClientHasGone() throws Exception {
        ApiRequest request = request();
        CountDownLatch ended = new CountDownLatch(1);
        ApiResponse response = LiveEvents.start(
                request,
                Duration.ZERO,
                events -> {
                    try {
                        while (true) {
                            events.add(null, "more");
                        }
                    } finally {
                        ended.countDown();
                    }
                },
                (failure, events) -> {});
        EventSink gone = new EventSink() {
            @Override
            public void event(@Nullable String name, String data) throws IOException {
                throw new IOException("broken pipe");
            }

            @Override
            public void comment(String text) {}
        };
        assertThrows(
                IOException.class,
                () -> ((ApiResponse.Events) response).source().writeTo(gone));
        assertTrue(request.cancellation().isCancelled());
        assertTrue(ended.await(30, TimeUnit.SECONDS));
    }

    @Test
    void anAnswerEndsWhenItsClientHasGone() throws Exception {
        try (Model model = DemoModel.load()) {
            OpenAi api = new OpenAi(Map.of("demo", model));
            ApiRequest request = Client.request(
                    "POST",
                    "/v1/completions",
                    "{\"prompt\":\"Once\",\"max_tokens\":100000,\"ignore_eos\":true,\"stream\":true}"
                            .getBytes(StandardCharsets.UTF_8));
            ApiResponse.Events events = assertInstanceOf(ApiResponse.Events.class, api.handle(request));
            EventSink gone = new EventSink() {
                private int left = 3;

                @Override
                public void event(@Nullable String name, String data) throws IOException {
                    if (left-- == 0) {
                        throw new IOException("broken pipe");
                    }
                }

                @Override
                public void comment(String text) {}
            };
            assertThrows(IOException.class, () -> events.source().writeTo(gone));
            while (model.memoryUse().sequences() > 0) {
                Thread.sleep(10);
            }
        }
    }

    /** Closes the model after a few events. */
    @SuppressWarnings("try") // it is closed before the end
    private static List<JsonNode> cut(String path, String input) throws IOException {
        try (Model model = DemoModel.load()) {
            OpenAi api = new OpenAi(Map.of("demo", model));
            ApiRequest request =
                    Client.request("POST", path, ("{\"stream\":true," + input + "}").getBytes(StandardCharsets.UTF_8));
            ApiResponse.Events events = assertInstanceOf(ApiResponse.Events.class, api.handle(request));
            List<JsonNode> written = new ArrayList<>();
            events.source().writeTo(new EventSink() {
                @Override
                public void event(@Nullable String name, String data) {
                    written.add(Client.JSON.readTree(data));
                    if (written.size() == 6) {
                        model.close();
                    }
                }

                @Override
                public void comment(String text) {}
            });
            return written;
        }
    }

    @Test
    void aStreamThatFailsEndsWithAnError() throws IOException {
        List<JsonNode> chunks = cut("/v1/completions", "\"prompt\":\"Once\",\"max_tokens\":100000,\"ignore_eos\":true");
        assertEquals("cancelled", chunks.getLast().at("/error/code").stringValue());

        List<JsonNode> events = cut("/v1/responses", "\"input\":\"Once\",\"ignore_eos\":true");
        assertEquals(
                List.of("error", "response.failed"),
                events.subList(events.size() - 2, events.size()).stream()
                        .map(event -> event.get("type").stringValue())
                        .toList());
        assertEquals("failed", events.getLast().at("/response/status").stringValue());
        assertEquals(events.size() - 1, events.getLast().get("sequence_number").intValue());
    }
}
