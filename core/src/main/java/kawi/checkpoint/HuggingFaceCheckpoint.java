package kawi.checkpoint;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import kawi.ModelFileException;
import kawi.Sampling;
import kawi.files.SmallFile;
import kawi.files.Utf8;
import kawi.json.JsonValue;
import kawi.quant.Tensor;
import kawi.safetensors.SafetensorsFolder;
import kawi.tokenizer.Tokenizer;
import org.jspecify.annotations.Nullable;

/**
 * A Hugging Face folder: {@code config.json}, safetensors files, and, if present, {@code tokenizer.json},
 * {@code tokenizer_config.json}, {@code chat_template.jinja} and {@code generation_config.json}.
 */
public final class HuggingFaceCheckpoint implements Checkpoint {

    private final Path folder;
    private final JsonFile config;
    private final Optional<JsonFile> tokenizerConfig;
    private final Optional<JsonFile> generationConfig;
    private final SafetensorsFolder tensors;
    private @Nullable Tokenizer tokenizer;

    private HuggingFaceCheckpoint(Path folder, JsonFile config, SafetensorsFolder tensors) {
        this.folder = folder;
        this.config = config;
        this.tensors = tensors;
        this.tokenizerConfig = JsonFile.readIfPresent(folder.resolve("tokenizer_config.json"));
        this.generationConfig = JsonFile.readIfPresent(folder.resolve("generation_config.json"));
    }

    static HuggingFaceCheckpoint open(Path folder) {
        Path config = folder.resolve("config.json");
        if (!Files.exists(config)) {
            throw new ModelFileException(
                    "%s has no config.json, so it is not a Hugging Face model folder; give such a folder or a GGUF file"
                            .formatted(folder));
        }
        JsonFile parsed = JsonFile.read(config);
        SafetensorsFolder tensors = SafetensorsFolder.open(folder);
        try {
            return new HuggingFaceCheckpoint(folder, parsed, tensors);
        } catch (RuntimeException e) {
            tensors.close();
            throw e;
        }
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
                .orElse("unnamed");
    }

    @Override
    public Set<String> tensorNames() {
        return tensors.tensorNames();
    }

    @Override
    public boolean hasTensor(String name) {
        return tensors.hasTensor(name);
    }

    @Override
    public Tensor tensor(String name) {
        return tensors.tensor(name);
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

    @Override
    public Optional<String> chatTemplate() {
        Path file = folder.resolve("chat_template.jinja");
        if (Files.exists(file)) {
            try {
                byte[] bytes = SmallFile.read(file, JsonFile.MAX_FILE_BYTES);
                String template = Utf8.decode(MemorySegment.ofArray(bytes), 0, bytes.length);
                if (template == null) {
                    throw new ModelFileException("%s is not UTF-8 text".formatted(file));
                }
                return Optional.of(template);
            } catch (IOException e) {
                throw new ModelFileException("%s cannot be read: %s".formatted(file, e), e);
            }
        }
        return tokenizerConfig.flatMap(HuggingFaceCheckpoint::defaultTemplate);
    }

    /** The template is a string, or a list of named templates, of which {@code default} is used for chats. */
    private static Optional<String> defaultTemplate(JsonFile tokenizerConfig) {
        JsonValue templates = tokenizerConfig.node().get("chat_template");
        if (templates == null || !templates.isArray()) {
            return tokenizerConfig.string("chat_template");
        }
        for (JsonValue named : templates.values()) {
            if (named.path("name").asString("").equals("default")) {
                return new JsonFile(tokenizerConfig.where() + ", chat_template", named).string("template");
            }
        }
        return Optional.empty();
    }

    @Override
    public Set<Integer> endTokens(@Nullable Tokenizer tokenizer) {
        Set<Integer> ids = new TreeSet<>(config.integers("eos_token_id"));
        ids.addAll(textConfig().integers("eos_token_id"));
        generationConfig.ifPresent(g -> ids.addAll(g.integers("eos_token_id")));
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
        return generationConfig.map(g -> {
            try {
                if (!g.bool("do_sample", true)) {
                    return Sampling.greedy();
                }
                Sampling none = Sampling.defaults();
                return none.temperature(g.number("temperature", none.temperature()))
                        .topK(g.integer("top_k", none.topK()))
                        .topP(g.number("top_p", none.topP()))
                        .minP(g.number("min_p", none.minP()))
                        .repetitionPenalty(g.number("repetition_penalty", none.repetitionPenalty()));
            } catch (IllegalArgumentException e) {
                throw new ModelFileException("%s: %s".formatted(g.where(), e.getMessage()), e);
            }
        });
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
