package kawi.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import kawi.Divergence;
import kawi.Evaluation;
import kawi.Model;
import kawi.Perplexity;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Measures how well a model predicts a text, and how much its predictions differ from recorded ones. */
@Command(
        name = "perplexity",
        description = "Measures the perplexity of a text, and the KL divergence from another model, as llama.cpp does.",
        footer = {
            "",
            "The text is divided into chunks of --ctx tokens, 512 by default. Each is evaluated alone, and the "
                    + "tokens in its second half are scored. Tokens after the last complete chunk are not used. Errors "
                    + "are standard errors.",
            "",
            "--kl-divergence-base writes the log-probabilities of the scored positions, or reads them with "
                    + "--kl-divergence, where the text is that of the file. The files are those of llama.cpp's "
                    + "perplexity tool. They take two bytes for each logit, about half a megabyte per scored token "
                    + "of a vocabulary of 248320, and limit log-probabilities to 16 below the largest.",
            "",
            "Examples:",
            "  kawi perplexity Qwen3.5-0.8B-Q4_K_M.gguf --text wiki.test.raw",
            "  kawi perplexity Qwen3.5-0.8B-BF16.gguf --text wiki.test.raw --chunks 20 --kl-divergence-base bf16.base",
            "  kawi perplexity Qwen3.5-0.8B-Q4_K_M.gguf --kl-divergence --kl-divergence-base bf16.base"
        })
final class PerplexityCommand implements Callable<Integer> {

    @Mixin
    private final ModelOptions modelOptions = new ModelOptions();

    @Parameters(arity = "0..1", paramLabel = "MODEL", description = "The model, as with --model.")
    private @Nullable String model;

    @Option(names = "--text", paramLabel = "FILE", description = "A text file in UTF-8; - is standard input.")
    private @Nullable Path text;

    @Option(
            names = "--parse-special",
            description = "Recognize special tokens such as <|im_start|>, which are ordinary text otherwise.")
    private boolean parseSpecial;

    @Option(names = "--chunks", paramLabel = "N", description = "Use only the first N chunks. Default: all.")
    private @Nullable Integer chunks;

    @Option(
            names = "--kl-divergence-base",
            paramLabel = "FILE",
            description = "The file of log-probabilities to write, or to read with --kl-divergence.")
    private @Nullable Path base;

    @Option(names = "--kl-divergence", description = "Compare the model with the file of log-probabilities.")
    private boolean compare;

    @Option(names = "--force", description = "Overwrite the file of log-probabilities if it exists.")
    private boolean force;

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    private final Terminal terminal;

    PerplexityCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws IOException {
        if (chunks != null && chunks < 1) {
            throw new UsageException("--chunks is %d; it must be at least 1".formatted(chunks));
        }
        if (compare) {
            if (base == null) {
                throw new UsageException("--kl-divergence compares with the file of --kl-divergence-base");
            }
            if (text != null) {
                throw new UsageException("with --kl-divergence the text is that of the file; --text is not used");
            }
            return compareWith(base);
        }
        if (text == null) {
            throw new UsageException("a text is required; --text names its file");
        }
        if (base != null) {
            OutputFile.check(base, force);
        }
        EvaluatedText evaluated = EvaluatedText.read(text, parseSpecial, terminal);
        try (Model loaded = modelOptions.load(terminal, model, false);
                Interruption interruption = new Interruption()) {
            Evaluation evaluation = evaluation(loaded, interruption);
            if (modelOptions.contextLength() != null) {
                evaluation = evaluation.contextLength(loaded.contextLength());
            }
            report(loaded, evaluated.perplexity(loaded, base == null ? evaluation : evaluation.base(base)), evaluated);
        }
        return Kawi.SUCCESS;
    }

    private int compareWith(Path file) {
        try (Model loaded = modelOptions.load(terminal, model, false);
                Interruption interruption = new Interruption()) {
            Divergence divergence = evaluation(loaded, interruption).divergence(file);
            if (json) {
                Map<String, @Nullable Object> object = described(loaded);
                object.put("base", file.toString());
                object.putAll(DivergenceReport.json(divergence));
                Json.print(terminal.out(), object);
            } else {
                terminal.out().printf("%s, compared with %s%n%n", loaded.name(), file);
                terminal.out().print(DivergenceReport.text(divergence));
            }
        }
        return Kawi.SUCCESS;
    }

    private Evaluation evaluation(Model loaded, Interruption interruption) {
        Evaluation evaluation = loaded.evaluation()
                .cancelWith(interruption.cancellation())
                .listener(new EvaluationProgress(terminal, loaded.name()));
        return chunks == null ? evaluation : evaluation.chunks(chunks);
    }

    private void report(Model loaded, Perplexity perplexity, EvaluatedText evaluated) {
        if (json) {
            Map<String, @Nullable Object> object = described(loaded);
            object.put("text", evaluated.name());
            object.put("base", base == null ? null : base.toString());
            object.putAll(DivergenceReport.json(perplexity));
            Json.print(terminal.out(), object);
            return;
        }
        terminal.out().printf("%s: perplexity %.4f +/- %.5f%n", loaded.name(), perplexity.value(), perplexity.error());
        terminal.out()
                .printf(
                        "%s: %d chunks of %d tokens, %d tokens with %d bytes scored, %.5f nats per token, "
                                + "%.5f bits per byte%n",
                        evaluated.name(),
                        perplexity.chunks(),
                        perplexity.contextLength(),
                        perplexity.tokens(),
                        perplexity.bytes(),
                        perplexity.meanNats(),
                        perplexity.bitsPerByte());
        if (base != null) {
            terminal.out().printf("%s has the log-probabilities%n", base);
        }
    }

    private static Map<String, @Nullable Object> described(Model loaded) {
        Map<String, @Nullable Object> object = new LinkedHashMap<>();
        object.put("model", loaded.name());
        object.put("kernels", loaded.kernels());
        object.put("kv", loaded.keysAndValues());
        return object;
    }
}
