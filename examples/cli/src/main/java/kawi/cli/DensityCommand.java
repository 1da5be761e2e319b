package kawi.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import kawi.Divergence;
import kawi.Evaluation;
import kawi.KernelSupport;
import kawi.Model;
import kawi.ModelFile;
import kawi.Perplexity;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Compares models by size, by what they can predict, by what quantization costs, and by speed. */
@Command(
        name = "density",
        description = "Compares the size, the quality on a text and the speed of models, such as quantizations of one.",
        footer = {
            "",
            "Size is what the weights take in memory, and keys, values and state at the context; peak memory is that "
                    + "of the whole process while it evaluates the model. Quality is measured "
                    + "as by \"kawi perplexity\", in bits per byte of the scored tokens, which does not depend on the "
                    + "tokenizer. It is compared with Deflate at level 9 on the whole text. A model that needs as many "
                    + "bits shows no capability on this text. Models with random weights are called untrained, and "
                    + "their quality is not measured.",
            "",
            "The cost of quantization is measured against the first model, or that of --reference. A model is "
                    + "dominated by another one that is not larger and has no larger mean KL divergence. The "
                    + "log-probabilities of the reference are in a temporary file, which takes about half a megabyte "
                    + "per scored token of a vocabulary of 248320; --chunks limits it.",
            "",
            "With --questions, a model chooses the continuation of each question that is most probable per byte. The "
                    + "interval is that of 95 % (Wilson); a gigabyte has 10^9 bytes.",
            "",
            "Speed is the median of three answers to the beginning of the text. The effective bandwidth is what "
                    + "decoding reads per second. Energy is that of decoding without that of the idle machine, and is "
                    + "measured only if the counters of the processor can be read. No figure combines these.",
            "",
            "Examples:",
            "  kawi density Qwen3.5-0.8B-BF16.gguf Qwen3.5-0.8B-Q4_K_M.gguf --text wiki.test.raw --chunks 20",
            "  kawi density *.gguf --reference Qwen3.5-0.8B-Q8_0.gguf --text wiki.test.raw --svg density.svg",
            "  kawi density Qwen3.5-0.8B-Q4_K_M.gguf --text wiki.test.raw --json"
        })
final class DensityCommand implements Callable<Integer> {

    /** The maximum number of tokens that the answer has whose speed is measured. */
    private static final int MAX_GENERATED = 64;

    @Mixin
    private final ModelOptions modelOptions = new ModelOptions();

    @Parameters(arity = "1..*", paramLabel = "MODEL", description = "The models, as with --model.")
    private List<String> models = List.of();

    @Option(
            names = "--text",
            paramLabel = "FILE",
            required = true,
            description = "A text file in UTF-8; - is standard input.")
    private Path text = Path.of("");

    @Option(
            names = "--parse-special",
            description = "Recognize special tokens such as <|im_start|>, which are ordinary text otherwise.")
    private boolean parseSpecial;

    @Option(names = "--chunks", paramLabel = "N", description = "Use only the first N chunks. Default: all.")
    private @Nullable Integer chunks;

    @Option(
            names = "--reference",
            paramLabel = "MODEL",
            description = "The model that the others are compared with. Default: the first.")
    private @Nullable String reference;

    @Option(
            names = "--questions",
            paramLabel = "FILE",
            description = "Also ask multiple-choice questions, one JSON object on each line: "
                    + "{\"question\": \"2 + 2 =\", \"choices\": [\" 4\", \" 5\"], \"answer\": 0}.")
    private @Nullable Path questionFile;

    @Option(
            names = "--svg",
            paramLabel = "FILE",
            description = "Also write a chart of size and mean KL divergence, with the models that are not dominated "
                    + "connected by a line.")
    private @Nullable Path svg;

    @Option(names = "--force", description = "Overwrite the chart if it exists.")
    private boolean force;

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    private final Terminal terminal;

    DensityCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    /**
     * The reference as the other models need it.
     *
     * @param file its log-probabilities
     * @param tokens those of the text
     */
    private record Base(Path file, int vocabulary, int[] tokens) {}

    @Override
    public Integer call() throws IOException {
        if (chunks != null && chunks < 1) {
            throw new UsageException("--chunks is %d; it must be at least 1".formatted(chunks));
        }
        List<String> names = withReferenceFirst();
        if (svg != null) {
            if (names.size() < 2) {
                throw new UsageException("--svg needs two models or more, one of which is the reference");
            }
            OutputFile.check(svg, force);
        }
        EvaluatedText evaluated = EvaluatedText.read(text, parseSpecial, terminal);
        if (evaluated.bytes().length == 0) {
            throw new IllegalArgumentException("%s is empty".formatted(evaluated.name()));
        }
        Questions questions = questionFile == null ? null : Questions.read(questionFile);
        modelOptions.defaultContextLength(Evaluation.DEFAULT_CONTEXT);
        DensityReport report;
        try (ScratchFolder folder = new ScratchFolder();
                Interruption interruption = new Interruption()) {
            report = measure(names, evaluated, questions, folder, interruption);
            if (svg != null) {
                OutputFile.write(svg, DensityChart.of(report));
            }
        }
        terminal.status("");
        if (json) {
            Json.print(terminal.out(), report.json());
        } else {
            terminal.out().print(report.table());
            if (svg != null) {
                terminal.out().printf("%n%s has the chart%n", svg);
            }
        }
        return Kawi.SUCCESS;
    }

    private List<String> withReferenceFirst() {
        List<String> names = new ArrayList<>(models);
        if (reference != null) {
            names.remove(reference);
            names.addFirst(reference);
        }
        return names;
    }

    /** Measures one model after the other, so that only one of them takes memory. */
    private DensityReport measure(
            List<String> names,
            EvaluatedText evaluated,
            @Nullable Questions questions,
            ScratchFolder folder,
            Interruption interruption)
            throws IOException {
        List<DensityEntry> entries = new ArrayList<>();
        Base base = null;
        int context = 0;
        String machine = "";
        for (int i = 0; i < names.size(); i++) {
            boolean peakKnown = PeakMemory.reset() || i == 0;
            Path path = ModelPath.of(names.get(i), terminal);
            boolean untrained = isUntrained(path);
            try (Model model = modelOptions.load(terminal, path.toString(), true, interruption.cancellation())) {
                int[] ids = evaluated.tokens(model);
                Evaluation evaluation = evaluation(model, "%d of %d, ".formatted(i + 1, names.size()), interruption);
                Perplexity perplexity = null;
                Divergence divergence = null;
                String incomparable = "";
                if (i == 0) {
                    context = model.contextLength();
                    machine = machine(model);
                    if (!untrained) {
                        if (names.size() > 1) {
                            base = new Base(folder.file("reference.base"), model.vocabularySize(), ids);
                            evaluation = evaluation.base(base.file);
                        }
                        perplexity = evaluated.perplexity(model, evaluation);
                    }
                } else if (!untrained) {
                    incomparable = incomparable(base, model, ids);
                    if (base != null && incomparable.isEmpty()) {
                        divergence = evaluation.divergence(base.file);
                        perplexity = divergence.perplexity();
                    } else {
                        perplexity = evaluated.perplexity(model, evaluation);
                    }
                }
                OptionalLong peak = peakKnown ? PeakMemory.bytes() : OptionalLong.empty();
                entries.add(new DensityEntry(
                        model.name(),
                        untrained,
                        ids.length,
                        model.parameters(),
                        model.memoryPlan(),
                        model.keysAndValues(),
                        model.kernels(),
                        peak,
                        perplexity,
                        divergence,
                        incomparable,
                        questions == null || untrained
                                ? null
                                : questions.ask(model, terminal, interruption.cancellation()),
                        speed(model, ids, interruption)));
            }
        }
        double deflated = DensityReport.deflatedBitsPerByte(evaluated.bytes());
        return new DensityReport(
                evaluated, deflated, context, machine, questions == null ? "" : questions.name(), entries);
    }

    private static boolean isUntrained(Path path) {
        try (ModelFile file = ModelFile.open(path)) {
            return file.untrained();
        }
    }

    private static String incomparable(@Nullable Base base, Model model, int[] ids) {
        if (base == null) {
            return "the reference is untrained";
        }
        return base.vocabulary == model.vocabularySize() && Arrays.equals(base.tokens, ids)
                ? ""
                : "has another tokenizer than the reference";
    }

    private Evaluation evaluation(Model model, String prefix, Interruption interruption) {
        Evaluation evaluation = model.evaluation()
                .contextLength(model.contextLength())
                .cancelWith(interruption.cancellation())
                .listener(new EvaluationProgress(terminal, prefix + model.name()));
        return chunks == null ? evaluation : evaluation.chunks(chunks);
    }

    private MeasuredSpeed speed(Model model, int[] ids, Interruption interruption) {
        terminal.status("measuring the speed of " + model.name());
        int prompt = Math.min(ids.length, model.contextLength() / 2);
        int generated = Math.min(MAX_GENERATED, model.contextLength() / 4);
        return MeasuredSpeed.of(model, Arrays.copyOf(ids, prompt), generated, interruption.cancellation());
    }

    private static String machine(Model model) {
        return "%s, %d threads, JDK %s"
                .formatted(
                        KernelSupport.detect().cpu().orElse(System.getProperty("os.arch")),
                        model.threads(),
                        Runtime.version().feature());
    }
}
