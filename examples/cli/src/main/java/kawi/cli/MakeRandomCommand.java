package kawi.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import kawi.MemoryPlan;
import kawi.RandomModel;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Writes a model with random weights. */
@Command(
        name = "make-random",
        description = "Writes a GGUF file with the sizes of a Qwen3.5 model and random weights, for benchmarks.",
        footer = {
            "",
            "The output of such a model is meaningless, but it takes the time and the memory of a real model. If there "
                    + "are more than 8 million weights of a format, they are copies of each other at random offsets, "
                    + "because generating all of them would take long.",
            "",
            "Examples:",
            "  kawi make-random 0.8b random-0.8b.gguf --type Q4_K_M",
            "  kawi make-random 0.8b random-0.8b.gguf --type Q4_K_M --vision mmproj-random-0.8b.gguf",
            "  kawi bench -m random-0.8b.gguf -p 512 -n 128"
        })
final class MakeRandomCommand implements Callable<Integer> {

    @Parameters(
            index = "0",
            paramLabel = "SIZE",
            completionCandidates = Sizes.class,
            description = "tiny, 0.8b, 2b, 4b, 9b or 27b.")
    private String size = "";

    @Parameters(index = "1", paramLabel = "OUT.gguf", description = "The file to write.")
    private Path target = Path.of("");

    @Option(
            names = "--type",
            paramLabel = "TYPE",
            defaultValue = "BF16",
            completionCandidates = Types.class,
            description = "A weight format, such as Q8_0, or the mixture Q4_K_M; one of ${COMPLETION-CANDIDATES}. "
                    + "Default: ${DEFAULT-VALUE}.")
    private String type = "";

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "1",
            description = "The same seed produces the same weights. Default: 1.")
    private long seed;

    @Option(
            names = "--tokenizer",
            paramLabel = "FILE",
            description = "A tokenizer.json or tokenizer.json.gz for the model. Default: one token for each byte.")
    private @Nullable Path tokenizer;

    @Option(
            names = "--no-prediction",
            description = "Without the layer for multi-token prediction that the published models have.")
    private boolean withoutPrediction;

    @Option(
            names = "--vision",
            paramLabel = "MMPROJ.gguf",
            description = "Also write a vision part to this file, and let prompts contain images.")
    private @Nullable Path vision;

    @Option(
            names = "--vision-type",
            paramLabel = "TYPE",
            defaultValue = "F16",
            completionCandidates = Types.class,
            description = "The format of the vision part, as for --type. Default: ${DEFAULT-VALUE}.")
    private String visionType = "";

    @Option(names = "--force", description = "Overwrite files that exist.")
    private boolean force;

    private final Terminal terminal;

    /** The values of SIZE. */
    static final class Sizes extends Candidates {
        Sizes() {
            super(List.of("tiny", "0.8b", "2b", "4b", "9b", "27b"));
        }
    }

    /** The values of {@code --type}. */
    static final class Types extends Candidates {
        Types() {
            super(List.of(
                    "F32", "F16", "BF16", "Q8_0", "Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q2_K", "Q3_K", "Q4_K", "Q5_K",
                    "Q6_K", "Q4_K_M", "IQ4_NL", "IQ4_XS", "IQ3_S", "IQ3_XXS", "IQ2_S", "IQ2_XS", "IQ2_XXS", "IQ1_M",
                    "IQ1_S", "MXFP4", "NVFP4", "TQ1_0", "TQ2_0", "Q1_0", "Q2_0", "PQ2_0", "PTQ1_0"));
        }
    }

    MakeRandomCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws IOException {
        OutputFile.check(target, force);
        if (vision != null) {
            OutputFile.check(vision, force);
        }
        RandomModel model = RandomModel.of(size)
                .type(type)
                .seed(seed)
                .prediction(!withoutPrediction)
                .vision(vision != null);
        try (ProgressLine line = new ProgressLine(terminal)) {
            if (vision != null) {
                model.type(visionType).writeVisionTo(vision, line);
            }
            (tokenizer == null ? model : model.tokenizer(tokenizer)).writeTo(target, line);
        } catch (IllegalArgumentException e) {
            throw new UsageException(Failure.sentence(e), e);
        }
        terminal.out().printf("%s: %s%n", target, MemoryPlan.bytes(Files.size(target)));
        if (vision != null) {
            terminal.out().printf("%s: %s%n", vision, MemoryPlan.bytes(Files.size(vision)));
        }
        return Kawi.SUCCESS;
    }
}
