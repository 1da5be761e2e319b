package kawi.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(120)
class ServeCommandTest {

    /** The exit code of a process that SIGTERM has ended. */
    private static final int TERMINATED = 143;

    /** A server in a process of its own. */
    private static final class ServerProcess implements AutoCloseable {
        private final Process process;
        private final BufferedReader err;
        private final URI uri;
        private final HttpClient client = HttpClient.newHttpClient();

        ServerProcess(Map<String, String> environment, Object... options) throws IOException {
            Object[] all = Stream.concat(Stream.of("serve", "--port", "0"), Stream.of(options))
                    .toArray();
            ProcessBuilder builder = ChildCli.builder(all);
            builder.environment().remove("KAWI_API_KEY");
            builder.environment().putAll(environment);
            process = builder.start();
            process.getOutputStream().close();
            err = new BufferedReader(new InputStreamReader(process.getErrorStream(), StandardCharsets.UTF_8));
            BufferedReader out =
                    new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
            String line = out.readLine();
            uri = URI.create(line == null ? "http://none" : line);
        }

        HttpResponse<Stream<String>> post(String path, String body, String... headers) throws Exception {
            HttpRequest.Builder request =
                    HttpRequest.newBuilder(uri.resolve(path)).POST(HttpRequest.BodyPublishers.ofString(body));
            for (int i = 0; i < headers.length; i += 2) {
                request.header(headers[i], headers[i + 1]);
            }
            return client.send(request.build(), HttpResponse.BodyHandlers.ofLines());
        }

        int get(String path) throws Exception {
            return client.send(
                            HttpRequest.newBuilder(uri.resolve(path)).build(), HttpResponse.BodyHandlers.discarding())
                    .statusCode();
        }

        /** Reads standard error until a line that contains the text. */
        String awaitError(String text) throws IOException {
            StringBuilder all = new StringBuilder();
            for (String line = err.readLine(); line != null; line = err.readLine()) {
                all.append(line).append('\n');
                if (line.contains(text)) {
                    return all.toString();
                }
            }
            throw new AssertionError("standard error does not contain " + text + ": " + all);
        }

        @Override
        public void close() {
            client.shutdownNow();
            process.destroyForcibly();
        }
    }

    private static final String STORY =
            "{\"messages\": [{\"role\": \"user\", \"content\": \"Tell me a story.\"}], \"max_tokens\": 2000, \"stream\": true}";

    @Test
    void anAnswerInProgressIsCompletedAfterTheSignal() throws Exception {
        try (ServerProcess server = new ServerProcess(Map.of(), "--name", "story")) {
            assertEquals("127.0.0.1", server.uri.getHost());
            String help = server.awaitError("curl");
            assertTrue(help.contains("Serving story at " + server.uri + "/v1"), help);
            HttpResponse<Stream<String>> response = server.post("/v1/chat/completions", STORY);
            assertEquals(200, response.statusCode());
            server.process.toHandle().destroy(); // Process.destroy would close the streams
            List<String> lines = response.body().filter(line -> !line.isEmpty()).toList();
            assertEquals("data: [DONE]", lines.getLast());
            server.awaitError("Ending");
            assertEquals(TERMINATED, server.process.waitFor());
        }
    }

    @Test
    void theKeyComesFromTheEnvironment() throws Exception {
        try (ServerProcess server = new ServerProcess(Map.of("KAWI_API_KEY", "k-1"), "--max-body", "1")) {
            assertTrue(server.awaitError("Authorization").contains("Bearer $KAWI_API_KEY\""));
            assertEquals(401, server.post("/tokenize", "{}").statusCode());
            String[] key = {"Authorization", "Bearer k-1"};
            HttpResponse<Stream<String>> tokens = server.post("/tokenize", "{\"prompt\": \"Once\"}", key);
            assertEquals(200, tokens.statusCode());
            assertEquals(413, server.post("/tokenize", "x".repeat(2 << 20), key).statusCode());
            // The line of a request may be written after its response has been sent.
            server.awaitError("\"POST /tokenize\" 413");
            assertEquals(200, server.get("/health"));
            server.awaitError("\"GET /health\" 200");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "--port,70000,port is 70000",
        "--concurrency,0,sequences is 0",
        "--queue,-1,waiting is -1",
        "--api-key,two words,the API key",
        "--max-body,0,--max-body is 0",
        "--timeout,0,receiveTime is PT0S",
        "--shutdown-time,-1,shutdownTime is PT-1S"
    })
    void optionsAreChecked(String option, String value, String message) {
        String complaint = Cli.run("serve", option, value).complaint(Kawi.INVALID_USAGE);
        assertTrue(complaint.startsWith("kawi serve: " + message), complaint);
    }

    @Test
    void aPortInUseIsAFailure() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            String complaint = Cli.run("serve", "--port", socket.getLocalPort(), "--host", "0.0.0.0")
                    .complaint(Kawi.FAILURE);
            assertTrue(complaint.contains("cannot listen on 0.0.0.0, port " + socket.getLocalPort()), complaint);
        }
    }
}
