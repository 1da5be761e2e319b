package kawi.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import kawi.MemoryPlan;
import kawi.Progress;
import kawi.Quantization;
import kawi.QuantizationReport;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Writes a model with weights in other formats. */
@Command(
        name = "quantize",
        description = "Writes a model as a GGUF file with weights in another format.",
        footer = {
            "",
            "Formats, from the largest to the smallest: F32, F16, BF16, Q8_0, Q6_K, Q5_K_M, Q5_K_S, Q5_1, Q5_0, Q4_K_M, "
                    + "Q4_K_S, Q4_1, Q4_0, IQ4_NL, IQ4_XS, Q3_K_L, Q3_K_M, Q3_K_S, Q2_K, Q2_K_S. Those that end in _M, _L or _S give "
                    + "some matrices more bits, as in llama.cpp. K4 and K4_S are mixtures for Qwen3.5: Q6_K for the "
                    + "projections of attention, Q4_K for the feed-forward networks. K4_S has the size of Q4_K_M.",
            "",
            "An importance matrix, which \"kawi imatrix\" makes from a text, improves all formats below Q8_0.",
            "",
            "Examples:",
            "  kawi quantize Qwen3.5-0.8B Qwen3.5-0.8B-Q4_K_M.gguf --format Q4_K_M",
            "  kawi quantize Qwen3.5-0.8B-BF16.gguf Qwen3.5-0.8B-K4.gguf --format K4 --imatrix imatrix.gguf",
            "  kawi quantize Qwen3.5-0.8B out.gguf --format Q4_0 --tensor ffn_down=Q6_K"
        })
final class QuantizeCommand implements Callable<Integer> {

    @Parameters(
            index = "0",
            paramLabel = "MODEL",
            description = "A Hugging Face folder, a GGUF file, or a model on a hub such as hf:Qwen/Qwen3.5-0.8B.")
    private String model = "";

    @Parameters(index = "1", paramLabel = "OUT.gguf", description = "The file to write.")
    private Path target = Path.of("");

    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            required = true,
            completionCandidates = Formats.class,
            description = "The format of the weights; see below.")
    private String format = "";

    @Option(
            names = "--imatrix",
            paramLabel = "FILE",
            description = "Weigh errors by this importance matrix, as \"kawi imatrix\" or llama-imatrix writes it.")
    private @Nullable Path importance;

    @Option(
            names = "--tensor",
            paramLabel = "PATTERN=FORMAT",
            description = "Use another format for matrices in whose names this regular expression is found, such as "
                    + "ffn_down=Q6_K. Can be repeated; the first that is found counts.")
    private Map<String, String> tensors = new LinkedHashMap<>();

    @Option(
            names = {"-t", "--threads"},
            paramLabel = "N",
            description = "The number of threads. Default: the number of processors. The file does not depend on it.")
    private @Nullable Integer threads;

    @Option(names = "--force", description = "Overwrite OUT.gguf if it exists.")
    private boolean force;

    private final Terminal terminal;

    /** The values of {@code --format}. */
    static final class Formats extends Candidates {
        Formats() {
            super(List.of(
                    "F32", "F16", "BF16", "Q8_0", "Q6_K", "Q5_K_M", "Q5_K_S", "Q5_1", "Q5_0", "K4", "K4_S", "Q4_K_M",
                    "Q4_K_S", "Q4_1", "Q4_0", "IQ4_NL", "IQ4_XS", "Q3_K_L", "Q3_K_M", "Q3_K_S", "Q2_K", "Q2_K_S"));
        }
    }

    QuantizeCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws IOException {
        OutputFile.check(target, force);
        QuantizationReport report;
        try (Interruption interruption = new Interruption();
                ProgressLine line = new ProgressLine(terminal)) {
            Progress progress = step -> {
                if (interruption.cancellation().isCancelled()) {
                    throw new CancellationException();
                }
                line.update(step);
            };
            report = quantization().writeTo(target, progress);
        } catch (IllegalArgumentException e) {
            throw new UsageException(Failure.sentence(e), e);
        } catch (CancellationException e) {
            return Kawi.INTERRUPTED;
        }
        print(report);
        return Kawi.SUCCESS;
    }

    private Quantization quantization() {
        Quantization options = Quantization.of(ModelPath.of(model, terminal), format);
        for (Map.Entry<String, String> entry : tensors.entrySet()) {
            options = options.tensor(entry.getKey(), entry.getValue());
        }
        if (importance != null) {
            options = options.importance(importance);
        }
        return threads == null ? options : options.threads(threads);
    }

    private void print(QuantizationReport report) {
        report.warnings().forEach(warning -> terminal.err().println("kawi: warning: " + warning));
        PrintWriter out = terminal.out();
        out.printf("%-8s %9s %16s %12s%n", "format", "tensors", "weights", "bytes");
        for (QuantizationReport.Tensors tensors : report.tensors()) {
            out.printf(
                    "%-8s %9d %,16d %12s%n",
                    tensors.format(), tensors.count(), tensors.weights(), MemoryPlan.bytes(tensors.bytes()));
        }
        out.printf("%s: %s, %.2f bits per weight%n", target, MemoryPlan.bytes(report.bytes()), report.bitsPerWeight());
    }
}
