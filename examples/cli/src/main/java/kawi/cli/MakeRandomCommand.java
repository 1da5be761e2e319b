package kawi.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import kawi.MemoryPlan;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Writes a model of random weights. */
@Command(
        name = "make-random",
        description =
                "Writes a GGUF file of Qwen3.5's true shape with random weights, for measurements and comparisons.",
        footer = {
            "",
            "What such a model says is noise, but it takes the time and the memory of a real one. Where there are more "
                    + "than 8 million weights of a format, they repeat at random distances, because drawing them all "
                    + "would take long.",
            "",
            "Examples:",
            "  kawi make-random 0.8b random-0.8b.gguf --type Q4_K_M",
            "  kawi bench -m random-0.8b.gguf -p 512 -n 128"
        })
final class MakeRandomCommand implements Callable<Integer> {

    @Parameters(index = "0", paramLabel = "SIZE", description = "tiny, 0.8b, 2b, 4b or 9b.")
    private String size = "";

    @Parameters(index = "1", paramLabel = "OUT.gguf", description = "The file to write.")
    private Path target = Path.of("");

    @Option(
            names = "--type",
            paramLabel = "TYPE",
            defaultValue = "BF16",
            description = "F32, F16, BF16, Q8_0, Q4_0, Q4_1, Q5_0, Q5_1, Q2_K, Q3_K, Q4_K, Q5_K, Q6_K, or the mixture "
                    + "Q4_K_M. Default: ${DEFAULT-VALUE}.")
    private String type = "";

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "1",
            description = "Same seed, same weights. Default: 1.")
    private long seed;

    @Option(
            names = "--tokenizer",
            paramLabel = "FILE",
            description = "A tokenizer.json or tokenizer.json.gz for the model. Default: a token for each byte.")
    private @Nullable Path tokenizer;

    private final Terminal terminal;

    MakeRandomCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws IOException {
        RandomShape shape = RandomShape.named(size);
        RandomModel model = new RandomModel(shape, QuantizationMix.named(type), seed, terminal);
        RandomVocabulary vocabulary = tokenizer == null
                ? RandomVocabulary.ofBytes(shape.vocabulary)
                : RandomVocabulary.read(tokenizer, shape.vocabulary);
        model.writeTo(target, vocabulary);
        terminal.out().printf("%s: %s%n", target, MemoryPlan.bytes(Files.size(target)));
        return Kawi.DONE;
    }
}
