package kawi.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import kawi.Cancellation;
import kawi.Concurrency;
import kawi.KernelSupport;
import kawi.Model;
import kawi.ModelLoader;
import kawi.Speculation;
import kawi.demo.DemoModel;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** The options that select a model and the resources it runs with. */
final class ModelOptions {

    /** What users should know who have not selected a model. */
    static final String DEMO_NOTICE = "This is the demo model, which tells stories and knows nothing else. For a model "
            + "that answers questions, add -m hf:Qwen/Qwen3.5-0.8B.";

    /** The same for images. */
    static final String SEEING_NOTICE =
            "This is the demo model for pictures, which knows a few shapes, colors, digits and "
                    + "bar charts. For a model that sees, add -m hf:Qwen/Qwen3.5-0.8B.";

    @Option(
            names = {"-m", "--model"},
            paramLabel = "MODEL",
            description = "A GGUF file, a Hugging Face folder, or a model on a hub such as hf:Qwen/Qwen3.5-0.8B; see "
                    + "kawi help pull. Default: the demo model.")
    private @Nullable String model;

    @Option(
            names = {"-c", "--ctx"},
            paramLabel = "N",
            description = "The maximum length of the context, in tokens. Default: that of the model.")
    private @Nullable Integer contextLength;

    @Option(
            names = "--rope-scaling",
            paramLabel = "none|yarn:N",
            completionCandidates = Scalings.class,
            description = "Scale the positions of tokens for a longer context: yarn:4 extends it to four times that of "
                    + "the training, yarn:4:32768 says what that was, none omits what the model's files ask for. "
                    + "Default: that of the model.")
    private @Nullable String ropeScaling;

    @Option(
            names = {"-t", "--threads"},
            paramLabel = "N",
            description = "The number of threads. Default: the number of processors. Results do not depend on it.")
    private @Nullable Integer threads;

    @Option(
            names = "--kernels",
            paramLabel = "TIER",
            completionCandidates = Tiers.class,
            description = "auto, scalar, vector or assembled. Default: auto, the fastest available for the model. "
                    + "Results do not depend on it.")
    private @Nullable String kernels;

    @Option(
            names = "--kv",
            paramLabel = "FORMAT",
            completionCandidates = KeyValueFormats.class,
            description = "The format of cached keys and values: auto, f16, f32, q8, q4, or one for keys and one for "
                    + "values, as in q8:q4. Default: auto, f16 for models with quantized weights and f32 for others.")
    private @Nullable String keysAndValues;

    @Option(
            names = "--quantize",
            paramLabel = "FORMAT",
            completionCandidates = QuantizeCommand.Formats.class,
            description = "Convert the weights to this format while they are loaded; see kawi help quantize. Default: "
                    + "the format of the files.")
    private @Nullable String quantization;

    @Option(
            names = "--imatrix",
            paramLabel = "FILE",
            description = "With --quantize: weigh errors by this importance matrix, as kawi imatrix writes it.")
    private @Nullable Path importance;

    @Option(
            names = "--speculation",
            paramLabel = "off|auto|N",
            completionCandidates = Speculations.class,
            converter = Speculations.Converter.class,
            description = "Guess tokens ahead and verify them together: off, auto, or up to N at a time, between 1 and "
                    + Speculation.MAX_GUESSES + ". Default: auto, where it saves time. Results do not depend on it.")
    private @Nullable Speculation speculation;

    @Option(
            names = "--chat-template",
            paramLabel = "FILE",
            description = "A chat template, in Jinja. Default: that of the model.")
    private @Nullable Path chatTemplate;

    @Option(
            names = "--mmproj",
            paramLabel = "FILE",
            description =
                    "The file of the vision tower: an mmproj GGUF file or a Hugging Face folder. Default: the one "
                            + "among the model's files, if there is one.")
    private @Nullable Path vision;

    @Option(
            names = "--image-tokens",
            paramLabel = "[MIN..]MAX",
            description = "Resize images so that each takes so many tokens; up to 1280 if this is not given. A token "
                    + "shows 32 x 32 pixels. More tokens show more detail and take longer.")
    private @Nullable String imageTokens;

    private boolean seeing;

    /** The values of {@code --kernels}. */
    static final class Tiers extends Candidates {
        Tiers() {
            super(List.of("auto", "scalar", "vector", "assembled"));
        }
    }

    /** Values of {@code --rope-scaling}. */
    static final class Scalings extends Candidates {
        Scalings() {
            super(List.of("auto", "none", "yarn:2", "yarn:4"));
        }
    }

    /** The values of {@code --kv}. */
    static final class KeyValueFormats extends Candidates {
        KeyValueFormats() {
            super(List.of("auto", "f16", "f32", "q8", "q4"));
        }
    }

    /** The values of {@code --speculation}. */
    static final class Speculations extends Candidates {
        Speculations() {
            super(List.of("off", "auto"));
        }

        /** Reads a value. */
        static final class Converter implements ITypeConverter<Speculation> {
            @Override
            public Speculation convert(String value) {
                return switch (value) {
                    case "off" -> Speculation.off();
                    case "auto" -> Speculation.auto();
                    default -> upTo(value);
                };
            }

            private static Speculation upTo(String value) {
                try {
                    return Speculation.upTo(Integer.parseInt(value));
                } catch (IllegalArgumentException e) {
                    throw new TypeConversionException("'%s' is not off, auto or a number between 1 and %d"
                            .formatted(value, Speculation.MAX_GUESSES));
                }
            }
        }
    }

    /** Returns the setting of speculation, or null if none was given. */
    @Nullable Speculation speculation() {
        return speculation;
    }

    /** Has the demo model be the one for pictures if no model was selected. */
    void seeing() {
        seeing = true;
    }

    /** Returns whether no model was selected. */
    boolean isDemo() {
        return model == null;
    }

    /** Returns the maximum length of the context, or null if none was given. */
    @Nullable Integer contextLength() {
        return contextLength;
    }

    /** Sets the maximum length of the context that is used if none was given. */
    void defaultContextLength(int tokens) {
        if (contextLength == null) {
            contextLength = tokens;
        }
    }

    /** Returns a loader for the model; a model on a hub is downloaded first. */
    ModelLoader loader(Terminal terminal) {
        return loader(terminal, model);
    }

    /** @param selected the model, or null for the demo model */
    private ModelLoader loader(Terminal terminal, @Nullable String selected) {
        String template = chatTemplate == null ? null : template(chatTemplate);
        ModelLoader loader = selected == null ? demo() : Model.loader(ModelPath.of(selected, terminal));
        try {
            if (threads != null) {
                loader.threads(threads);
            }
            if (contextLength != null) {
                loader.contextLength(contextLength);
            }
            if (ropeScaling != null) {
                loader.ropeScaling(ropeScaling);
            }
            String tier = kernels == null ? System.getProperty(KernelSupport.PROPERTY) : kernels;
            if (tier != null) {
                loader.kernels(tier);
            }
            if (keysAndValues != null) {
                loader.keysAndValues(keysAndValues);
            }
            if (quantization != null && importance != null) {
                loader.quantize(quantization, importance);
            } else if (quantization != null) {
                loader.quantize(quantization);
            } else if (importance != null) {
                throw new UsageException("--imatrix is for --quantize, which is not given");
            }
            if (speculation != null) {
                loader.speculation(speculation);
            }
            if (vision != null) {
                loader.vision(vision);
            }
            if (imageTokens != null) {
                setImageTokens(loader, imageTokens);
            }
        } catch (IllegalArgumentException e) {
            throw new UsageException(Failure.sentence(e), e);
        }
        return template == null ? loader : loader.chatTemplate(template);
    }

    private ModelLoader demo() {
        return seeing ? DemoModel.visionLoader() : DemoModel.loader();
    }

    private static void setImageTokens(ModelLoader loader, String range) {
        int dots = range.indexOf("..");
        try {
            loader.imageTokens(
                    dots < 0 ? 0 : Integer.parseInt(range.substring(0, dots)),
                    Integer.parseInt(range.substring(dots < 0 ? 0 : dots + 2)));
        } catch (NumberFormatException e) {
            throw new UsageException(
                    "--image-tokens is \"%s\", expected a number such as 1280, or two as in 256..1280".formatted(range),
                    e);
        }
    }

    private static String template(Path file) {
        try {
            return Terminal.decode(Files.readAllBytes(file), file.toString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
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
        return load(terminal, Concurrency.defaults(), false);
    }

    /**
     * Loads the model with limits of concurrency. The caller must close it.
     *
     * @param profile whether the time of operations is counted
     */
    Model load(Terminal terminal, Concurrency limits, boolean profile) {
        return load(loader(terminal).concurrency(limits).profile(profile), terminal, new Cancellation());
    }

    /**
     * Loads a model that was given as a parameter of the command. The caller must close it.
     *
     * @param parameter the model, or null for the one of the option
     * @param profile whether the time of operations is counted
     * @throws UsageException if there are both
     */
    Model load(Terminal terminal, @Nullable String parameter, boolean profile) {
        return load(terminal, parameter, profile, new Cancellation());
    }

    /**
     * The same with a handle that ends the loading.
     *
     * @throws CancellationException if it was cancelled
     */
    Model load(Terminal terminal, @Nullable String parameter, boolean profile, Cancellation cancellation) {
        if (parameter != null && model != null) {
            throw new UsageException("there are two models, %s and %s; --model and the parameter are the same"
                    .formatted(parameter, model));
        }
        ModelLoader loader =
                loader(terminal, parameter == null ? model : parameter).profile(profile);
        return load(loader, terminal, cancellation);
    }

    private static Model load(ModelLoader loader, Terminal terminal, Cancellation cancellation) {
        try (ProgressLine line = new ProgressLine(terminal)) {
            return loader.progress(step -> {
                        if (cancellation.isCancelled()) {
                            throw new CancellationException("loading %s was cancelled".formatted(step.subject()));
                        }
                        line.update(step);
                    })
                    .load();
        }
    }
}
