package kawi.hub;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** An HTTP server that can misbehave: it may announce a different length than it sends, and close connections early. */
final class LocalServer implements AutoCloseable {

    record Request(String method, String target, Map<String, String> headers) {

        String header(String name) {
            return headers.getOrDefault(name.toLowerCase(Locale.ROOT), "");
        }
    }

    /**
     * @param announced the Content-Length
     * @param sent how many bytes of the body are sent before the connection is cut, or its length
     * @param silent whether the connection stays open without sending anything instead
     */
    record Reply(int status, Map<String, String> headers, byte[] body, long announced, int sent, boolean silent) {

        static Reply of(int status, String body) {
            return of(status, Map.of(), body.getBytes(StandardCharsets.UTF_8));
        }

        static Reply of(int status, Map<String, String> headers, byte[] body) {
            return new Reply(status, headers, body, body.length, body.length, false);
        }

        Reply cutAfter(int bytes) {
            return new Reply(status, headers, body, announced, Math.min(bytes, body.length), silent);
        }

        Reply silentAfter(int bytes) {
            return new Reply(status, headers, body, announced, Math.min(bytes, body.length), true);
        }

        Reply announcing(long length) {
            return new Reply(status, headers, body, length, sent, silent);
        }

        Reply with(String name, String value) {
            Map<String, String> more = new LinkedHashMap<>(headers);
            more.put(name, value);
            return new Reply(status, more, body, announced, sent, silent);
        }
    }

    @FunctionalInterface
    interface Handler {
        Reply reply(Request request);
    }

    final List<Request> requests = new CopyOnWriteArrayList<>();

    /** Bytes of bodies of GET requests that were answered with 200 or 206. */
    final AtomicLong served = new AtomicLong();

    private final ServerSocket listening;
    private final Handler handler;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();

    LocalServer(Handler handler) {
        this.handler = handler;
        try {
            listening = new ServerSocket(0, 64, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        Thread.ofVirtual().start(this::accept);
    }

    /** Waits until all clients have disconnected and no response is in progress. */
    void awaitIdle() throws InterruptedException {
        while (!open.isEmpty()) {
            Thread.sleep(5);
        }
    }

    String address() {
        return "http://127.0.0.1:" + listening.getLocalPort();
    }

    private void accept() {
        while (!listening.isClosed()) {
            try {
                Socket socket = listening.accept();
                open.add(socket);
                Thread.ofVirtual().start(() -> serve(socket));
            } catch (IOException e) {
                return;
            }
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            InputStream in = new BufferedInputStream(socket.getInputStream());
            OutputStream out = socket.getOutputStream();
            for (Request request = read(in); request != null; request = read(in)) {
                requests.add(request);
                if (!answer(request, handler.reply(request), out)) {
                    return;
                }
            }
        } catch (IOException e) {
            // The client has disconnected.
        } finally {
            open.remove(socket);
        }
    }

    /** Sends a reply; returns whether the connection may be used again. */
    private boolean answer(Request request, Reply reply, OutputStream out) throws IOException {
        StringBuilder head = new StringBuilder("HTTP/1.1 %d Whatever\r\n".formatted(reply.status));
        reply.headers.forEach(
                (name, value) -> head.append(name).append(": ").append(value).append("\r\n"));
        head.append("Content-Length: ").append(reply.announced).append("\r\n\r\n");
        out.write(head.toString().getBytes(StandardCharsets.ISO_8859_1));
        if (request.method.equals("HEAD")) {
            return true;
        }
        int chunk = 4096;
        for (int at = 0; at < reply.sent; at += chunk) {
            int count = Math.min(chunk, reply.sent - at);
            out.write(reply.body, at, count);
            if (reply.status == 200 || reply.status == 206) {
                served.addAndGet(count);
            }
        }
        out.flush();
        if (reply.silent) {
            try {
                Thread.sleep(60_000);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        return reply.sent == reply.announced;
    }

    private static @Nullable Request read(InputStream in) throws IOException {
        String first = line(in);
        if (first == null || first.isEmpty()) {
            return null;
        }
        Map<String, String> headers = new LinkedHashMap<>();
        for (String line = line(in); line != null && !line.isEmpty(); line = line(in)) {
            int colon = line.indexOf(':');
            headers.put(
                    line.substring(0, colon).toLowerCase(Locale.ROOT),
                    line.substring(colon + 1).strip());
        }
        String[] words = first.split(" ", -1);
        // A proxy is asked for whole addresses.
        return new Request(words[0], words[1].replaceFirst("^http://[^/]+", ""), headers);
    }

    private static @Nullable String line(InputStream in) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int b = in.read(); b != '\n'; b = in.read()) {
            if (b < 0) {
                return null;
            }
            if (b != '\r') {
                line.write(b);
            }
        }
        return line.toString(StandardCharsets.ISO_8859_1);
    }

    @Override
    public void close() {
        try {
            listening.close();
            for (Socket socket : open) {
                socket.close();
            }
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
