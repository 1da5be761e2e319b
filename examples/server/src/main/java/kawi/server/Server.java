package kawi.server;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import kawi.Model;
import kawi.server.protocol.Api;
import kawi.server.protocol.OpenAi;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves models over HTTP, in the protocol of OpenAI.
 *
 * <pre>{@code
 * try (Model model = Model.load("hf:Qwen/Qwen3.5-0.8B");
 *         Server server = Server.builder().model("qwen", model).port(8080).start()) {
 *     IO.println(server.uri());
 *     Thread.sleep(Duration.ofHours(1));
 * }
 * }</pre>
 *
 * <p>Unless it is told otherwise, a server listens on the loopback address only, and refuses requests that come from a
 * page of another origin or that are addressed to another host name. A {@linkplain Builder#apiKey key} restricts it to
 * clients that know it, and {@link Limits} to what the machine can bear. There is no encryption; a server for other
 * machines belongs behind a proxy that has it.
 *
 * <p>The HTTP server is the one that {@link HttpServer#create()} provides. Its own limits, which are properties of the
 * whole process, are not changed: a connection that sends nothing is closed after 30 seconds
 * ({@code sun.net.httpserver.idleInterval}), a header has at most 200 fields and 380 KiB. The number of connections
 * that have not sent anything is not limited unless {@code jdk.httpserver.maxConnections} is set.
 *
 * <p>An answer is cancelled when its client goes away. On Linux that is noticed within about a tenth of a second;
 * elsewhere when the next part of a streamed answer is written, and not for an answer that is not streamed.
 */
public final class Server implements AutoCloseable {

    private static final Logger LOGGER = LoggerFactory.getLogger(Server.class);

    private static final int BACKLOG = 128;
    /** How long answers that have been cancelled may take to end: a token of a large model takes seconds. */
    private static final Duration CANCEL_TIME = Duration.ofSeconds(10);

    private final HttpServer http;
    private final Limits limits;
    private final Work work;
    private final RequestThreads threads;
    private final Watchdog watchdog;
    private final Peers peers;
    private final URI uri;
    private final AtomicBoolean closed = new AtomicBoolean();

    private Server(Builder options) throws IOException {
        InetAddress address = InetAddress.getByName(options.host);
        limits = options.limits;
        Api api = options.api != null ? options.api : new OpenAi(options.models);
        work = new Work(api, limits.answers());
        http = HttpServer.create(new InetSocketAddress(address, options.port), BACKLOG);
        watchdog = new Watchdog();
        peers = new Peers();
        threads = new RequestThreads(watchdog, limits.receiveTime(), limits.connections());
        Metrics metrics = new Metrics();
        Set<String> hosts = new HashSet<>(options.hosts);
        hosts.add(options.host.toLowerCase(Locale.ROOT));
        Access access = new Access(
                options.apiKey, options.origins, address.isLoopbackAddress() ? Optional.of(hosts) : Optional.empty());
        Figures figures = new Figures(metrics, work, threads, options.models);
        http.createContext("/", new RequestHandler(work, access, limits, peers, metrics, figures::print, options.log));
        http.setExecutor(threads);
        http.start();
        String host = options.host.contains(":") ? "[" + options.host + "]" : options.host;
        uri = URI.create("http://" + host + ":" + http.getAddress().getPort());
        if (!address.isLoopbackAddress() && !access.hasKey()) {
            LOGGER.warn(
                    "{} can be used by everybody who can reach it: it is not a loopback address, and there is no key",
                    uri);
        }
    }

    /** Returns a builder of a server. */
    public static Builder builder() {
        return new Builder();
    }

    /** Returns the port on which the server listens. */
    public int port() {
        return uri.getPort();
    }

    Peers peers() {
        return peers;
    }

    /** Returns the number of requests that are being received or answered. */
    int requests() {
        return threads.active();
    }

    boolean isStopping() {
        return work.isStopping();
    }

    /** Returns the address of the server, without a path. */
    public URI uri() {
        return uri;
    }

    /**
     * Closes the server: no connection is accepted any more, requests are refused with status 503, and running answers
     * may end. Those that take longer than {@link Limits#shutdownTime} are cancelled. Blocks until all have ended. The
     * models are not closed. Further calls have no effect.
     */
    @Override
    public void close() {
        if (closed.getAndSet(true)) {
            return;
        }
        // The HTTP server stops accepting at once, then waits; the second call below ends that.
        int seconds = (int) Math.min(limits.shutdownTime().plus(CANCEL_TIME).toSeconds() + 1, Integer.MAX_VALUE);
        Thread.ofPlatform().daemon().name("kawi-server-stop").start(() -> http.stop(seconds));
        if (!work.stop(limits.shutdownTime())) {
            work.cancel();
            if (!work.stop(CANCEL_TIME)) {
                LOGGER.warn("answers that were cancelled have not ended within {} s", CANCEL_TIME.toSeconds());
            }
        }
        http.stop(0);
        watchdog.close();
        peers.close();
    }

    /** The options of a server. */
    public static final class Builder {

        private final Map<String, Model> models = new LinkedHashMap<>();
        private final Set<String> hosts = new HashSet<>();
        private final Set<String> origins = new HashSet<>();
        private @Nullable Api api;
        private String host = "127.0.0.1";
        private int port;
        private @Nullable String apiKey;
        private Limits limits = Limits.defaults();
        private Consumer<String> log = LOGGER::info;

        private Builder() {}

        /**
         * Adds a model. The server does not close it.
         *
         * @param name the name under which clients ask for it
         */
        public Builder model(String name, Model model) {
            models.put(name, model);
            return this;
        }

        /** Sets what answers requests, instead of {@link OpenAi} with the models. */
        public Builder api(Api value) {
            api = value;
            return this;
        }

        /**
         * Sets the address to listen on: a name or an address of this machine, or {@code 0.0.0.0} for all. The default
         * is {@code 127.0.0.1}, which only this machine can reach.
         */
        public Builder host(String value) {
            host = value;
            return this;
        }

        /** Sets the port to listen on. The default is 0, any free one, see {@link Server#port}. */
        public Builder port(int value) {
            if (value < 0 || value > 65_535) {
                throw new IllegalArgumentException("port is %d, expected 0 to 65535".formatted(value));
            }
            port = value;
            return this;
        }

        /**
         * Sets the key that requests must have as {@code Authorization: Bearer KEY}, except those for {@code /} and
         * {@code /health}. By default there is none.
         *
         * @throws IllegalArgumentException if it is empty or contains characters other than visible ones of ASCII
         */
        public Builder apiKey(String value) {
            if (value.isEmpty() || !value.chars().allMatch(c -> c > ' ' && c < 0x7F)) {
                throw new IllegalArgumentException(
                        "the API key is empty or has characters other than visible ones of ASCII");
            }
            apiKey = value;
            return this;
        }

        /** Sets the limits. The default is {@link Limits#defaults}. */
        public Builder limits(Limits value) {
            limits = value;
            return this;
        }

        /**
         * Allows the pages of other origins to use the server (CORS). By default none may.
         *
         * @param values origins such as {@code https://example.com}, or {@code *} for all
         */
        public Builder cors(String... values) {
            origins.addAll(Arrays.asList(values));
            return this;
        }

        /**
         * Adds host names by which the server may be addressed while it listens on the loopback address; for example
         * that of a proxy which passes the name on. By default these are {@code localhost} and the loopback addresses.
         */
        public Builder hosts(String... values) {
            for (String value : values) {
                hosts.add(value.toLowerCase(Locale.ROOT));
            }
            return this;
        }

        /**
         * Sets what takes a line for each request: its id, address, method, path, status and time. The line has nothing
         * of the contents. The default is the log of this class, level info.
         */
        public Builder log(Consumer<String> value) {
            log = value;
            return this;
        }

        /**
         * Starts the server.
         *
         * @throws IllegalStateException if there is no model
         * @throws UncheckedIOException if the address is unknown or the port is in use
         */
        public Server start() {
            if (models.isEmpty() && api == null) {
                throw new IllegalStateException("the server has no model; add one with model(name, model)");
            }
            try {
                return new Server(this);
            } catch (UnknownHostException e) {
                throw new UncheckedIOException("the host %s is unknown".formatted(host), e);
            } catch (IOException e) {
                throw new UncheckedIOException(
                        "cannot listen on %s, port %d: %s".formatted(host, port, e.getMessage()), e);
            }
        }
    }
}
