package kawi.server.protocol;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import kawi.Cancellation;
import kawi.Model;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Sends requests to an API without HTTP. */
final class Client {

    static final JsonMapper JSON = new JsonMapper();

    private final Api api;

    Client(Api api) {
        this.api = api;
    }

    /** A client of an API with one model, which is named demo. */
    static Client of(Model model) {
        return new Client(new OpenAi(Map.of("demo", model)));
    }

    /**
     * A response.
     *
     * @param events the events of a stream, otherwise empty
     */
    record Answer(int status, Map<String, String> headers, JsonNode body, List<Event> events) {

        String message() {
            return body.at("/error/message").stringValue("");
        }

        String code() {
            return body.at("/error/code").stringValue("");
        }

        String param() {
            return body.at("/error/param").stringValue("");
        }

        /** The data of the events but the last, which is the end of a stream of chunks. */
        List<JsonNode> chunks() {
            if (!events.getLast().data().equals("[DONE]")) {
                throw new AssertionError("no end: " + events);
            }
            return events.stream()
                    .limit(events.size() - 1)
                    .map(event -> JSON.readTree(event.data()))
                    .toList();
        }
    }

    record Event(@Nullable String name, String data) {}

    static ApiRequest request(String method, String path, byte[] body) {
        return new ApiRequest(method, path, body, new Cancellation(), "test");
    }

    Answer get(String path) {
        return send(request("GET", path, new byte[0]));
    }

    Answer post(String path, String body) {
        return send(request("POST", path, body.replace('\'', '"').getBytes(StandardCharsets.UTF_8)));
    }

    /** Posts to the chat endpoint. */
    Answer chat(String body) {
        return post("/v1/chat/completions", body);
    }

    /** Posts to the completions endpoint. */
    Answer complete(String body) {
        return post("/v1/completions", body);
    }

    Answer send(ApiRequest request) {
        switch (api.handle(request)) {
            case ApiResponse.Complete complete -> {
                return new Answer(complete.status(), complete.headers(), JSON.readTree(complete.body()), List.of());
            }
            case ApiResponse.Events stream -> {
                List<Event> events = new ArrayList<>();
                try {
                    stream.source().writeTo(new EventSink() {
                        @Override
                        public void event(@Nullable String name, String data) {
                            events.add(new Event(name, data));
                        }

                        @Override
                        public void comment(String text) {}
                    });
                } catch (IOException e) {
                    throw new AssertionError(e);
                }
                return new Answer(200, stream.headers(), JSON.nullNode(), events);
            }
        }
    }
}
