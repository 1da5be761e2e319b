package kawi.checkpoint;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import kawi.ModelFile;
import kawi.ModelFileException;
import kawi.Sampling;
import kawi.files.Excerpt;
import kawi.gguf.GgufVocabulary;
import kawi.json.JsonValue;
import kawi.quant.Tensor;
import kawi.safetensors.SafetensorsFolder;
import kawi.safetensors.quantized.QuantizedTensors;
import kawi.tokenizer.Tokenizer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A Hugging Face folder: {@code config.json}, safetensors files, and, if present, {@code tokenizer.json},
 * {@code tokenizer_config.json}, {@code chat_template.jinja} and {@code generation_config.json}.
 */
public final class HuggingFaceCheckpoint implements Checkpoint {

    private static final Logger LOG = LoggerFactory.getLogger(HuggingFaceCheckpoint.class);

    private static final int MAX_LISTED = 5;

    private final Path folder;
    private final JsonFile config;
    private final Optional<JsonFile> tokenizerConfig;
    private final Optional<JsonFile> generationConfig;
    private final SafetensorsFolder tensors;

    /** The tensors of a checkpoint that is quantized by a known method; null for others. */
    private final @Nullable QuantizedTensors quantized;

    private final Optional<Sampling> sampling;
    private @Nullable Tokenizer tokenizer;

    private HuggingFaceCheckpoint(Path folder, JsonFile config, SafetensorsFolder tensors) {
        this.folder = folder;
        this.config = config;
        this.tensors = tensors;
        this.quantized = QuantizationConfig.of(config)
                .flatMap(QuantizationConfig::method)
                .map(method -> new QuantizedTensors(tensors, method))
                .orElse(null);
        this.tokenizerConfig = JsonFile.readIfPresent(folder.resolve("tokenizer_config.json"));
        this.generationConfig = defaults(folder.resolve("generation_config.json"));
        this.sampling = generationConfig.flatMap(SamplingDefaults::of);
    }

    /**
     * Defaults for generation, which can be replaced by options, so that nothing in them keeps a model from loading.
     */
    private static Optional<JsonFile> defaults(Path file) {
        try {
            return JsonFile.readIfPresent(file);
        } catch (ModelFileException e) {
            LOG.warn("{}; the defaults in it are ignored", e.getMessage());
            return Optional.empty();
        }
    }

    static HuggingFaceCheckpoint open(Path folder) {
        Path config = folder.resolve("config.json");
        boolean hasConfig = Files.exists(config);
        if (!hasConfig && !SafetensorsFolder.hasWeights(folder)) {
            throw new ModelFileException(
                    "%s has no config.json, so it is not a Hugging Face model folder; give such a folder or a GGUF file%s"
                            .formatted(folder, ggufFiles(folder)));
        }
        JsonFile parsed = hasConfig ? JsonFile.read(config) : JsonFile.empty(config);
        SafetensorsFolder tensors = SafetensorsFolder.open(folder);
        try {
            return new HuggingFaceCheckpoint(folder, parsed, tensors);
        } catch (RuntimeException e) {
            tensors.close();
            throw e;
        }
    }

    /** A clause that names the GGUF files in a folder, or nothing. */
    private static String ggufFiles(Path folder) {
        List<String> names = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*.gguf")) {
            for (Path file : files) {
                if (names.size() == MAX_LISTED) {
                    break;
                }
                names.add(Excerpt.of(String.valueOf(file.getFileName())));
            }
        } catch (IOException | DirectoryIteratorException e) {
            return "";
        }
        names.sort(null);
        return names.isEmpty() ? "" : ", such as %s in it".formatted(String.join(" or ", names));
    }

    /** Whether there is a {@code config.json}; without one, the weights can be listed but not used. */
    public boolean hasConfig() {
        return config.node().size() > 0;
    }

    /** Whether the weights are quantized by a method that is read. */
    public boolean readsQuantization() {
        return quantized != null;
    }

    /** Another configuration file of the folder, if it exists. */
    public Optional<JsonFile> json(String name) {
        return JsonFile.readIfPresent(folder.resolve(name));
    }

    /** The whole {@code config.json}. */
    public JsonFile config() {
        return config;
    }

    /** The part of {@code config.json} for the text model. */
    public JsonFile textConfig() {
        return config.object("text_config").orElse(config);
    }

    @Override
    public String name() {
        return folder.toString();
    }

    @Override
    public String layout() {
        return "Hugging Face";
    }

    @Override
    public String architecture() {
        return textConfig()
                .string("model_type")
                .or(() -> config.string("model_type"))
                .or(this::architectureOfClass)
                .orElse(UNNAMED);
    }

    @Override
    public boolean untrained() {
        return false; // A folder does not say so.
    }

    /** The architecture in the name of the model's class: {@code Qwen3_5} in {@code Qwen3_5ForCausalLM}. */
    private Optional<String> architectureOfClass() {
        return config.has("architectures")
                ? config.strings("architectures").stream()
                        .map(name -> name.replaceFirst("For[A-Z].*", ""))
                        .findFirst()
                : Optional.empty();
    }

    @Override
    public Set<String> tensorNames() {
        return quantized == null ? tensors.tensorNames() : quantized.tensorNames();
    }

    @Override
    public boolean hasTensor(String name) {
        return quantized == null ? tensors.hasTensor(name) : quantized.hasTensor(name);
    }

    @Override
    public Tensor tensor(String name) {
        return quantized == null ? tensors.tensor(name) : quantized.tensor(name);
    }

    @Override
    public ModelFile.TensorInfo describe(String name) {
        return quantized == null ? tensors.describe(name) : quantized.describe(name);
    }

    /** The dimensions of a tensor, the contiguous one last; none for a scalar. */
    public long[] shape(String name) {
        return quantized == null ? tensors.shape(name) : quantized.shape(name);
    }

    @Override
    public synchronized @Nullable Tokenizer tokenizer() {
        if (tokenizer == null) {
            try {
                tokenizer = Tokenizer.fromFolder(folder);
            } catch (IOException e) {
                throw new ModelFileException("the tokenizer in %s cannot be read: %s".formatted(folder, e), e);
            }
        }
        return tokenizer;
    }

    /**
     * The vocabulary in the form of GGUF files; empty if there is no tokenizer.
     *
     * @param size the number of tokens that the model has room for
     * @throws ModelFileException if GGUF files cannot describe the tokenizer
     */
    public Optional<GgufVocabulary> vocabulary(int size) {
        Tokenizer found = tokenizer();
        if (found == null) {
            return Optional.empty();
        }
        GgufVocabulary.check(found, size, folder.toString());
        Optional<JsonFile> json = json("tokenizer.json");
        if (json.isPresent()) {
            return Optional.of(GgufVocabulary.ofJson(json.get().node(), found, size));
        }
        Path merges = folder.resolve("merges.txt");
        try (Stream<String> lines = Files.lines(merges)) {
            List<String> pairs = lines.filter(line -> !line.isEmpty() && !line.startsWith("#version"))
                    .toList();
            return Optional.of(GgufVocabulary.of(
                    JsonFile.read(folder.resolve("vocab.json")).node(), pairs, found, size));
        } catch (IOException | UncheckedIOException e) {
            throw new ModelFileException("%s cannot be read: %s".formatted(merges, e.getMessage()), e);
        }
    }

    @Override
    public ChatTemplates chatTemplates() {
        return FolderTemplates.read(folder, tokenizerConfig);
    }

    @Override
    public SpecialTokens specialTokens(@Nullable Tokenizer tokenizer) {
        return SpecialTokens.of(folder, tokenizerConfig);
    }

    @Override
    public Set<Integer> endTokens(@Nullable Tokenizer tokenizer) {
        Set<Integer> ids = new TreeSet<>(config.ids("eos_token_id"));
        ids.addAll(textConfig().ids("eos_token_id"));
        generationConfig.ifPresent(g -> ids.addAll(g.ids("eos_token_id")));
        if (tokenizer != null) {
            tokenizerConfig
                    .flatMap(HuggingFaceCheckpoint::endToken)
                    .ifPresent(token -> tokenizer.id(token).ifPresent(ids::add));
        }
        return ids;
    }

    /** The end token's text, which older files wrap in an object. */
    private static Optional<String> endToken(JsonFile tokenizerConfig) {
        JsonValue token = tokenizerConfig.node().get("eos_token");
        if (token != null && token.isObject()) {
            return new JsonFile(tokenizerConfig.where() + ", eos_token", token).string("content");
        }
        return tokenizerConfig.string("eos_token");
    }

    @Override
    public Optional<Sampling> sampling() {
        return sampling;
    }

    @Override
    public void checkUnchanged() {
        tensors.checkUnchanged();
    }

    @Override
    public void close() {
        tensors.close();
    }
}
