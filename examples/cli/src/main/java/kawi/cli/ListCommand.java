package kawi.cli;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import kawi.MemoryPlan;
import kawi.ModelHub;
import kawi.ModelHub.CachedModel;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Lists downloaded models. */
@Command(
        name = "list",
        aliases = "ls",
        description = "Lists the models in the Hugging Face cache: references, sizes, paths.",
        footer = {
            "",
            "Models in safetensors and GGUF that other programs have downloaded to the cache are listed as well.",
            "",
            "Examples:",
            "  kawi list",
            "  kawi list --json | jq -r .[].reference"
        })
final class ListCommand implements Callable<Integer> {

    @Option(names = "--cache", paramLabel = "DIR", description = "The cache. Default: selected by the environment.")
    private @Nullable Path cache;

    @Option(names = "--json", description = "Print one JSON array.")
    private boolean json;

    private final Terminal terminal;

    ListCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        ModelHub hub = ModelHub.fromEnvironment(terminal.environment());
        if (cache != null) {
            hub = hub.cache(cache);
        }
        List<CachedModel> models = hub.list();
        if (json) {
            Json.print(
                    terminal.out(),
                    models.stream().map(ListCommand::description).toList());
            return Kawi.SUCCESS;
        }
        if (models.isEmpty()) {
            terminal.err().printf("no models in %s; kawi pull downloads one%n", hub.cache());
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
        return Kawi.SUCCESS;
    }

    private static Map<String, Object> description(CachedModel model) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("reference", model.reference());
        object.put("bytes", model.bytes());
        object.put("path", model.path().toString());
        return object;
    }
}
