package kawi.cli;

import java.nio.file.Path;
import java.util.Optional;
import kawi.KernelSupport;
import kawi.Model;
import kawi.ModelLoader;
import kawi.demo.DemoModel;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that select a model and the resources it runs with. */
final class ModelOptions {

    @Option(
            names = {"-m", "--model"},
            paramLabel = "MODEL",
            description = "A GGUF file, a Hugging Face folder, or a model on a hub such as hf:Qwen/Qwen3.5-0.8B; see "
                    + "kawi pull --help. Default: the demo model.")
    private @Nullable String model;

    @Option(
            names = {"-t", "--threads"},
            paramLabel = "N",
            description = "The number of threads. Default: the number of processors. Results do not depend on it.")
    private @Nullable Integer threads;

    @Option(
            names = "--kernels",
            paramLabel = "TIER",
            description = "auto, scalar, vector or assembled. Default: auto, the fastest available for the model. "
                    + "Results do not depend on it.")
    private @Nullable String kernels;

    @Option(
            names = "--kv",
            paramLabel = "FORMAT",
            description = "The format of cached keys and values: auto, f16 or f32. Default: auto, f16 for models with "
                    + "quantized weights and f32 for others.")
    private @Nullable String keysAndValues;

    /** Returns a loader for the model; a model on a hub is downloaded first. */
    ModelLoader loader(Terminal terminal) {
        ModelLoader loader = model == null ? DemoModel.loader() : Model.loader(ModelPath.of(model, terminal));
        try {
            if (threads != null) {
                loader.threads(threads);
            }
            String tier = kernels == null ? System.getProperty(KernelSupport.PROPERTY) : kernels;
            if (tier != null) {
                loader.kernels(tier);
            }
            if (keysAndValues != null) {
                loader.keysAndValues(keysAndValues);
            }
        } catch (IllegalArgumentException e) {
            throw new UsageException(Failure.sentence(e), e);
        }
        return loader;
    }

    /** Returns the path of the model, empty for the demo model; a model on a hub is downloaded first. */
    Optional<Path> path(Terminal terminal) {
        return model == null ? Optional.empty() : Optional.of(ModelPath.of(model, terminal));
    }

    /** Returns the format of cached keys and values. */
    String keysAndValues() {
        return keysAndValues == null ? "auto" : keysAndValues;
    }

    /** Loads the model. The caller must close it. */
    Model load(Terminal terminal) {
        ModelLoader loader = loader(terminal);
        try (ProgressLine line = new ProgressLine(terminal)) {
            return loader.progress(line).load();
        }
    }
}
