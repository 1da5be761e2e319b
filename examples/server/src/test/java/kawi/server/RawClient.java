package kawi.server;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** A client that writes the bytes it is told to, and reads responses by itself. */
final class RawClient implements AutoCloseable {

    private static final int TIMEOUT_MILLIS = 60_000;

    private final Socket socket;
    private final InputStream in;

    /** A response. */
    record Response(int status, Map<String, String> headers, String body) {
        String header(String name) {
            return headers.getOrDefault(name.toLowerCase(Locale.ROOT), "");
        }
    }

    RawClient(Server server) throws IOException {
        this(server, 0);
    }

    /** @param receiveBuffer the size of the buffer for what the server sends; 0 for the default */
    RawClient(Server server, int receiveBuffer) throws IOException {
        socket = new Socket();
        if (receiveBuffer > 0) {
            socket.setReceiveBufferSize(receiveBuffer);
        }
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), server.port()));
        socket.setSoTimeout(TIMEOUT_MILLIS);
        in = socket.getInputStream();
    }

    /** Sends text; lines end as they are written. */
    RawClient send(String text) throws IOException {
        return send(text.getBytes(StandardCharsets.UTF_8));
    }

    RawClient send(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
        socket.getOutputStream().flush();
        return this;
    }

    /** Sends a request whose header has a length. */
    RawClient post(String path, String body, String... headers) throws IOException {
        return post(path, body.getBytes(StandardCharsets.UTF_8), headers);
    }

    RawClient post(String path, byte[] body, String... headers) throws IOException {
        return send("POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n%s\r\n"
                        .formatted(path, body.length, lines(headers)))
                .send(body);
    }

    RawClient get(String path, String... headers) throws IOException {
        return send("GET %s HTTP/1.1\r\nHost: localhost\r\n%s\r\n".formatted(path, lines(headers)));
    }

    private static String lines(String... headers) {
        return headers.length == 0 ? "" : String.join("\r\n", headers) + "\r\n";
    }

    /** Reads a response to its end. */
    Response response() throws IOException {
        return response(true);
    }

    /** Reads a response to a request with the method HEAD. */
    Response headResponse() throws IOException {
        return response(false);
    }

    private Response response(boolean hasBody) throws IOException {
        Response head = head();
        if (!hasBody || head.status() == 204) {
            return head;
        }
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        if (head.header("Transfer-Encoding").equals("chunked")) {
            String chunk = chunk();
            while (!chunk.isEmpty()) {
                body.writeBytes(chunk.getBytes(StandardCharsets.UTF_8));
                chunk = chunk();
            }
        } else {
            body.writeBytes(in.readNBytes(Integer.parseInt(head.header("Content-Length"))));
        }
        return new Response(head.status(), head.headers(), body.toString(StandardCharsets.UTF_8));
    }

    /** Reads the status and the headers. */
    Response head() throws IOException {
        String status = line();
        Map<String, String> headers = new LinkedHashMap<>();
        for (String line = line(); !line.isEmpty(); line = line()) {
            int colon = line.indexOf(':');
            headers.put(
                    line.substring(0, colon).toLowerCase(Locale.ROOT),
                    line.substring(colon + 1).strip());
        }
        return new Response(Integer.parseInt(status.split(" ", 3)[1]), headers, "");
    }

    /** Reads a chunk of a body; the last one is empty. */
    String chunk() throws IOException {
        int length = Integer.parseInt(line(), 16);
        byte[] bytes = in.readNBytes(length);
        if (bytes.length < length) {
            throw new IOException("the connection was closed within a chunk");
        }
        line();
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private String line() throws IOException {
        StringBuilder line = new StringBuilder();
        int c = in.read();
        while (c != '\n') {
            if (c < 0) {
                throw new IOException("the connection was closed");
            }
            line.append((char) c);
            c = in.read();
        }
        return line.toString().stripTrailing();
    }

    /** Waits until the server closes the connection, and returns whether it did. */
    boolean closedByServer() throws IOException {
        try {
            while (in.read() >= 0) {
                // what came before
            }
            return true;
        } catch (SocketTimeoutException e) {
            return false;
        } catch (IOException e) {
            return true; // reset
        }
    }

    /** Closes the half of the connection to the server. */
    void shutdownOutput() throws IOException {
        socket.shutdownOutput();
    }

    /** Has the connection reset when it is closed, as that of a process that is killed with data unread. */
    void reset() throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
