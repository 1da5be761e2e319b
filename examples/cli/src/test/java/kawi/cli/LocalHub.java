package kawi.cli;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.concurrent.Executors;

/** A hub on this machine, each of whose repositories contains the demo model; except those called "none". */
final class LocalHub implements AutoCloseable {

    static final String COMMIT = "0123456789abcdef0123456789abcdef01234567";
    static final String FILE = "demo-Q8_0.gguf";

    private final byte[] demo;
    private final String hash;
    private final HttpServer server;
    private volatile int delayMilliseconds;

    LocalHub() throws IOException {
        demo = Files.readAllBytes(Cli.DEMO);
        try {
            hash = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(demo));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::answer);
        server.setExecutor(Executors.newCachedThreadPool());
        server.start();
    }

    byte[] demo() {
        return demo;
    }

    int port() {
        return server.getAddress().getPort();
    }

    String address() {
        return "http://127.0.0.1:" + port();
    }

    /** Sends the second half of each reply after a delay. */
    void delay(int milliseconds) {
        delayMilliseconds = milliseconds;
    }

    private void answer(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        if (path.matches("/api/models/[^/]+/(?!none/)[^/]+/revision/main")) {
            String listing =
                    "{\"sha\":\"%s\",\"siblings\":[{\"rfilename\":\"%s\",\"size\":%d,\"lfs\":{\"sha256\":\"%s\",\"size\":%d}}]}"
                            .formatted(COMMIT, FILE, demo.length, hash, demo.length);
            send(exchange, 200, listing.getBytes(StandardCharsets.UTF_8));
        } else if (path.endsWith("/resolve/%s/%s".formatted(COMMIT, FILE))) {
            String[] range = exchange.getRequestHeaders()
                    .getFirst("Range")
                    .substring("bytes=".length())
                    .split("-", -1);
            int from = Integer.parseInt(range[0]);
            int to = Integer.parseInt(range[1]);
            exchange.getResponseHeaders().add("Content-Range", "bytes %d-%d/%d".formatted(from, to, demo.length));
            send(exchange, 206, Arrays.copyOfRange(demo, from, to + 1));
        } else {
            send(exchange, 404, new byte[] {'-'});
        }
    }

    private void send(HttpExchange exchange, int status, byte[] body) throws IOException {
        try (exchange) {
            exchange.sendResponseHeaders(status, body.length);
            exchange.getResponseBody().write(body, 0, body.length / 2);
            exchange.getResponseBody().flush();
            Thread.sleep(delayMilliseconds);
            exchange.getResponseBody().write(body, body.length / 2, body.length - body.length / 2);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
