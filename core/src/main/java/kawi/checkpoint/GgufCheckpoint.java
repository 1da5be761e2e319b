package kawi.checkpoint;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import kawi.ModelFile;
import kawi.ModelFileException;
import kawi.Sampling;
import kawi.gguf.GgufModel;
import kawi.gguf.Metadata;
import kawi.quant.QuantizedFormat;
import kawi.quant.Tensor;
import kawi.quant.WeightFormats;
import kawi.tokenizer.GgufSpecials;
import kawi.tokenizer.GgufStrings;
import kawi.tokenizer.Tokenizer;
import kawi.tokenizer.TokenizerException;
import org.jspecify.annotations.Nullable;

/** A model in a GGUF file, or in several that it was split into. */
public final class GgufCheckpoint implements Checkpoint {

    /** The key of the default template; those of named templates continue with a dot and the name. */
    private static final String TEMPLATE = "tokenizer.chat_template";

    /** Keys of tokens that end an answer; a key may have one id or several. */
    private static final List<String> END_TOKENS = List.of(
            "tokenizer.ggml.eos_token_id",
            "tokenizer.ggml.eos_token_ids",
            "tokenizer.ggml.eot_token_id",
            "tokenizer.ggml.eom_token_id");

    private static final String WEIGHT = ".weight";
    private static final String SCALE = ".scale";
    private static final String INPUT_SCALE = ".input_scale";

    private final GgufModel file;
    private final Optional<Sampling> sampling;
    private @Nullable Tokenizer tokenizer;

    /** Owns the files and closes them. */
    GgufCheckpoint(GgufModel file) {
        this.file = file;
        this.sampling = SamplingDefaults.of(file.metadata(), file.name());
    }

    /** Keys and values of the file's header. */
    public Metadata metadata() {
        return file.metadata();
    }

    @Override
    public String name() {
        return file.name();
    }

    @Override
    public String layout() {
        return file.fileCount() == 1
                ? "GGUF v" + file.version()
                : "GGUF v%d in %d files".formatted(file.version(), file.fileCount());
    }

    @Override
    public String architecture() {
        return metadata().optionalString("general.architecture").orElse(UNNAMED);
    }

    @Override
    public boolean untrained() {
        // Kawi and its peers call random models "random-qwen3.5-0.8b", for example.
        return metadata().optionalString("general.name").orElse("").startsWith("random-");
    }

    @Override
    public Set<String> tensorNames() {
        return file.tensorNames();
    }

    @Override
    public boolean hasTensor(String name) {
        return file.hasTensor(name);
    }

    /**
     * Returns a tensor with its factor, if it has one: that of {@code blk.0.ffn_up.weight} is the only weight of {@code
     * blk.0.ffn_up.scale}.
     */
    @Override
    public Tensor tensor(String name) {
        Tensor tensor = file.tensor(name);
        if (!name.endsWith(WEIGHT) || !(tensor.format() instanceof QuantizedFormat format)) {
            return tensor;
        }
        String scale = name.substring(0, name.length() - WEIGHT.length()) + SCALE;
        if (!file.hasTensor(scale)) {
            return tensor;
        }
        float[] factors = file.tensor(scale).toFloats();
        if (factors.length != 1) {
            throw new ModelFileException("%s: tensor %s has %d factors, but there must be one for all weights of %s"
                    .formatted(name(), scale, factors.length, name));
        }
        return tensor.with(WeightFormats.scaled(format, factors[0]), tensor.source());
    }

    /** Whether {@link #tensor} applies a tensor to another one, or may do without it. */
    public boolean isFactor(String name) {
        if (name.endsWith(SCALE)) {
            return isQuantized(name.substring(0, name.length() - SCALE.length()) + WEIGHT);
        }
        // What the activations of the product with these 4-bit floats were divided by before they became such floats.
        return name.endsWith(INPUT_SCALE)
                && isQuantized(name.substring(0, name.length() - INPUT_SCALE.length()) + WEIGHT);
    }

    private boolean isQuantized(String name) {
        return file.hasTensor(name)
                && file.describe(name).supported()
                && file.tensor(name).format() instanceof QuantizedFormat;
    }

    @Override
    public ModelFile.TensorInfo describe(String name) {
        return file.describe(name);
    }

    /** The dimensions of a tensor, up to four, the contiguous one first; none for a scalar. */
    public long[] shape(String name) {
        return file.shape(name);
    }

    @Override
    public synchronized @Nullable Tokenizer tokenizer() {
        Metadata m = metadata();
        if (tokenizer == null && m.has("tokenizer.ggml.tokens")) {
            GgufStrings tokens = m.packedStrings("tokenizer.ggml.tokens");
            GgufStrings merges = m.has(TokenTypes.MERGES)
                    ? m.packedStrings(TokenTypes.MERGES)
                    : GgufStrings.of(List.of()); // of a tokenizer of another kind, which is rejected by its name
            String model = m.optionalString("tokenizer.ggml.model").orElse("gpt2");
            if (model.equals("gpt2") && !m.has(TokenTypes.MERGES)) {
                throw new TokenizerException("%s: key %s is missing".formatted(name(), TokenTypes.MERGES));
            }
            tokenizer = Tokenizer.fromGguf(
                    name(),
                    model,
                    m.optionalString("tokenizer.ggml.pre").orElse("default"),
                    tokens,
                    TokenTypes.of(m, tokens.count(), name()),
                    merges,
                    new GgufSpecials(
                            id("tokenizer.ggml.bos_token_id"),
                            m.optionalBool("tokenizer.ggml.add_bos_token").orElse(null),
                            id("tokenizer.ggml.eos_token_id"),
                            m.optionalBool("tokenizer.ggml.add_eos_token").orElse(null)));
        }
        return tokenizer;
    }

    /** The id for {@code key}, the first of several, or -1 if there is none. */
    private int id(String key) {
        return metadata().ids(key).stream().findFirst().orElse(-1);
    }

    @Override
    public ChatTemplates chatTemplates() {
        Map<String, String> byName = new HashMap<>();
        metadata().optionalString(TEMPLATE).ifPresent(source -> byName.put(ChatTemplates.DEFAULT, source));
        for (String key : metadata().keys()) {
            if (key.startsWith(TEMPLATE + ".")) {
                byName.put(key.substring(TEMPLATE.length() + 1), metadata().string(key));
            }
        }
        return new ChatTemplates(byName);
    }

    @Override
    public SpecialTokens specialTokens(@Nullable Tokenizer tokenizer) {
        return tokenizer == null ? SpecialTokens.NONE : SpecialTokens.of(metadata(), tokenizer);
    }

    @Override
    public Set<Integer> endTokens(@Nullable Tokenizer tokenizer) {
        Set<Integer> ids = new TreeSet<>();
        for (String key : END_TOKENS) {
            ids.addAll(metadata().ids(key));
        }
        return ids;
    }

    @Override
    public Optional<Sampling> sampling() {
        return sampling;
    }

    @Override
    public void checkUnchanged() {
        file.checkUnchanged();
    }

    @Override
    public void close() {
        file.close();
    }
}
