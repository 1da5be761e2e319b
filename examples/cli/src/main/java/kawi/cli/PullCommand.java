package kawi.cli;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import kawi.MemoryPlan;
import kawi.ModelHub;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Downloads a model from a hub. */
@Command(
        name = "pull",
        description = "Downloads a model from a Hugging Face hub, unless it is in the cache, and prints its path.",
        footer = {
            "",
            "REF is one of:",
            "  hf:OWNER/REPOSITORY              safetensors if present, otherwise GGUF: Q4_K_M, Q4_0 or Q8_0",
            "  hf:OWNER/REPOSITORY:Q4_K_M       the GGUF file with that quantization",
            "  hf:OWNER/REPOSITORY/FILE.gguf    that file",
            "each optionally followed by @REVISION: a branch, tag or commit; the default is main. All commands accept "
                    + "these references as models.",
            "",
            "Without a FILE, the vision tower of a repository of GGUF files, mmproj*.gguf, is part of the model: F16, "
                    + "BF16, Q8_0 or F32, in this order.",
            "",
            "Files are stored in the cache of the Python client, and the variables HF_HOME, HF_HUB_CACHE, HF_TOKEN, "
                    + "HF_ENDPOINT and HF_HUB_OFFLINE have the same meaning. Interrupted downloads are resumed.",
            "",
            "The variables http_proxy, https_proxy, all_proxy and no_proxy, also in capitals, select proxies, unless "
                    + "system properties of the JVM do; REQUESTS_CA_BUNDLE, CURL_CA_BUNDLE or SSL_CERT_FILE names the "
                    + "certificates to trust, in PEM form.",
            "",
            "Examples:",
            "  kawi pull hf:Qwen/Qwen3.5-0.8B",
            "  kawi run -m \"$(kawi pull hf:unsloth/Qwen3.5-4B-GGUF:Q4_K_M)\" \"Why is the sky blue?\"",
            "  kawi pull --json hf:Qwen/Qwen3.5-0.8B@main | jq -r .commit"
        })
final class PullCommand implements Callable<Integer> {

    @Parameters(paramLabel = "REF", description = "A model on a hub.")
    private String model = "";

    @Option(names = "--offline", description = "Use only the cache.")
    private boolean offline;

    @Option(names = "--cache", paramLabel = "DIR", description = "The cache. Default: selected by the environment.")
    private @Nullable Path cache;

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    private final Terminal terminal;

    PullCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        ModelHub hub = ModelHub.fromEnvironment(terminal.environment()).offline(offline);
        if (cache != null) {
            hub = hub.cache(cache);
        }
        long start = System.nanoTime();
        Optional<String> proxy = ModelPath.proxy(hub);
        ModelHub.LocalModel found = ModelPath.fetch(model, hub, terminal);
        if (json) {
            Json.print(terminal.out(), description(found));
            return Kawi.SUCCESS;
        }
        if (terminal.isTerminal(StandardStream.ERR)) {
            terminal.err()
                    .println(summary(found, (System.nanoTime() - start) * 1e-9)
                            + proxy.map(" through the proxy "::concat).orElse(""));
        }
        terminal.out().println(found.path());
        return Kawi.SUCCESS;
    }

    private static String summary(ModelHub.LocalModel found, double seconds) {
        return found.downloadedBytes() == 0
                ? "nothing to download"
                : "%s in %.1f s, %s/s"
                        .formatted(MemoryPlan.bytes(found.downloadedBytes()), seconds, MemoryPlan.bytes((long)
                                (found.downloadedBytes() / Math.max(0.001, seconds))));
    }

    private Map<String, Object> description(ModelHub.LocalModel found) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("reference", model);
        object.put("repository", found.repository());
        object.put("commit", found.commit());
        object.put("path", found.path().toString());
        object.put("files", found.files());
        object.put("downloaded_bytes", found.downloadedBytes());
        return object;
    }
}
