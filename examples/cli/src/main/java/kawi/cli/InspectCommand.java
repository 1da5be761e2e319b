package kawi.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.SequencedSet;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import kawi.MemoryPlan;
import kawi.ModelFile;
import kawi.ModelFile.TensorInfo;
import kawi.ModelFileException;
import kawi.Sampling;
import kawi.Tokenizer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Shows the contents of a model's files. */
@Command(
        name = "inspect",
        aliases = "show",
        description = "Shows the contents of a model's files without loading the weights.",
        footer = {
            "",
            "Examples:",
            "  kawi inspect Qwen3.5-0.8B-Q4_K_M.gguf",
            "  kawi inspect --context 8192 Qwen3.5-4B",
            "  kawi inspect --image invoice.png Qwen3.5-4B",
            "  kawi inspect --json Qwen3.5-4B | jq .memory"
        })
final class InspectCommand implements Callable<Integer> {

    /** A length that most conversations do not exceed. */
    private static final int TYPICAL_CONTEXT = 4096;

    private static final String TOKENIZER_KIND = "byte-level BPE";

    @Parameters(
            paramLabel = "MODEL",
            description = "A GGUF file, a Hugging Face folder, or a model on a hub such as hf:Qwen/Qwen3.5-0.8B.")
    private String model = "";

    @Option(
            names = {"-c", "--ctx", "--context"},
            paramLabel = "N",
            description = "Plan the memory of a sequence of N tokens. Default: " + TYPICAL_CONTEXT
                    + " and the maximum of the model.")
    private @Nullable Integer context;

    @Option(
            names = "--kv",
            paramLabel = "FORMAT",
            completionCandidates = ModelOptions.KeyValueFormats.class,
            description = "Plan with cached keys and values in this format: auto, f16, f32, q8, q4, or one for keys "
                    + "and one for values, as in q8:q4. Default: auto.")
    private String keysAndValues = "auto";

    @Option(
            names = "--rope-scaling",
            paramLabel = "none|yarn:N",
            completionCandidates = ModelOptions.Scalings.class,
            description = "Plan the memory of the longest sequence with this scaling of positions, such as yarn:4. "
                    + "Default: that of the model.")
    private String ropeScaling = "auto";

    @Option(
            names = "--image",
            paramLabel = "FILE",
            description =
                    "Show the size in which the model sees an image, and how many tokens it takes. Can be repeated.")
    private List<Path> images = List.of();

    @Option(names = "--tensors", description = "List all tensors.")
    private boolean tensors;

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    private final Terminal terminal;

    InspectCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    /**
     * A model's tokenizer.
     *
     * @param state in words for users; if there is no tokenizer, the reason
     */
    private record FoundTokenizer(Optional<Tokenizer> tokenizer, String state) {

        static FoundTokenizer of(ModelFile file) {
            try {
                Optional<Tokenizer> tokenizer = file.tokenizer();
                return new FoundTokenizer(
                        tokenizer,
                        tokenizer
                                .map(FoundTokenizer::described)
                                .orElse("none: only token ids can be used with this model"));
            } catch (ModelFileException e) {
                return new FoundTokenizer(Optional.empty(), "not usable: " + Failure.sentence(e));
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
            return tokenizer
                    .<Map<String, Object>>map(found -> {
                        Map<String, Object> object = new LinkedHashMap<>();
                        object.put("kind", TOKENIZER_KIND);
                        object.put("pre_tokenizer", found.preTokenizer());
                        object.put("vocabulary", found.vocabularySize());
                        object.put("added_tokens", found.addedTokens().size());
                        return object;
                    })
                    .orElse(null);
        }
    }

    @Override
    public Integer call() {
        if (context != null && context < 1) {
            throw new UsageException("--context is %d, but must be positive".formatted(context));
        }
        try (ModelFile file = ModelFile.open(ModelPath.of(model, terminal))) {
            if (json) {
                Json.print(terminal.out(), description(file));
            } else {
                show(file);
            }
        }
        return Kawi.SUCCESS;
    }

    private void show(ModelFile file) {
        Optional<String> problem = file.problem();
        InspectedVision vision = InspectedVision.of(file, images);
        List<MemoryPlan> plans = problem.isPresent() ? List.of() : plans(file);
        List<TensorInfo> all = file.tensors();
        line("file", file.name());
        line("layout", file.layout());
        line("architecture", problem.isPresent() ? file.architecture() : architecture(file));
        problem.ifPresent(reason -> line("cannot run", reason));
        long parameters = parameters(file, problem, all);
        line("parameters", "%s (%,d)".formatted(Texts.count(parameters), parameters));
        if (problem.isEmpty()) {
            if (!file.unusedParts().isEmpty()) {
                line("unused parts", String.join(", ", file.unusedParts()) + ": recognized, not run");
            }
            section("sizes");
            sizes(file.sizes());
        }
        if (!vision.sizes().isEmpty() || !vision.problem().isEmpty()) {
            section("vision");
            if (!vision.problem().isEmpty()) {
                line("not usable", vision.problem());
            }
            sizes(vision.sizes());
            vision.images().forEach((image, use) -> terminal.out().printf("  %s: %s%n", image, AnswerReport.line(use)));
        }
        section("tensors");
        terminal.out().printf("  %-8s %8s %16s %12s %8s%n", "format", "tensors", "weights", "bytes", "share");
        for (TensorInventory.Row row : TensorInventory.of(all).rows()) {
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
        FoundTokenizer found = FoundTokenizer.of(file);
        line("tokenizer", found.state());
        line("chat template", templateState(file));
        if (problem.isEmpty()) {
            line("end tokens", String.join(", ", endTokens(file, found)));
        }
        line("sampling", file.sampling().map(InspectCommand::described).orElse("no defaults in the files"));
        if (problem.isEmpty()) {
            section("memory, with keys and values in " + keysAndValues(file));
        }
        for (MemoryPlan plan : plans) {
            terminal.out().printf("  %s: %s%n", MemoryPlan.bytes(plan.total()), plan);
        }
        if (tensors) {
            section("all tensors");
            for (TensorInfo tensor : all) {
                terminal.out()
                        .printf("  %-48s %-6s %s%n", tensor.name(), tensor.format(), TensorInventory.size(tensor));
            }
        }
    }

    private static String architecture(ModelFile file) {
        return "%s (%s)".formatted(file.architecture(), file.family());
    }

    /** Returns the parameters of a model that can run, and of another the weights of all its tensors. */
    private static long parameters(ModelFile file, Optional<String> problem, List<TensorInfo> tensors) {
        return problem.isPresent()
                ? tensors.stream().mapToLong(TensorInfo::weights).sum()
                : file.parameters();
    }

    private void line(String what, String value) {
        terminal.out().printf("%-14s %s%n", what, value);
    }

    private void sizes(Map<String, Object> sizes) {
        sizes.forEach((name, size) -> terminal.out().printf("  %-26s %s%n", name, size));
    }

    private void section(String title) {
        terminal.out().println();
        terminal.out().printf("%s%n", title);
    }

    private static String templateState(ModelFile file) {
        try {
            return file.chatTemplate()
                    .map(source -> "present, %,d characters".formatted(source.length()))
                    .orElse("none");
        } catch (ModelFileException e) {
            return "present, but not usable: " + Failure.sentence(e);
        }
    }

    private static boolean hasTemplate(ModelFile file) {
        try {
            return file.chatTemplate().isPresent();
        } catch (ModelFileException notUsable) {
            return true;
        }
    }

    /** Returns the ids and texts of the tokens that end an answer. */
    private static List<String> endTokens(ModelFile file, FoundTokenizer found) {
        List<String> described = new ArrayList<>();
        for (int id : endTokens(file)) {
            described.add(found.tokenizer()
                    .filter(tokenizer -> id < tokenizer.vocabularySize() && !tokenizer.isUnused(id))
                    .map(tokenizer -> "%d %s".formatted(id, tokenizer.text(id)))
                    .orElse(String.valueOf(id)));
        }
        return described;
    }

    /** Returns the ids of the tokens that end an answer; none if they depend on a tokenizer that cannot be used. */
    private static Set<Integer> endTokens(ModelFile file) {
        try {
            return file.endTokens();
        } catch (ModelFileException notUsable) {
            return Set.of();
        }
    }

    private static String described(Sampling sampling) {
        List<String> options = new ArrayList<>();
        options(sampling).forEach((name, value) -> options.add(name + " " + value));
        return String.join(", ", options);
    }

    /** Returns the options that a model's files may set. */
    private static SequencedMap<String, Object> options(Sampling sampling) {
        SequencedMap<String, Object> options = new LinkedHashMap<>();
        options.put("temperature", sampling.temperature());
        options.put("top_k", sampling.topK());
        options.put("top_p", sampling.topP());
        options.put("min_p", sampling.minP());
        options.put("repetition_penalty", sampling.repetitionPenalty());
        return options;
    }

    private String keysAndValues(ModelFile file) {
        return keysAndValues.toLowerCase(Locale.ROOT).replace("auto", file.keysAndValues());
    }

    private List<MemoryPlan> plans(ModelFile file) {
        SequencedSet<Integer> lengths = new TreeSet<>();
        if (context == null) {
            int longest = longest(file);
            lengths.add(Math.min(TYPICAL_CONTEXT, longest));
            lengths.add(longest);
        } else {
            lengths.add(context);
        }
        return MemoryForecast.plans(file, lengths, keysAndValues);
    }

    private int longest(ModelFile file) {
        try {
            return file.contextLength(ropeScaling);
        } catch (IllegalArgumentException e) {
            throw new UsageException(Failure.sentence(e), e);
        }
    }

    private Map<String, @Nullable Object> description(ModelFile file) {
        Map<String, @Nullable Object> object = new LinkedHashMap<>();
        List<TensorInfo> all = file.tensors();
        object.put("file", file.name());
        object.put("layout", file.layout());
        object.put("architecture", file.architecture());
        Optional<String> problem = file.problem();
        object.put("family", problem.isPresent() ? null : file.family());
        object.put("problem", problem.orElse(null));
        object.put("parameters", parameters(file, problem, all));
        object.put("sizes", problem.isPresent() ? null : file.sizes());
        InspectedVision vision = InspectedVision.of(file, images);
        object.put("vision", vision.sizes().isEmpty() ? null : vision.sizes());
        if (!images.isEmpty()) {
            object.put("images", vision.description());
        }
        object.put("dormant_parts", problem.isPresent() ? null : file.unusedParts());
        object.put(
                "quantization",
                TensorInventory.of(all).rows().stream()
                        .map(TensorInventory.Row::description)
                        .toList());
        object.put("tokenizer", FoundTokenizer.of(file).description());
        object.put("chat_template", hasTemplate(file));
        object.put("end_tokens", problem.isPresent() ? null : endTokens(file));
        object.put("sampling", file.sampling().map(InspectCommand::options).orElse(null));
        object.put("kv", problem.isPresent() ? null : keysAndValues(file));
        object.put(
                "memory",
                problem.isPresent()
                        ? null
                        : plans(file).stream().map(MemoryForecast::description).toList());
        if (tensors) {
            object.put("tensors", all.stream().map(TensorInventory::description).toList());
        }
        return object;
    }
}
