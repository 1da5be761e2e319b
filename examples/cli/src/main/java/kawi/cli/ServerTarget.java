package kawi.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A server with the OpenAI protocol: {@code /completions} with token ids as prompts, streamed. */
final class ServerTarget implements LoadTarget {

    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);
    private static final int TOO_MANY_REQUESTS = 429;
    private static final int UNAVAILABLE = 503;
    private static final int MAX_MESSAGE = 300;
    private static final String DATA = "data:";

    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(CONNECT_TIMEOUT)
            .build();
    private final String url;
    private final @Nullable String key;
    private final double temperature;
    private final String model;
    private volatile boolean aborted;

    /** @param url the address of the API, such as {@code http://localhost:8080/v1} */
    ServerTarget(String url, @Nullable String key, double temperature) throws IOException, InterruptedException {
        this.url = url.replaceAll("/+$", "");
        this.key = key;
        this.temperature = temperature;
        this.model = firstModel();
    }

    private HttpRequest.Builder request(String path) {
        HttpRequest.Builder request;
        try {
            request = HttpRequest.newBuilder(URI.create(url + path));
        } catch (IllegalArgumentException e) {
            throw new UsageException(
                    "--url is '%s'; expected an address such as http://localhost:8080/v1".formatted(url), e);
        }
        return key == null ? request : request.header("Authorization", "Bearer " + key);
    }

    private String firstModel() throws IOException, InterruptedException {
        HttpResponse<Stream<String>> response;
        try {
            response = client.send(request("/models").build(), HttpResponse.BodyHandlers.ofLines());
        } catch (ConnectException e) {
            throw new IOException("%s does not answer".formatted(url), e);
        }
        try (Stream<String> lines = response.body()) {
            String body = lines.collect(Collectors.joining("\n"));
            if (response.statusCode() != 200) {
                throw new IOException(refusal("/models", response.statusCode(), body));
            }
            if (Json.read(body, url + "/models") instanceof Map<?, ?> object
                    && object.get("data") instanceof List<?> data
                    && !data.isEmpty()
                    && data.getFirst() instanceof Map<?, ?> first) {
                return String.valueOf(first.get("id"));
            }
            throw new IOException("%s/models lists no model".formatted(url));
        }
    }

    private static String brief(String text) {
        String line = Texts.printable(text).strip().replaceAll("\\s+", " ");
        return line.length() <= MAX_MESSAGE ? line : line.substring(0, MAX_MESSAGE) + "...";
    }

    private String refusal(String path, int status, String body) {
        String message = body;
        try {
            if (Json.read(body, "the body") instanceof Map<?, ?> object
                    && object.get("error") instanceof Map<?, ?> error
                    && error.get("message") != null) {
                message = String.valueOf(error.get("message"));
            }
        } catch (IllegalArgumentException e) {
            // not JSON
        }
        return "%s%s: status %d: %s".formatted(url, path, status, brief(message));
    }

    @Override
    public int answer(LoadPlan.Request request, Runnable piece)
            throws IOException, InterruptedException, BusyTargetException {
        Map<String, @Nullable Object> body = new LinkedHashMap<>();
        body.put("model", model);
        body.put("prompt", request.prompt());
        body.put("max_tokens", request.answerTokens());
        body.put("temperature", temperature);
        body.put("seed", request.seed());
        body.put("ignore_eos", true);
        body.put("stream", true);
        body.put("stream_options", Map.of("include_usage", true));
        HttpRequest post = request("/completions")
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(Json.text(body)))
                .build();
        try {
            HttpResponse<Stream<String>> response = client.send(post, HttpResponse.BodyHandlers.ofLines());
            try (Stream<String> lines = response.body()) {
                int status = response.statusCode();
                if (status != 200) {
                    String message = refusal("/completions", status, lines.collect(Collectors.joining("\n")));
                    if (status == TOO_MANY_REQUESTS || status == UNAVAILABLE) {
                        throw new BusyTargetException(message);
                    }
                    throw new IOException(message);
                }
                return read(lines, piece);
            }
        } catch (IOException | UncheckedIOException e) {
            if (aborted) {
                throw new CancellationException();
            }
            throw e;
        }
    }

    /**
     * Reads the events of a stream to its end and returns the number of tokens. Closing the body while its last bytes
     * arrive could close the connection when it serves another request already.
     */
    private int read(Stream<String> lines, Runnable piece) throws IOException {
        String failure = null;
        int pieces = 0;
        int tokens = -1;
        boolean done = false;
        for (var all = lines.iterator(); all.hasNext(); ) {
            String line = all.next();
            String data = line.startsWith(DATA) ? line.substring(DATA.length()).strip() : "";
            if (data.equals("[DONE]")) {
                done = true;
            } else if (!data.isEmpty() && Json.read(data, "an event of the server") instanceof Map<?, ?> event) {
                if (event.get("error") != null) {
                    failure = "the answer failed: " + brief(Json.text(event.get("error")));
                }
                if (hasText(event)) {
                    piece.run();
                    pieces++;
                }
                if (event.get("usage") instanceof Map<?, ?> usage
                        && usage.get("completion_tokens") instanceof Number number) {
                    tokens = number.intValue();
                }
            }
        }
        if (failure != null) {
            throw new IOException(failure);
        }
        if (!done) {
            throw new IOException("the stream ended before the answer did");
        }
        return tokens < 0 ? pieces : tokens;
    }

    private static boolean hasText(Map<?, ?> event) {
        return event.get("choices") instanceof List<?> choices
                && !choices.isEmpty()
                && choices.getFirst() instanceof Map<?, ?> choice
                && !Objects.requireNonNullElse(choice.get("text"), "").equals("");
    }

    @Override
    public String description() {
        return "%s at %s".formatted(model, url);
    }

    @Override
    public void abort() {
        aborted = true;
        client.shutdownNow();
    }

    @Override
    public void close() {
        client.shutdownNow();
    }
}
