package kawi.hub;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ServerSocketFactory;
import org.jspecify.annotations.Nullable;

/**
 * A proxy that sends everything to one server, whatever host is named; or, without the protocol of a proxy, a relay
 * that only decrypts.
 */
final class LocalProxy implements AutoCloseable {

    /** The first lines of requests. */
    final List<String> requests = new CopyOnWriteArrayList<>();

    /** USER:PASSWORD, if they are required. */
    volatile @Nullable String requiredCredentials;

    /** The status of all replies to CONNECT, if it is not 200. */
    volatile int refusal;

    private final ServerSocket listening;
    private final int target;
    private final boolean relay;

    private LocalProxy(ServerSocketFactory sockets, int target, boolean relay) {
        try {
            listening = sockets.createServerSocket(0, 64, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        this.target = target;
        this.relay = relay;
        Thread.ofVirtual().start(this::accept);
    }

    /** @param target the port of the server */
    static LocalProxy to(int target) {
        return new LocalProxy(ServerSocketFactory.getDefault(), target, false);
    }

    /** A server that passes on what it has decrypted. */
    static LocalProxy decrypting(ServerSocketFactory tls, int target) {
        return new LocalProxy(tls, target, true);
    }

    int port() {
        return listening.getLocalPort();
    }

    private void accept() {
        while (!listening.isClosed()) {
            try {
                Socket client = listening.accept();
                Thread.ofVirtual().start(() -> serve(client));
            } catch (IOException e) {
                return;
            }
        }
    }

    private void serve(Socket client) {
        try (client;
                Socket server = new Socket(InetAddress.getLoopbackAddress(), target)) {
            InputStream in = new BufferedInputStream(client.getInputStream());
            if (!relay && !begin(in, client.getOutputStream(), server.getOutputStream())) {
                return;
            }
            Thread back = Thread.ofVirtual().start(() -> copy(server, client));
            in.transferTo(server.getOutputStream());
            server.shutdownOutput();
            back.join();
        } catch (IOException e) {
            // One of the two has disconnected.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void copy(Socket from, Socket to) {
        try {
            from.getInputStream().transferTo(to.getOutputStream());
            to.close();
        } catch (IOException e) {
            // One of the two has disconnected.
        }
    }

    /** Reads the head of the first request, and sends the server what it is to get of it. */
    private boolean begin(InputStream in, OutputStream out, OutputStream server) throws IOException {
        while (true) {
            StringBuilder head = new StringBuilder();
            String credentials = "";
            String first = line(in);
            for (String line = line(in); !line.isEmpty(); line = line(in)) {
                if (line.toLowerCase(Locale.ROOT).startsWith("proxy-authorization: basic ")) {
                    credentials = new String(
                            Base64.getDecoder().decode(line.substring(27).strip()), StandardCharsets.UTF_8);
                } else {
                    head.append(line).append("\r\n");
                }
            }
            if (first.isEmpty()) {
                return false;
            }
            requests.add(first);
            String required = requiredCredentials;
            if (required != null && !required.equals(credentials)) {
                answer(out, "407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"here\"");
                continue;
            }
            String[] words = first.split(" ", -1);
            if (!words[0].equals("CONNECT")) {
                URI address = URI.create(words[1]);
                String path = address.getRawPath() + (address.getRawQuery() == null ? "" : "?" + address.getRawQuery());
                // Only the first request of a connection is read.
                server.write("%s %s HTTP/1.1\r\n%s\r\n"
                        .formatted(words[0], path, head)
                        .getBytes(StandardCharsets.ISO_8859_1));
                return true;
            }
            if (refusal != 0) {
                answer(out, refusal + " No");
                return false;
            }
            out.write("HTTP/1.1 200 Connected\r\n\r\n".getBytes(StandardCharsets.ISO_8859_1));
            out.flush();
            return true;
        }
    }

    private static void answer(OutputStream out, String status) throws IOException {
        out.write("HTTP/1.1 %s\r\nContent-Length: 0\r\n\r\n".formatted(status).getBytes(StandardCharsets.ISO_8859_1));
        out.flush();
    }

    private static String line(InputStream in) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int b = in.read(); b >= 0 && b != '\n'; b = in.read()) {
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
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
