package kawi.architecture.qwen35;

import java.util.ArrayList;
import java.util.List;
import kawi.ModelFileException;
import kawi.architecture.Blueprint;
import kawi.architecture.qwen35.Qwen35Weights.Layer;
import kawi.architecture.qwen35.Qwen35Weights.LinearAttention;
import kawi.architecture.qwen35.Qwen35Weights.MixerWeights;
import kawi.architecture.qwen35.Qwen35Weights.SelfAttention;
import kawi.checkpoint.HuggingFaceCheckpoint;
import kawi.checkpoint.JsonFile;
import kawi.quant.Tensor;

/**
 * Finds a Qwen3.5 text model in a Hugging Face folder (Qwen3.5 specification, section 3.1). Such folders hold
 * zero-centred norm weights without their 1, {@code A_log}, and value heads grouped by key head. Checkpoints with a
 * vision part keep the text model under {@code model.language_model.}, text-only ones under {@code model.}.
 */
public final class Qwen35HuggingFace {

    private static final List<String> PREFIXES = List.of("model.language_model.", "model.");

    private final HuggingFaceCheckpoint folder;
    private final String prefix;
    private final Qwen35Config config;

    private Qwen35HuggingFace(HuggingFaceCheckpoint folder) {
        this.folder = folder;
        this.prefix = PREFIXES.stream()
                .filter(p -> folder.hasTensor(p + "embed_tokens.weight"))
                .findFirst()
                .orElseThrow(() -> new ModelFileException("%s: tensor embed_tokens.weight is missing; looked under %s"
                        .formatted(folder.name(), String.join(" and ", PREFIXES))));
        this.config = readConfig(folder.textConfig());
    }

    /** The model in {@code folder}. */
    public static Blueprint read(HuggingFaceCheckpoint folder) {
        return new Qwen35HuggingFace(folder).weights();
    }

    private Qwen35Config readConfig(JsonFile json) {
        JsonFile rope = json.object("rope_parameters")
                .or(() -> json.object("rope_scaling"))
                .orElse(json);
        String ropeType = rope.string("rope_type").or(() -> rope.string("type")).orElse("default");
        if (!ropeType.equals("default") && !ropeType.equals("mrope")) {
            throw new ModelFileException(
                    "%s: key rope_type: scaling \"%s\" of positions is not supported, only \"default\""
                            .formatted(rope.where(), ropeType));
        }
        unsupported(json, "attention_bias", json.bool("attention_bias", false));
        unsupported(json, "attn_output_gate", !json.bool("attn_output_gate", true));
        String activation = json.string("hidden_act").orElse("silu");
        if (!activation.equals("silu")) {
            throw new ModelFileException(
                    "%s: key hidden_act: \"%s\" is not supported, only \"silu\"".formatted(json.where(), activation));
        }
        int hidden = json.integer("hidden_size");
        int heads = json.integer("num_attention_heads");
        int headDim = json.integer("head_dim", heads < 1 ? 0 : hidden / heads);
        double rotaryFactor = rope.number("partial_rotary_factor", json.number("partial_rotary_factor", 0.25));
        unsupported(rope, "mrope_interleaved", !rope.bool("mrope_interleaved", true));
        int rotaryDims = (int) (headDim * rotaryFactor);
        Qwen35Config read = new Qwen35Config(
                hidden,
                json.integer("intermediate_size"),
                folder.tensor(prefix + "embed_tokens.weight").rows(),
                json.integer("max_position_embeddings"),
                fullAttention(json),
                heads,
                json.integer("num_key_value_heads"),
                headDim,
                rotaryDims,
                rope.number("rope_theta", json.number("rope_theta", 1e7)),
                Qwen35Config.sections(rope.integers("mrope_section"), rotaryDims),
                json.integer("linear_num_key_heads"),
                json.integer("linear_num_value_heads"),
                json.integer("linear_key_head_dim"),
                json.integer("linear_value_head_dim"),
                json.integer("linear_conv_kernel_dim"),
                (float) json.number("rms_norm_eps"),
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
        int layers = json.integer("num_hidden_layers");
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
        Tensor embedTokens = folder.tensor(prefix + "embed_tokens.weight", vocab, hidden);
        boolean tied = folder.textConfig()
                .bool(
                        "tie_word_embeddings",
                        folder.config().bool("tie_word_embeddings", !folder.hasTensor("lm_head.weight")));
        Tensor lmHead = tied ? null : folder.tensor("lm_head.weight", vocab, hidden);
        List<Layer> layers = new ArrayList<>();
        for (int i = 0; i < config.numHiddenLayers(); i++) {
            layers.add(
                    layer(prefix + "layers." + i + ".", config.fullAttention().get(i)));
        }
        return new Qwen35Weights(
                config, embedTokens, lmHead, zeroCentred(prefix + "norm.weight", hidden), layers, unusedParts());
    }

    private List<String> unusedParts() {
        List<String> parts = new ArrayList<>();
        if (folder.tensorNames().stream().anyMatch(name -> name.startsWith("model.visual."))) {
            parts.add("vision");
        }
        if (folder.tensorNames().stream().anyMatch(name -> name.startsWith("mtp."))) {
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
                folder.tensor(at + "conv1d.weight", channels, config.linearConvKernelDim()),
                rate(at + "A_log", valueHeads),
                folder.vector(at + "dt_bias", valueHeads),
                folder.vector(at + "norm.weight", config.linearValueHeadDim()));
    }

    /** {@code 1 + w}: the effective weight of a zero-centred norm. */
    private float[] zeroCentred(String name, int length) {
        float[] weight = folder.vector(name, length);
        for (int i = 0; i < length; i++) {
            weight[i] += 1f;
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
