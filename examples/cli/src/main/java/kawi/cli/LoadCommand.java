package kawi.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import kawi.Cancellation;
import kawi.Model;
import kawi.cli.LoadReport.Targets;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Measures a model or a server while it answers many requests at once. */
@Command(
        name = "load",
        description = "Measures a model, or a server, while it answers many requests at once.",
        footer = {
            "",
            "With --clients, each client sends a request when its previous one has been answered. With --rate, "
                    + "requests arrive at random times, on average so many per second, whether or not others have been "
                    + "answered; all times are measured from when a request should have been sent. A list of values "
                    + "is measured one after the other.",
            "",
            "Prompts are random tokens, and answers have exactly the lengths drawn for them, unless a server ignores "
                    + "ignore_eos. Lengths are " + LengthDistribution.FORMS + ". The same seed gives the same "
                    + "requests. \"first token\" is the time until the first piece of an answer, \"between tokens\" "
                    + "that between two pieces, \"end to end\" that until its end. Goodput is the share, and the "
                    + "number per second, of requests that meet both --ttft and --itl, where rejected and failed "
                    + "ones do not.",
            "",
            "Examples:",
            "  kawi load -m Qwen3.5-0.8B-Q4_0.gguf --clients 1,2,4,8 --markdown",
            "  kawi load -m Qwen3.5-0.8B-Q4_0.gguf --rate 2 --duration 60 --prompt lognormal:128,0.8 --ttft 1000",
            "  kawi load --url http://localhost:8080/v1 --clients 8 --requests 100 --answer uniform:16-128 --json"
        })
final class LoadCommand implements Callable<Integer> {

    private static final double DEFAULT_SECONDS = 30;

    @Mixin
    private final ModelOptions modelOptions = new ModelOptions();

    @Option(
            names = "--url",
            paramLabel = "URL",
            description = "Measure a server with the OpenAI protocol, such as http://localhost:8080/v1, instead of a "
                    + "model in this process.")
    private @Nullable String url;

    @Option(
            names = "--api-key",
            paramLabel = "KEY",
            description = "The key for the server. Default: the variable KAWI_API_KEY.")
    private @Nullable String key;

    @Option(
            names = "--clients",
            paramLabel = "N",
            split = ",",
            description = "Clients that send one request at a time. Default: 8, without --rate.")
    private List<Integer> clients = new ArrayList<>();

    @Option(names = "--rate", paramLabel = "R", split = ",", description = "Requests per second, at random times.")
    private List<Double> rates = new ArrayList<>();

    @Option(
            names = "--prompt",
            paramLabel = "LENGTH",
            defaultValue = "128",
            description = "Tokens of prompts. Default: ${DEFAULT-VALUE}.")
    private String prompt = "";

    @Option(
            names = "--answer",
            paramLabel = "LENGTH",
            defaultValue = "64",
            description = "Tokens of answers. Default: ${DEFAULT-VALUE}.")
    private String answer = "";

    @Option(names = "--requests", paramLabel = "N", description = "Send so many requests. Default: no limit.")
    private @Nullable Long requests;

    @Option(
            names = "--duration",
            paramLabel = "SECONDS",
            description = "Send requests for so long; those that have been sent are still answered. Default: 30, "
                    + "without --requests.")
    private @Nullable Double duration;

    @Option(
            names = "--warmup",
            paramLabel = "N",
            defaultValue = "8",
            description = "Requests that are answered before, and not counted. Default: ${DEFAULT-VALUE}.")
    private int warmup;

    @Option(
            names = "--temperature",
            paramLabel = "T",
            defaultValue = "0",
            description = "Default: ${DEFAULT-VALUE}, the most probable token each time.")
    private double temperature;

    @Option(names = "--seed", paramLabel = "N", defaultValue = "1", description = "Default: ${DEFAULT-VALUE}.")
    private long seed;

    @Option(names = "--ttft", paramLabel = "MS", description = "A good answer begins within so many milliseconds.")
    private @Nullable Double firstTokenTarget;

    @Option(
            names = "--itl",
            paramLabel = "MS",
            description = "A good answer takes at most so many milliseconds per token after the first, on average.")
    private @Nullable Double betweenTokensTarget;

    @Option(names = "--json", description = "Print one JSON object per load.")
    private boolean json;

    @Option(names = "--markdown", description = "Print a table in Markdown, one row per load.")
    private boolean markdown;

    private final Terminal terminal;

    LoadCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        check();
        LengthDistribution prompts = LengthDistribution.parse(prompt, "--prompt");
        LengthDistribution answers = LengthDistribution.parse(answer, "--answer");
        List<LoadPlan.Arrival> arrivals = new ArrayList<>();
        clients.forEach(count -> arrivals.add(new LoadPlan.Closed(count)));
        rates.forEach(rate -> arrivals.add(new LoadPlan.Open(rate)));
        if (arrivals.isEmpty()) {
            arrivals.add(new LoadPlan.Closed(8));
        }
        Targets targets = new Targets(target(firstTokenTarget), target(betweenTokensTarget));
        boolean failed = false;
        try (Interruption interruption = new Interruption();
                LoadTarget target = target(prompts, answers, interruption.cancellation())) {
            if (warmup > 0) {
                LoadPlan.Arrival together = new LoadPlan.Closed(Math.min(warmup, 4));
                LoadPlan plan = new LoadPlan(together, prompts, answers, ~seed, warmup, Long.MAX_VALUE);
                run(target, plan, interruption.cancellation(), run -> terminal.status("warming up"));
            }
            begin(target, targets);
            long nanos = duration == null
                    ? requests == null ? (long) (DEFAULT_SECONDS * 1e9) : Long.MAX_VALUE
                    : (long) (duration * 1e9);
            for (LoadPlan.Arrival arrival : arrivals) {
                LoadPlan plan = new LoadPlan(
                        arrival, prompts, answers, seed, requests == null ? Long.MAX_VALUE : requests, nanos);
                if (!interruption.cancellation().isCancelled()) {
                    List<LoadResult> results = run(target, plan, interruption.cancellation(), this::show);
                    print(LoadReport.of(arrival, results, targets));
                    failed |= results.stream().noneMatch(LoadResult::completed);
                }
            }
        }
        return failed ? Kawi.FAILURE : Kawi.SUCCESS;
    }

    private void check() {
        if (url != null && !modelOptions.isDemo()) {
            throw new UsageException("--url and -m exclude each other: the server has its own model");
        }
        if (clients.stream().anyMatch(count -> count < 1)
                || rates.stream().anyMatch(rate -> !(rate > 0 && rate <= 1e6))
                || (requests != null && requests < 1)
                || (duration != null && !(duration > 0 && duration <= 1e6))
                || warmup < 0
                || !target(firstTokenTarget).stream().allMatch(value -> value > 0)
                || !target(betweenTokensTarget).stream().allMatch(value -> value > 0)) {
            throw new UsageException(
                    "--clients, --rate, --requests, --duration, --ttft and --itl must be positive, and "
                            + "--warmup must not be negative");
        }
        if (json && markdown) {
            throw new UsageException("--json and --markdown exclude each other");
        }
    }

    private static OptionalDouble target(@Nullable Double millis) {
        return millis == null ? OptionalDouble.empty() : OptionalDouble.of(millis);
    }

    private LoadTarget target(LengthDistribution prompts, LengthDistribution answers, Cancellation cancellation)
            throws IOException, InterruptedException {
        if (url != null) {
            String secret = key == null ? terminal.environment().get("KAWI_API_KEY") : key;
            return new ServerTarget(url, secret, temperature);
        }
        terminal.status("loading");
        Model model = modelOptions.load(terminal);
        int longest = prompts.max() + answers.max();
        if (longest > model.contextLength() || longest < 0) {
            int length = model.contextLength();
            model.close();
            throw new IllegalArgumentException(
                    "prompts of up to %d tokens and answers of up to %d exceed the context length of %d"
                            .formatted(prompts.max(), answers.max(), length));
        }
        return new ModelTarget(model, temperature, cancellation);
    }

    private List<LoadResult> run(
            LoadTarget target, LoadPlan plan, Cancellation cancellation, Consumer<LoadRun> progress)
            throws InterruptedException {
        List<LoadResult> results = new LoadRun(target, plan, cancellation, progress).run();
        terminal.status("");
        return results;
    }

    private void show(LoadRun run) {
        terminal.status("%.0f s: %d requests sent, %d running, %.1f tokens/s"
                .formatted(run.seconds(), run.sent(), run.running(), run.tokens() / run.seconds()));
    }

    private void begin(LoadTarget target, Targets targets) {
        if (!json) {
            terminal.out().printf("%s, prompts %s, answers %s, seed %d%n", target.description(), prompt, answer, seed);
        }
        if (markdown) {
            terminal.out().printf("%n%s%n", LoadReport.markdownHead(!targets.isEmpty()));
        }
    }

    private void print(LoadReport report) {
        if (json) {
            Json.print(terminal.out(), report.json());
        } else if (markdown) {
            terminal.out().println(report.markdownRow());
        } else {
            terminal.out().printf("%n%s", report.text());
        }
        terminal.out().flush();
    }
}
