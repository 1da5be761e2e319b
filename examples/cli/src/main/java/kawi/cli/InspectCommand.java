package kawi.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.SequencedMap;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import kawi.MemoryPlan;
import kawi.Sampling;
import kawi.architecture.registry.Architectures;
import kawi.architecture.Blueprint;
import kawi.checkpoint.Checkpoint;
import kawi.dialect.Dialect;
import kawi.dialect.Dialects;
import kawi.kernels.KvFormat;
import kawi.template.ChatTemplate;
import kawi.tokenizer.Tokenizer;
import kawi.tokenizer.TokenizerException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What is in a model's files, without loading its weights. */
@Command(
        name = "inspect",
        description = "Shows what is in a model's files, without loading its weights.",
        footer = {
            "",
            "Examples:",
            "  kawi inspect Qwen3.5-0.8B-Q4_K_M.gguf",
            "  kawi inspect --context 8192 Qwen3.5-4B",
            "  kawi inspect --json Qwen3.5-4B | jq .memory"
        })
final class InspectCommand implements Callable<Integer> {

    /** A length that most conversations keep below. */
    private static final int USUAL_CONTEXT = 4096;

    private static final String TOKENIZER_KIND = "byte-level BPE";

    @Parameters(
            paramLabel = "MODEL",
            description = "A GGUF file, a Hugging Face folder, or a model on a hub such as hf:Qwen/Qwen3.5-0.8B.")
    private String model = "";

    @Option(
            names = "--context",
            paramLabel = "N",
            description = "Plan the memory of a sequence of N tokens. Default: " + USUAL_CONTEXT
                    + " and the longest that the model was made for.")
    private @Nullable Integer context;

    @Option(
            names = "--kv",
            paramLabel = "FORMAT",
            description =
                    "Plan with keys and values in this format: auto, f16 or f32. Default: auto, as models are run.")
    private String keysAndValues = "auto";

    @Option(names = "--tensors", description = "List all tensors.")
    private boolean tensors;

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    private final Terminal terminal;

    InspectCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    /** A checkpoint's tokenizer, or why there is none, for people. */
    private record FoundTokenizer(@Nullable Tokenizer tokenizer, String state) {

        static FoundTokenizer of(Checkpoint checkpoint) {
            try {
                Tokenizer tokenizer = checkpoint.tokenizer();
                return tokenizer == null
                        ? new FoundTokenizer(null, "none: only token ids can be given to this model")
                        : new FoundTokenizer(tokenizer, described(tokenizer));
            } catch (TokenizerException e) {
                return new FoundTokenizer(null, "not usable: " + Failure.sentence(e));
            }
        }

        private static String described(Tokenizer tokenizer) {
            return "%s, pre-tokenizer %s, vocabulary %,d, added tokens %d"
                    .formatted(
                            TOKENIZER_KIND,
                            tokenizer.preTokenizer(),
                            tokenizer.vocabularySize(),
                            tokenizer.addedTokens().size());
        }

        @Nullable Map<String, Object> description() {
            if (tokenizer == null) {
                return null;
            }
            Map<String, Object> object = new LinkedHashMap<>();
            object.put("kind", TOKENIZER_KIND);
            object.put("pre_tokenizer", tokenizer.preTokenizer());
            object.put("vocabulary", tokenizer.vocabularySize());
            object.put("added_tokens", tokenizer.addedTokens().size());
            return object;
        }
    }

    @Override
    public Integer call() {
        if (context != null && context < 1) {
            throw new UsageException("--context is %d, but must be positive".formatted(context));
        }
        try (Checkpoint checkpoint = Checkpoint.open(ModelPath.of(model, terminal))) {
            Blueprint blueprint = Architectures.read(checkpoint);
            TensorInventory inventory = TensorInventory.of(checkpoint);
            if (json) {
                Json.print(terminal.out(), description(checkpoint, blueprint, inventory));
            } else {
                show(checkpoint, blueprint, inventory);
            }
        }
        return Kawi.DONE;
    }

    private void show(Checkpoint checkpoint, Blueprint blueprint, TensorInventory inventory) {
        line("file", checkpoint.name());
        line("layout", checkpoint.layout());
        line("architecture", "%s (%s)".formatted(checkpoint.architecture(), blueprint.family()));
        line("parameters", "%s (%,d)".formatted(Texts.count(blueprint.parameters()), blueprint.parameters()));
        if (!blueprint.dormantParts().isEmpty()) {
            line("also there", String.join(", ", blueprint.dormantParts()) + ": recognised, not run");
        }
        section("sizes");
        blueprint.sizes().forEach((name, size) -> terminal.out().printf("  %-26s %s%n", name, size));
        section("tensors");
        terminal.out().printf("  %-8s %8s %16s %12s %8s%n", "format", "tensors", "weights", "bytes", "share");
        for (TensorInventory.Row row : inventory.byFormat()) {
            terminal.out()
                    .printf(
                            "  %-8s %8d %16s %12s %7.1f%%%n",
                            row.format(),
                            row.tensors(),
                            Texts.count(row.weights()),
                            MemoryPlan.bytes(row.bytes()),
                            100 * row.share());
        }
        section("text");
        FoundTokenizer found = FoundTokenizer.of(checkpoint);
        line("tokenizer", found.state());
        line("chat template", checkpoint.chatTemplate().isPresent() ? templateState(checkpoint) : "none");
        line("end tokens", String.join(", ", endTokens(checkpoint, blueprint, found.tokenizer())));
        line("sampling", checkpoint.sampling().map(InspectCommand::described).orElse("no defaults in the files"));
        section("memory, with keys and values in " + kvFormat(blueprint));
        for (MemoryPlan plan : plans(blueprint)) {
            terminal.out().printf("  %s: %s%n", MemoryPlan.bytes(plan.total()), plan);
        }
        if (tensors) {
            section("all tensors");
            for (TensorInventory.Entry entry : inventory.entries()) {
                terminal.out().printf("  %-48s %-6s %s%n", entry.name(), entry.format(), entry.size());
            }
        }
    }

    private void line(String what, String value) {
        terminal.out().printf("%-14s %s%n", what, value);
    }

    private void section(String title) {
        terminal.out().println();
        terminal.out().printf("%s%n", title);
    }

    /** A template that cannot be parsed is worth knowing before the model is loaded. */
    private static String templateState(Checkpoint checkpoint) {
        String source = checkpoint.chatTemplate().orElse("");
        try {
            ChatTemplate.parse(checkpoint.name(), source);
            return "present, %,d characters".formatted(source.length());
        } catch (RuntimeException e) {
            return "present, but not usable: " + Failure.sentence(e);
        }
    }

    /** Ids and texts of the tokens that end an answer. */
    private static List<String> endTokens(Checkpoint checkpoint, Blueprint blueprint, @Nullable Tokenizer tokenizer) {
        List<String> described = new ArrayList<>();
        for (int id : endTokenIds(checkpoint, blueprint, tokenizer)) {
            described.add(
                    tokenizer == null || tokenizer.isUnused(id)
                            ? String.valueOf(id)
                            : "%d %s".formatted(id, tokenizer.text(id)));
        }
        return described;
    }

    private static NavigableSet<Integer> endTokenIds(
            Checkpoint checkpoint, Blueprint blueprint, @Nullable Tokenizer tokenizer) {
        NavigableSet<Integer> ids = new TreeSet<>(checkpoint.endTokens(tokenizer));
        if (tokenizer != null) {
            Dialect dialect = Dialects.known().of(blueprint.family(), checkpoint.chatTemplate());
            for (String text : dialect.endTokens()) {
                tokenizer.id(text).ifPresent(ids::add);
            }
        }
        return ids;
    }

    private static String described(Sampling sampling) {
        List<String> options = new ArrayList<>();
        options(sampling).forEach((name, value) -> options.add(name + " " + value));
        return String.join(", ", options);
    }

    /** The options that a model's files may set. */
    private static SequencedMap<String, Object> options(Sampling sampling) {
        SequencedMap<String, Object> options = new LinkedHashMap<>();
        options.put("temperature", sampling.temperature());
        options.put("top_k", sampling.topK());
        options.put("top_p", sampling.topP());
        options.put("min_p", sampling.minP());
        options.put("repetition_penalty", sampling.repetitionPenalty());
        return options;
    }

    private KvFormat kvFormat(Blueprint blueprint) {
        try {
            return KvFormat.of(keysAndValues, blueprint.usualKvFormat());
        } catch (IllegalArgumentException e) {
            throw new UsageException(Failure.sentence(e), e);
        }
    }

    private List<MemoryPlan> plans(Blueprint blueprint) {
        KvFormat kvFormat = kvFormat(blueprint);
        NavigableSet<Integer> lengths = new TreeSet<>();
        if (context == null) {
            lengths.add(Math.min(USUAL_CONTEXT, blueprint.contextLength()));
            lengths.add(blueprint.contextLength());
        } else {
            lengths.add(context);
        }
        return MemoryForecast.plans(blueprint, kvFormat, lengths);
    }

    private Map<String, @Nullable Object> description(
            Checkpoint checkpoint, Blueprint blueprint, TensorInventory inventory) {
        FoundTokenizer found = FoundTokenizer.of(checkpoint);
        Map<String, @Nullable Object> object = new LinkedHashMap<>();
        object.put("file", checkpoint.name());
        object.put("layout", checkpoint.layout());
        object.put("architecture", checkpoint.architecture());
        object.put("family", blueprint.family());
        object.put("parameters", blueprint.parameters());
        object.put("sizes", blueprint.sizes());
        object.put("dormant_parts", blueprint.dormantParts());
        object.put(
                "quantization",
                inventory.byFormat().stream().map(TensorInventory.Row::json).toList());
        object.put("tokenizer", found.description());
        object.put("chat_template", checkpoint.chatTemplate().isPresent());
        object.put("end_tokens", endTokenIds(checkpoint, blueprint, found.tokenizer()));
        object.put(
                "sampling", checkpoint.sampling().map(InspectCommand::options).orElse(null));
        object.put("kv", kvFormat(blueprint).toString());
        object.put(
                "memory",
                plans(blueprint).stream().map(MemoryForecast::description).toList());
        if (tensors) {
            object.put(
                    "tensors",
                    inventory.entries().stream()
                            .map(TensorInventory.Entry::json)
                            .toList());
        }
        return object;
    }
}
