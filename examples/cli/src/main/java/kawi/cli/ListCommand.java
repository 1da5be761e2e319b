package kawi.cli;

import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import kawi.MemoryPlan;
import kawi.ModelHub;
import kawi.ModelHub.CachedModel;
import kawi.ModelHub.PartialDownload;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Lists downloaded models. */
@Command(
        name = "list",
        aliases = "ls",
        description = "Lists the models in the Hugging Face cache: references, sizes, dates.",
        footer = {
            "",
            "Models in safetensors and GGUF that other programs have downloaded to the cache are listed as well. Files "
                    + "that several revisions of a model share are counted in each, but once in the total.",
            "",
            "Examples:",
            "  kawi list",
            "  kawi list --json | jq -r .[].path"
        })
final class ListCommand implements Callable<Integer> {

    private static final DateTimeFormatter DATE = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm", Locale.ROOT);
    private static final String COLUMN = "REFERENCE";

    @Option(names = "--cache", paramLabel = "DIR", description = "The cache. Default: selected by the environment.")
    private @Nullable Path cache;

    @Option(names = "--json", description = "Print one JSON array.")
    private boolean json;

    private final Terminal terminal;

    ListCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    /** A line of the table. */
    private record Row(String reference, long bytes, Instant modified) {}

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
        List<Row> rows = new ArrayList<>();
        for (CachedModel model : models) {
            rows.add(new Row(model.reference(), model.bytes(), model.modified()));
        }
        for (PartialDownload partial : hub.partialDownloads()) {
            rows.add(new Row(partial.reference() + " (incomplete download)", partial.bytes(), partial.modified()));
        }
        if (rows.isEmpty()) {
            terminal.err().printf("no models in %s; kawi pull downloads one%n", hub.cache());
            return Kawi.SUCCESS;
        }
        int width = Math.max(
                COLUMN.length(),
                rows.stream().mapToInt(row -> row.reference().length()).max().orElse(0));
        terminal.out().printf("%s  %10s  %s%n", Columns.padded(COLUMN, width), "SIZE", "MODIFIED");
        for (Row row : rows) {
            terminal.out()
                    .printf(
                            "%s  %10s  %s%n",
                            Columns.padded(row.reference(), width),
                            MemoryPlan.bytes(row.bytes()),
                            DATE.format(row.modified().atZone(ZoneId.systemDefault())));
        }
        terminal.out().flush();
        terminal.err().printf("%s in %s%n", MemoryPlan.bytes(hub.cachedBytes()), hub.cache());
        return Kawi.SUCCESS;
    }

    private static Map<String, Object> description(CachedModel model) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("reference", model.reference());
        object.put("bytes", model.bytes());
        object.put("modified", model.modified().toString());
        object.put("path", model.path().toString());
        return object;
    }
}
