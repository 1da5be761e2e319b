package kawi.cli;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import kawi.MemoryPlan;
import kawi.hub.CachedModels;
import kawi.hub.CachedModels.CachedModel;
import kawi.hub.HubEnvironment;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** What has been fetched. */
@Command(
        name = "list",
        description = "Lists the models in the Hugging Face cache: how to refer to them, their sizes, their paths.",
        footer = {
            "",
            "Whatever the Python client has fetched is listed as well, if it is safetensors or GGUF.",
            "",
            "Examples:",
            "  kawi list",
            "  kawi list --json | jq -r .[].reference"
        })
final class ListCommand implements Callable<Integer> {

    @Option(names = "--cache", paramLabel = "DIR", description = "The cache. Default: as the environment says.")
    private @Nullable Path cache;

    @Option(names = "--json", description = "Print one JSON array.")
    private boolean json;

    private final Terminal terminal;

    ListCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        HubEnvironment environment = HubEnvironment.of(terminal.environment());
        if (cache != null) {
            environment = environment.withCache(cache);
        }
        List<CachedModel> models = CachedModels.in(environment);
        if (json) {
            Json.print(
                    terminal.out(),
                    models.stream().map(ListCommand::description).toList());
            return Kawi.DONE;
        }
        if (models.isEmpty()) {
            terminal.err().printf("no models in %s; kawi pull fetches one%n", environment.cache());
        }
        int width = models.stream()
                .mapToInt(model -> model.reference().length())
                .max()
                .orElse(0);
        for (CachedModel model : models) {
            terminal.out()
                    .printf(
                            "%s  %10s  %s%n",
                            model.reference()
                                    + " ".repeat(width - model.reference().length()),
                            MemoryPlan.bytes(model.bytes()),
                            model.path());
        }
        return Kawi.DONE;
    }

    private static Map<String, Object> description(CachedModel model) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("reference", model.reference());
        object.put("bytes", model.bytes());
        object.put("path", model.path().toString());
        return object;
    }
}
