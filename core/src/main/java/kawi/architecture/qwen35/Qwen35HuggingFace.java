package kawi.architecture.qwen35;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import kawi.ModelFileException;
import kawi.architecture.Blueprint;
import kawi.architecture.RopeScaling;
import kawi.architecture.qwen35.Qwen35Weights.Layer;
import kawi.architecture.qwen35.Qwen35Weights.LinearAttention;
import kawi.architecture.qwen35.Qwen35Weights.MixerWeights;
import kawi.architecture.qwen35.Qwen35Weights.Mtp;
import kawi.architecture.qwen35.Qwen35Weights.SelfAttention;
import kawi.architecture.vision.VisionFile;
import kawi.checkpoint.HuggingFaceCheckpoint;
import kawi.checkpoint.JsonFile;
import kawi.checkpoint.QuantizationConfig;
import kawi.files.Excerpt;
import kawi.quant.Tensor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds a Qwen3.5 text model in a Hugging Face folder (Qwen3.5 specification, section 3.1). Such folders hold
 * zero-centred norm weights without their 1, {@code A_log}, and value heads grouped by key head; folders that MLX wrote
 * hold norm weights with their 1. Names begin with a prefix that depends on the writer: {@code model.language_model.}
 * for checkpoints with a vision part, {@code model.} for text-only ones, {@code language_model.model.} for MLX. Keys
 * that a configuration lacks have the defaults of transformers' {@code Qwen3_5TextConfig}.
 */
public final class Qwen35HuggingFace {

    private static final Logger LOG = LoggerFactory.getLogger(Qwen35HuggingFace.class);

    private static final String EMBED_TOKENS = "embed_tokens.weight";
    private static final String LM_HEAD = "lm_head.weight";
    private static final Pattern MTP = Pattern.compile("(^|\\.)mtp\\.");
    private static final String FC = "fc.weight";
    private static final Pattern MTP_FC = Pattern.compile("(\\w+\\.)*mtp\\.fc\\.weight");
    private static final Pattern VISION = Pattern.compile("(model\\.)?(visual|vision_tower|vision_model)\\.");

    private final HuggingFaceCheckpoint folder;
    private final String prefix;
    private final Qwen35Config config;

    /** Whether norm weights include their 1, which is so where convolutions are in MLX's order of dimensions. */
    private final boolean mlx;

    private Qwen35HuggingFace(HuggingFaceCheckpoint folder) {
        this.folder = folder;
        this.prefix = prefix();
        checkQuantization();
        this.config = readConfig(folder.textConfig());
        this.mlx = isMlx();
    }

    /** The model in {@code folder}. */
    public static Blueprint read(HuggingFaceCheckpoint folder) {
        return new Qwen35HuggingFace(folder).weights();
    }

    /** The prefix of the names of the text model's tensors. */
    private String prefix() {
        List<String> found = folder.tensorNames().stream()
                .filter(name -> name.equals(EMBED_TOKENS) || name.endsWith("." + EMBED_TOKENS))
                .filter(name -> !MTP.matcher(name).find())
                .map(name -> name.substring(0, name.length() - EMBED_TOKENS.length()))
                .toList();
        if (found.size() == 1) {
            return found.getFirst();
        }
        throw new ModelFileException(
                found.isEmpty()
                        ? "%s: there is no tensor %s under any prefix".formatted(folder.name(), EMBED_TOKENS)
                        : "%s: there are several text models, under %s"
                                .formatted(folder.name(), Excerpt.of(String.join(" and ", found))));
    }

    /** Rejects quantized weights by the name of their method, which tells more than the name of the first tensor. */
    private void checkQuantization() {
        String projection = prefix + "layers.0.mlp.down_proj.weight";
        boolean usable =
                folder.hasTensor(projection) && folder.describe(projection).supported();
        if (usable) {
            return;
        }
        Optional<QuantizationConfig> method = QuantizationConfig.of(folder.config());
        if (method.isPresent() && folder.readsQuantization()) {
            return; // The tensor says what is wrong when it is asked for.
        }
        if (method.isPresent()) {
            throw new ModelFileException(
                    "%s: the weights are quantized (%s), which is not supported in Hugging Face folders, unlike quant_method fp8, gptq, awq (version gemm) and compressed-tensors; give such a folder, a GGUF file or the weights in BF16"
                            .formatted(method.get().where(), method.get().describe()));
        }
    }

    private boolean isMlx() {
        int layer = config.fullAttention().indexOf(false);
        String convolution = prefix + "layers." + layer + ".linear_attn.conv1d.weight";
        if (layer < 0 || !folder.hasTensor(convolution)) {
            return false;
        }
        long[] shape = folder.shape(convolution);
        return shape.length == 3 && shape[2] == 1 && shape[1] == config.linearConvKernelDim();
    }

    private Qwen35Config readConfig(JsonFile json) {
        unsupported(json, "attention_bias", json.bool("attention_bias", false));
        unsupported(json, "attn_output_gate", !json.bool("attn_output_gate", true));
        String activation = json.string("hidden_act").orElse("silu");
        if (!activation.equals("silu")) {
            throw new ModelFileException(
                    "%s: key hidden_act: \"%s\" is not supported, only \"silu\"".formatted(json.where(), activation));
        }
        HuggingFaceRope rope = new HuggingFaceRope(json);
        RopeScaling scaling = rope.scaling();
        int headDim = json.integer("head_dim", 256);
        int rotaryDims = rope.rotaryDims(headDim);
        Qwen35Config read = new Qwen35Config(
                json.integer("hidden_size", 4096),
                json.integer("intermediate_size", 12_288),
                folder.tensor(prefix + EMBED_TOKENS).rows(),
                scaling.contextLength(rope.declaredLength()),
                fullAttention(json),
                json.integer("num_attention_heads", 16),
                json.integer("num_key_value_heads", 4),
                headDim,
                rotaryDims,
                rope.theta(),
                Qwen35Config.sections(rope.sections(), rotaryDims),
                scaling,
                json.integer("linear_num_key_heads", 16),
                json.integer("linear_num_value_heads", 32),
                json.integer("linear_key_head_dim", 128),
                json.integer("linear_value_head_dim", 128),
                json.integer("linear_conv_kernel_dim", 4),
                (float) json.number("rms_norm_eps", 1e-6),
                false);
        read.check(json.where());
        return read;
    }

    private static void unsupported(JsonFile json, String key, boolean found) {
        if (found) {
            throw new ModelFileException("%s: key %s is %s, which is not supported"
                    .formatted(json.where(), key, json.node().get(key)));
        }
    }

    private List<Boolean> fullAttention(JsonFile json) {
        int layers = json.integer("num_hidden_layers", 32);
        if (layers < 1 || layers > folder.tensorNames().size()) {
            throw new ModelFileException("%s: key num_hidden_layers: %d layers do not fit %d tensors"
                    .formatted(json.where(), layers, folder.tensorNames().size()));
        }
        List<Boolean> full = new ArrayList<>(layers);
        if (json.has("layer_types")) {
            for (String type : json.strings("layer_types")) {
                full.add(
                        switch (type) {
                            case "full_attention" -> true;
                            case "linear_attention" -> false;
                            default ->
                                throw new ModelFileException(
                                        "%s: key layer_types: \"%s\" is neither linear_attention nor full_attention"
                                                .formatted(json.where(), type));
                        });
            }
            if (full.size() != layers) {
                throw new ModelFileException("%s: key layer_types has %d entries for %d layers"
                        .formatted(json.where(), full.size(), layers));
            }
        } else {
            int interval = json.integer("full_attention_interval", 4);
            if (interval < 1) {
                throw new ModelFileException("%s: key full_attention_interval is %d, but must be positive"
                        .formatted(json.where(), interval));
            }
            full.addAll(Qwen35Config.everyNth(interval, layers));
        }
        return full;
    }

    private Qwen35Weights weights() {
        int hidden = config.hiddenSize();
        int vocab = config.vocabSize();
        Tensor embedTokens = folder.tensor(prefix + EMBED_TOKENS, vocab, hidden);
        Optional<String> head = lmHead();
        boolean tied = isTied(head.isPresent());
        Tensor lmHead = tied ? null : folder.tensor(head.orElse(LM_HEAD), vocab, hidden);
        List<Layer> layers = new ArrayList<>();
        for (int i = 0; i < config.numHiddenLayers(); i++) {
            layers.add(
                    layer(prefix + "layers." + i + ".", config.fullAttention().get(i)));
        }
        Mtp mtp = mtp();
        return new Qwen35Weights(
                config,
                embedTokens,
                lmHead,
                zeroCentred(prefix + "norm.weight", hidden),
                layers,
                mtp,
                unusedParts(mtp != null));
    }

    /** The layer of multi-token prediction, or null if there is none that can be run. */
    private @Nullable Mtp mtp() {
        List<String> fc = folder.tensorNames().stream()
                .filter(name -> MTP_FC.matcher(name).matches())
                .toList();
        if (fc.size() != 1) {
            return null;
        }
        String at = fc.getFirst().substring(0, fc.getFirst().length() - FC.length());
        if (folder.tensorNames().stream().anyMatch(name -> name.startsWith(at + "layers.1."))) {
            return null;
        }
        int hidden = config.hiddenSize();
        try {
            return new Mtp(
                    folder.tensor(at + FC, hidden, 2 * hidden),
                    zeroCentred(at + "pre_fc_norm_embedding.weight", hidden),
                    zeroCentred(at + "pre_fc_norm_hidden.weight", hidden),
                    layer(at + "layers.0.", true),
                    zeroCentred(at + "norm.weight", hidden),
                    optional(at + EMBED_TOKENS),
                    optional(at + LM_HEAD));
        } catch (ModelFileException e) {
            LOG.warn("multi-token prediction is not used: {}", e.getMessage());
            return null;
        }
    }

    private @Nullable Tensor optional(String name) {
        return folder.hasTensor(name) ? folder.tensor(name, config.vocabSize(), config.hiddenSize()) : null;
    }

    /**
     * Whether the embedding is the output head. The text model's key counts more than that of the whole model, except
     * that a checkpoint without a head need say so in one place only.
     */
    private boolean isTied(boolean hasHead) {
        String key = "tie_word_embeddings";
        JsonFile text = folder.textConfig();
        JsonFile whole = folder.config();
        if (!text.has(key) && !whole.has(key)) {
            return !hasHead;
        }
        boolean inText = text.bool(key, false);
        if (hasHead && text.has(key)) {
            return inText;
        }
        return inText || whole.bool(key, false);
    }

    /** The name of the output head, if there is one: outside of the prefix, or with the part of it that MLX uses. */
    private Optional<String> lmHead() {
        return folder.tensorNames().stream()
                .filter(name -> name.equals(LM_HEAD) || name.endsWith("." + LM_HEAD))
                .filter(name -> prefix.startsWith(name.substring(0, name.length() - LM_HEAD.length())))
                .findFirst();
    }

    private List<String> unusedParts(boolean usesMtp) {
        List<String> parts = new ArrayList<>();
        if (!VisionFile.present(folder)
                && folder.tensorNames().stream()
                        .anyMatch(name -> VISION.matcher(name).lookingAt())) {
            parts.add("vision");
        }
        if (!usesMtp
                && folder.tensorNames().stream()
                        .anyMatch(name -> MTP.matcher(name).find())) {
            parts.add("MTP");
        }
        return parts;
    }

    private Layer layer(String at, boolean full) {
        int hidden = config.hiddenSize();
        int intermediate = config.intermediateSize();
        return new Layer(
                zeroCentred(at + "input_layernorm.weight", hidden),
                full ? selfAttention(at + "self_attn.") : linearAttention(at + "linear_attn."),
                zeroCentred(at + "post_attention_layernorm.weight", hidden),
                folder.tensor(at + "mlp.gate_proj.weight", intermediate, hidden),
                folder.tensor(at + "mlp.up_proj.weight", intermediate, hidden),
                folder.tensor(at + "mlp.down_proj.weight", hidden, intermediate));
    }

    private MixerWeights selfAttention(String at) {
        int hidden = config.hiddenSize();
        int dim = config.headDim();
        int heads = config.numAttentionHeads();
        int kvHeads = config.numKeyValueHeads();
        return new SelfAttention(
                folder.tensor(at + "q_proj.weight", heads * 2 * dim, hidden),
                folder.tensor(at + "k_proj.weight", kvHeads * dim, hidden),
                folder.tensor(at + "v_proj.weight", kvHeads * dim, hidden),
                folder.tensor(at + "o_proj.weight", hidden, heads * dim),
                zeroCentred(at + "q_norm.weight", dim),
                zeroCentred(at + "k_norm.weight", dim));
    }

    private MixerWeights linearAttention(String at) {
        int hidden = config.hiddenSize();
        int channels = config.deltaShape().channels();
        int valueHeads = config.linearNumValueHeads();
        int valueWidth = valueHeads * config.linearValueHeadDim();
        return new LinearAttention(
                folder.tensor(at + "in_proj_qkv.weight", channels, hidden),
                folder.tensor(at + "in_proj_z.weight", valueWidth, hidden),
                folder.tensor(at + "in_proj_b.weight", valueHeads, hidden),
                folder.tensor(at + "in_proj_a.weight", valueHeads, hidden),
                folder.tensor(at + "out_proj.weight", hidden, valueWidth),
                convolution(at + "conv1d.weight", channels, config.linearConvKernelDim()),
                rate(at + "A_log", valueHeads),
                folder.vector(at + "dt_bias", valueHeads),
                folder.vector(at + "norm.weight", config.linearValueHeadDim()));
    }

    /** [channels][taps]; MLX has a dimension of 1 after it instead of between. */
    private Tensor convolution(String name, int channels, int taps) {
        if (!mlx) {
            return folder.tensor(name, channels, taps);
        }
        Tensor found = folder.tensor(name, channels * taps, 1);
        return new Tensor(name, found.format(), channels, taps, found.source());
    }

    /** {@code 1 + w}: the effective weight of a zero-centred norm. */
    private float[] zeroCentred(String name, int length) {
        float[] weight = folder.vector(name, length);
        if (!mlx) {
            for (int i = 0; i < length; i++) {
                weight[i] += 1f;
            }
        }
        return weight;
    }

    /** {@code -exp(A_log)}. */
    private float[] rate(String name, int length) {
        float[] rate = folder.vector(name, length);
        for (int i = 0; i < length; i++) {
            rate[i] = (float) -StrictMath.exp(rate[i]);
        }
        return rate;
    }
}
