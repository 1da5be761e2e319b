package kawi.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import kawi.MemoryPlan;
import kawi.ModelHub;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Removes downloaded models. */
@Command(
        name = "remove",
        aliases = "rm",
        description = "Removes models from the Hugging Face cache.",
        footer = {
            "",
            "REF is one of:",
            "  hf:OWNER/REPOSITORY              all revisions of a model, and incomplete downloads",
            "  hf:OWNER/REPOSITORY@REVISION     one revision, and other names of the same commit",
            "  hf:OWNER/REPOSITORY/FILE.gguf    a file; @REVISION restricts it to one revision",
            "  hf:OWNER/REPOSITORY:Q4_K_M       the GGUF file with that quantization",
            "Files that another revision shares are kept for it. A model that is being downloaded is not removed.",
            "",
            "Examples:",
            "  kawi remove hf:unsloth/Qwen3.5-4B-GGUF:Q4_K_M",
            "  kawi remove hf:Qwen/Qwen3.5-0.8B hf:Qwen/Qwen3.5-2B@v1"
        })
final class RemoveCommand implements Callable<Integer> {

    @Parameters(paramLabel = "REF", arity = "1..*", description = "Models in the cache, as kawi list prints them.")
    private List<String> references = List.of();

    @Option(names = "--cache", paramLabel = "DIR", description = "The cache. Default: selected by the environment.")
    private @Nullable Path cache;

    @Option(names = "--json", description = "Print one JSON array.")
    private boolean json;

    private final Terminal terminal;

    RemoveCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        ModelHub hub = ModelHub.fromEnvironment(terminal.environment());
        if (cache != null) {
            hub = hub.cache(cache);
        }
        List<Map<String, Object>> removed = new ArrayList<>();
        for (String reference : references) {
            ModelHub.Removal removal;
            try {
                removal = hub.remove(reference);
            } catch (IllegalArgumentException e) {
                throw new UsageException(Failure.sentence(e), e);
            }
            if (json) {
                Map<String, Object> object = new LinkedHashMap<>();
                object.put("reference", reference);
                object.put("files", removal.files());
                object.put("bytes", removal.bytes());
                removed.add(object);
            } else {
                terminal.out()
                        .printf(
                                "%s: %s removed, %s freed%n",
                                reference,
                                removal.files() == 1 ? "1 file" : removal.files() + " files",
                                MemoryPlan.bytes(removal.bytes()));
            }
        }
        if (json) {
            Json.print(terminal.out(), removed);
        }
        return Kawi.SUCCESS;
    }
}
