package kawi.cli;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import kawi.MemoryPlan;
import kawi.hub.Hub;
import kawi.hub.HubEnvironment;
import kawi.hub.HubReference;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Gets a model from a hub. */
@Command(
        name = "pull",
        description = "Fetches a model from a Hugging Face hub, unless it is there already, and prints its path.",
        footer = {
            "",
            "REF is one of",
            "  hf:OWNER/REPOSITORY              safetensors if there are any, else GGUF: Q4_K_M, Q4_0 or Q8_0",
            "  hf:OWNER/REPOSITORY:Q4_K_M       the GGUF file of that quantization",
            "  hf:OWNER/REPOSITORY/FILE.gguf    that file",
            "with @REVISION at its end for a branch, tag or commit other than main. Other commands take it as a model.",
            "",
            "The files are kept where the Python client keeps them. HF_HOME, HF_HUB_CACHE, HF_TOKEN, HF_ENDPOINT and "
                    + "HF_HUB_OFFLINE mean what they mean there. What was interrupted is continued.",
            "",
            "Examples:",
            "  kawi pull hf:Qwen/Qwen3.5-0.8B",
            "  kawi run -m \"$(kawi pull hf:unsloth/Qwen3.5-4B-GGUF:Q4_K_M)\" \"Why is the sky blue?\"",
            "  kawi pull --json hf:Qwen/Qwen3.5-0.8B@main | jq -r .commit"
        })
final class PullCommand implements Callable<Integer> {

    @Parameters(paramLabel = "REF", description = "A model on a hub.")
    private String model = "";

    @Option(names = "--offline", description = "Look into the cache only.")
    private boolean offline;

    @Option(names = "--cache", paramLabel = "DIR", description = "The cache. Default: as the environment says.")
    private @Nullable Path cache;

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    private final Terminal terminal;

    PullCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        HubReference reference = ModelPath.reference(model);
        HubEnvironment environment = HubEnvironment.of(terminal.environment()).offline(offline);
        if (cache != null) {
            environment = environment.withCache(cache);
        }
        long start = System.nanoTime();
        Hub.LocalModel found;
        try (ProgressLine line = new ProgressLine(terminal)) {
            found = new Hub(environment).fetch(reference, line);
        }
        if (json) {
            Json.print(terminal.out(), description(reference, found));
            return Kawi.DONE;
        }
        if (terminal.interactive()) {
            terminal.err().println(summary(found, (System.nanoTime() - start) * 1e-9));
        }
        terminal.out().println(found.path());
        return Kawi.DONE;
    }

    private static String summary(Hub.LocalModel found, double seconds) {
        return found.downloaded() == 0
                ? "nothing to fetch"
                : "%s in %.1f s, %s/s".formatted(MemoryPlan.bytes(found.downloaded()), seconds, MemoryPlan.bytes((long)
                        (found.downloaded() / Math.max(0.001, seconds))));
    }

    private static Map<String, Object> description(HubReference reference, Hub.LocalModel found) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("reference", reference.toString());
        object.put("repository", reference.repository());
        object.put("commit", found.commit());
        object.put("path", found.path().toString());
        object.put("files", found.files());
        object.put("downloaded_bytes", found.downloaded());
        return object;
    }
}
