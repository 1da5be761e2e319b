package kawi.cli;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import kawi.Importance;
import kawi.Progress;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Measures which columns of a model's matrices matter most. */
@Command(
        name = "imatrix",
        description = "Measures with a text which weights matter most, for \"kawi quantize --imatrix\".",
        footer = {
            "",
            "The file has the format of llama-imatrix, and llama-quantize reads it. A text of a hundred thousand "
                    + "tokens is enough; it should be like the texts that the model is used for.",
            "",
            "Examples:",
            "  kawi imatrix Qwen3.5-0.8B --text calibration.txt -o imatrix.gguf",
            "  kawi quantize Qwen3.5-0.8B Qwen3.5-0.8B-K4.gguf --format K4 --imatrix imatrix.gguf"
        })
final class ImatrixCommand implements Callable<Integer> {

    @Parameters(
            index = "0",
            paramLabel = "MODEL",
            description = "A Hugging Face folder, a GGUF file, or a model on a hub such as hf:Qwen/Qwen3.5-0.8B.")
    private String model = "";

    @Option(names = "--text", paramLabel = "FILE", required = true, description = "A text file in UTF-8.")
    private Path text = Path.of("");

    @Option(
            names = {"-o", "--output"},
            paramLabel = "OUT.gguf",
            required = true,
            description = "The file to write.")
    private Path target = Path.of("");

    @Option(
            names = {"-c", "--ctx"},
            paramLabel = "N",
            defaultValue = "512",
            description = "Read the text in chunks of N tokens. Default: ${DEFAULT-VALUE}.")
    private int chunk;

    @Option(
            names = "--parse-special",
            description = "Recognize added tokens such as <|im_start|> in the text, which are ordinary text otherwise.")
    private boolean parseSpecial;

    @Option(
            names = {"-t", "--threads"},
            paramLabel = "N",
            description = "The number of threads. Default: the number of processors.")
    private @Nullable Integer threads;

    @Option(names = "--force", description = "Overwrite OUT.gguf if it exists.")
    private boolean force;

    private final Terminal terminal;

    ImatrixCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        OutputFile.check(target, force);
        try (Interruption interruption = new Interruption();
                ProgressLine line = new ProgressLine(terminal)) {
            Progress progress = step -> {
                if (interruption.cancellation().isCancelled()) {
                    throw new CancellationException();
                }
                line.update(step);
            };
            importance().writeTo(target, progress);
        } catch (IllegalArgumentException e) {
            throw new UsageException(Failure.sentence(e), e);
        } catch (CancellationException e) {
            return Kawi.INTERRUPTED;
        }
        terminal.out().println(target);
        return Kawi.SUCCESS;
    }

    private Importance importance() {
        Importance options = Importance.of(ModelPath.of(model, terminal), text)
                .chunkTokens(chunk)
                .special(parseSpecial);
        return threads == null ? options : options.threads(threads);
    }
}
