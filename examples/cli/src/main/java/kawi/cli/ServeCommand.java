package kawi.cli;

import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import kawi.Concurrency;
import kawi.Model;
import kawi.ModelLoader;
import kawi.server.Limits;
import kawi.server.Server;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Serves a model over HTTP. */
@Command(
        name = "serve",
        description = "Serves a model over HTTP, in the protocol of OpenAI, until it is interrupted.",
        sortOptions = false,
        footer = {
            "",
            "Only this machine can reach the server, unless --host is given; it should then have an API key, and a "
                    + "proxy that encrypts. Requests of web pages from elsewhere are refused, unless --cors allows "
                    + "them. Ctrl-C, or the signal TERM, ends the server when the answers in progress are complete.",
            "",
            "Examples:",
            "  kawi serve",
            "  kawi serve -m hf:Qwen/Qwen3.5-0.8B --port 8000 --concurrency 8",
            "  KAWI_API_KEY=secret kawi serve -m Qwen3.5-4B-Q4_K_M.gguf --host 0.0.0.0",
            "  curl http://localhost:8080/v1/chat/completions -d '{\"messages\": [{\"role\": \"user\",",
            "      \"content\": \"Tell me a story.\"}], \"stream\": true}'"
        })
final class ServeCommand implements Callable<Integer> {

    private static final String API_KEY = "KAWI_API_KEY";

    /** Properties of the JDK's HTTP server that apply to the whole process, which is this server's own. */
    private static final List<List<String>> PROPERTIES = List.of(
            List.of("jdk.httpserver.maxConnections", "4096"),
            List.of("sun.net.httpserver.maxReqHeaderSize", "65536"),
            List.of("sun.net.httpserver.nodelay", "true"));

    @Mixin
    private final ModelOptions modelOptions = new ModelOptions();

    @Option(
            names = "--name",
            paramLabel = "NAME",
            description = "The name under which clients ask for the model. Default: that in the model's files.")
    private @Nullable String name;

    @Option(
            names = "--host",
            paramLabel = "ADDRESS",
            description = "The address to listen on; 0.0.0.0 for all. Default: ${DEFAULT-VALUE}, this machine only.")
    private String host = "127.0.0.1";

    @Option(
            names = {"-p", "--port"},
            paramLabel = "N",
            description = "The port to listen on; 0 for any free one. Default: ${DEFAULT-VALUE}.")
    private int port = 8080;

    @Option(
            names = "--api-key",
            paramLabel = "KEY",
            description = "The key that requests must have, as \"Authorization: Bearer KEY\". Others can see it in the "
                    + "list of processes, so prefer the environment variable " + API_KEY + ".")
    private @Nullable String apiKey;

    @Option(
            names = "--concurrency",
            paramLabel = "N",
            description = "The number of answers that are generated at the same time. Default: 16.")
    private int concurrency = Concurrency.defaults().sequences();

    @Option(
            names = "--queue",
            paramLabel = "N",
            description = "The number of requests that wait; more are refused with status 429. Default: 64.")
    private int queue = 64;

    @Option(
            names = "--thinking",
            negatable = true,
            description = "Think before answering, or not, unless a request says. Default: decided by the chat "
                    + "template.")
    private @Nullable Boolean thinking;

    @Option(
            names = "--cors",
            paramLabel = "ORIGIN",
            description = "Allow the web pages of an origin, such as https://example.com, or * for all. May be "
                    + "repeated.")
    private List<String> origins = List.of();

    @Option(
            names = "--allow-host",
            paramLabel = "NAME",
            description = "A further host name by which the server may be addressed, such as that of a proxy. May be "
                    + "repeated.")
    private List<String> hosts = List.of();

    @Option(
            names = "--max-body",
            paramLabel = "MIB",
            description = "The size of a request, in MiB; larger ones are refused. Default: ${DEFAULT-VALUE}.")
    private int maxBody = 16;

    @Option(
            names = "--timeout",
            paramLabel = "SECONDS",
            description = "The time for a client to send a request, and to read a part of the response. Default: "
                    + "${DEFAULT-VALUE}.")
    private int timeout = 30;

    @Option(
            names = "--shutdown-time",
            paramLabel = "SECONDS",
            description =
                    "How long answers in progress may take when the server is ended. Default: " + "${DEFAULT-VALUE}.")
    private int shutdownTime = 10;

    @Option(names = "--quiet", description = "Do not print a line for each request.")
    private boolean quiet;

    private final Terminal terminal;

    ServeCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws InterruptedException {
        Server.Builder builder = builder();
        if (terminal.isProcess()) {
            PROPERTIES.stream()
                    .filter(property -> System.getProperty(property.getFirst()) == null)
                    .forEach(property -> System.setProperty(property.getFirst(), property.getLast()));
        }
        try (Model model = load()) {
            String id = name == null ? model.name() : name;
            try (Server server = start(builder.model(id, model))) {
                introduce(server, id);
                serve(server);
            }
        }
        return Kawi.SUCCESS;
    }

    private Server.Builder builder() {
        try {
            Server.Builder builder = Server.builder()
                    .host(host)
                    .port(port)
                    .cors(origins.toArray(String[]::new))
                    .hosts(hosts.toArray(String[]::new))
                    .limits(limits())
                    .log(quiet ? line -> {} : this::print);
            String key = apiKey == null ? terminal.environment().get(API_KEY) : apiKey;
            return key == null ? builder : builder.apiKey(key);
        } catch (IllegalArgumentException | ArithmeticException e) {
            throw new UsageException(Failure.sentence(e), e);
        }
    }

    private Limits limits() {
        if (maxBody < 1 || maxBody > 1024) {
            throw new IllegalArgumentException("--max-body is %d, expected 1 to 1024".formatted(maxBody));
        }
        return Limits.defaults()
                .answers(Math.addExact(Math.max(concurrency, 0), Math.max(queue, 0)))
                .bodyBytes((int) Math.min((long) maxBody << 20, Integer.MAX_VALUE - 1024))
                .receiveTime(Duration.ofSeconds(timeout))
                .writeTime(Duration.ofSeconds(timeout))
                .shutdownTime(Duration.ofSeconds(shutdownTime));
    }

    private Model load() {
        ModelLoader loader = modelOptions.loader(terminal);
        try {
            loader.concurrency(Concurrency.defaults().sequences(concurrency).waiting(queue));
            if (thinking != null) {
                loader.templateVariable("enable_thinking", thinking);
            }
        } catch (IllegalArgumentException e) {
            throw new UsageException(Failure.sentence(e), e);
        }
        try (ProgressLine line = new ProgressLine(terminal)) {
            return loader.progress(line).load();
        }
    }

    private static Server start(Server.Builder builder) {
        try {
            return builder.start();
        } catch (UncheckedIOException e) {
            throw new IllegalStateException(e.getMessage(), e);
        }
    }

    private void introduce(Server server, String id) {
        terminal.out().println(server.uri());
        terminal.out().flush();
        String reachable =
                server.uri().toString().replace("0.0.0.0", "localhost").replace("[::]", "localhost");
        boolean key = apiKey != null || terminal.environment().containsKey(API_KEY);
        terminal.err().print("""
                        Serving %s at %s/v1, %s. Ctrl-C ends the server. Try:

                          curl %s/v1/chat/completions -H "Content-Type: application/json" %s-d '
                            {"messages": [{"role": "user", "content": "Tell me a story."}], "stream": true}'

                        """.formatted(
                        id,
                        reachable,
                        "%d answers at the same time".formatted(concurrency),
                        reachable,
                        key ? "-H \"Authorization: Bearer $" + API_KEY + "\" " : ""));
        terminal.err().flush();
    }

    private void print(String line) {
        terminal.err().println(line);
    }

    /** Waits until the process is ended, and then until the answers in progress are complete. */
    private void serve(Server server) throws InterruptedException {
        CountDownLatch never = new CountDownLatch(1);
        Thread hook = new Thread(
                () -> {
                    terminal.err()
                            .println("Ending, when the answers in progress are complete or after %d s."
                                    .formatted(shutdownTime));
                    server.close();
                    terminal.err().flush();
                },
                "kawi-shutdown");
        Runtime.getRuntime().addShutdownHook(hook);
        try {
            never.await();
        } finally {
            try {
                Runtime.getRuntime().removeShutdownHook(hook);
            } catch (IllegalStateException e) {
                // The shutdown has begun, and the hook with it.
            }
        }
    }
}
