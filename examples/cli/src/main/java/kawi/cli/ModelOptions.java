package kawi.cli;

import java.nio.file.Path;
import java.util.Optional;
import kawi.Model;
import kawi.ModelLoader;
import kawi.compute.TierChoice;
import kawi.demo.DemoModel;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which model to run, and with what. */
final class ModelOptions {

    @Option(
            names = {"-m", "--model"},
            paramLabel = "MODEL",
            description = "A GGUF file, a Hugging Face folder, or a model on a hub such as hf:Qwen/Qwen3.5-0.8B, which "
                    + "kawi pull explains. Default: the demo model.")
    private @Nullable String model;

    @Option(
            names = {"-t", "--threads"},
            paramLabel = "N",
            description = "Threads that compute. Default: as many as processors. Results do not depend on it.")
    private @Nullable Integer threads;

    @Option(
            names = "--kernels",
            paramLabel = "TIER",
            description = "auto, scalar, vector or assembled. Default: auto, the fastest there is for the model. "
                    + "Results do not depend on it.")
    private @Nullable String kernels;

    @Option(
            names = "--kv",
            paramLabel = "FORMAT",
            description = "How keys and values are remembered: auto, f16 or f32. Default: auto, f16 for models with "
                    + "quantized weights and f32 for others.")
    private @Nullable String keysAndValues;

    /** Prepares to load the model; one on a hub is fetched now. */
    ModelLoader loader(Terminal terminal) {
        ModelLoader loader = model == null ? DemoModel.loader() : Model.loader(ModelPath.of(model, terminal));
        try {
            if (threads != null) {
                loader.threads(threads);
            }
            String tier = kernels == null ? System.getProperty(TierChoice.PROPERTY, "auto") : kernels;
            TierChoice.choose(tier);
            if (kernels != null) {
                loader.kernels(kernels);
            }
            if (keysAndValues != null) {
                loader.keysAndValues(keysAndValues);
            }
        } catch (IllegalArgumentException e) {
            throw new UsageException(Failure.sentence(e), e);
        }
        return loader;
    }

    /** Where the model is on this machine, unless it is the demo model; one on a hub is fetched now. */
    Optional<Path> path(Terminal terminal) {
        return model == null ? Optional.empty() : Optional.of(ModelPath.of(model, terminal));
    }

    /** How keys and values are to be remembered. */
    String keysAndValues() {
        return keysAndValues == null ? "auto" : keysAndValues;
    }

    /** Loads the model; the caller closes it. */
    Model load(Terminal terminal) {
        ModelLoader loader = loader(terminal);
        try (ProgressLine line = new ProgressLine(terminal)) {
            return loader.progress(line).load();
        }
    }
}
